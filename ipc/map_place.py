"""Where the map of a view's engine lies on its frames, in the memory of its engine place's queue.

Its host writes it when the engine is loaded, anybody may read; whoever shows a map loads no model.
A map lies over all that the model sees of its input, so its edges may be outside of the frame (the
bars of a letterbox), or within it (a centre crop).

    words of a view   0 raised before it is written and after it: odd meanwhile, 0 of none ever
                      1..4 top, left, bottom, right of the whole map, px of the frame (float64)
                      5, 6 cells down and across that; no whole numbers where the last reach over;
                      0 of an engine that makes no map
                      7 which engine this is of
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.ipc.engine_queue import MAP_WORDS, MAPS_AT

if TYPE_CHECKING:
    from gonogo.ipc.engine_queue import HostMailbox, MailboxView

_ENGINE = 7


class MapPlace(NamedTuple):
    """Of one engine: `rows` and `columns` are cells from edge to edge."""

    engine_id: int
    top_px: float
    left_px: float
    bottom_px: float
    right_px: float
    rows: float
    columns: float


def place_of(mailbox: MailboxView, view: int) -> MapPlace | None:
    """That of the engine that was loaded last; None where none was, or it makes no map."""
    words, reals, at = mailbox.words, mailbox.reals, MAPS_AT + MAP_WORDS * view
    stamp = words[at]
    mailbox.fence()
    found = MapPlace(words[at + _ENGINE], *(reals[at + k] for k in range(1, _ENGINE)))
    mailbox.fence()
    # another one came meanwhile: it is told at the next question
    whole = stamp and not stamp % 2 and words[at] == stamp
    return found if whole and found.rows and found.columns else None


def tell_place(mailbox: HostMailbox, view: int, place: MapPlace) -> None:
    """The host's side: this engine is loaded now."""
    words, reals, at = mailbox.words, mailbox.reals, MAPS_AT + MAP_WORDS * view
    words[at] += 1 + words[at] % 2  # odd, also after a host that died as it wrote
    mailbox.fence()
    words[at + _ENGINE] = place.engine_id
    for k, value in enumerate(place[1:], start=1):
        reals[at + k] = value
    mailbox.fence()
    words[at] += 1
