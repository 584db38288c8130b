"""What a person is asked about the audit sample, and in which order.

Each part of it is asked of one person, in the order of its lot, which is chance and the same
whenever it is asked. One in so many is asked of the same person again once they have answered
others since, and nothing tells that one from a new one: so each agrees with themselves, or not.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.dispositions.part import key_of
from gonogo.records.dispositions.words import Origin, PartKey, Word
from gonogo.records.lot import AUDIT, lot_of
from gonogo.records.shifts import shift_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.questions.part_row import PartRow

LATER = 5  # answers between the first time and the second
ANSWERS = {"good": Word.CONFIRMED, "defect": Word.MISSED_DEFECT, "unsure": Word.UNSURE}


class Question(NamedTuple):
    """A part that a person is to look at; `ticket` is the request id of the answer."""

    ticket: str
    part: PartRow


def questions(
    sample: Iterable[PartRow], said: Iterable[Disposition], who: str, one_in: int
) -> list[Question]:
    """Those that are open for a person, the next one first; new ones in the order of `sample`.

    `one_in` 0: nothing is asked again.
    """
    parts = {key_of(each): each for each in sample}
    answers = [each for each in said if each.origin is Origin.AUDIT]
    mine = [each for each in answers if each.who == who]
    again = [key for key in _again(mine, who, one_in) if key in parts]
    answered = {each.part for each in answers}
    fresh = [key for key in parts if key not in answered]
    return [
        *(Question(ticket(key, who, 1), parts[key]) for key in again),
        *(Question(ticket(key, who, 0), parts[key]) for key in fresh),
    ]


def in_order(sample: Iterable[PartRow], starts: Sequence[str]) -> list[PartRow]:
    """The newest shift first, by lot within each; `starts` as in [records]."""

    def place(part: PartRow) -> tuple[int, int]:
        return -shift_start_ms(part.wall_ms, starts), lot_of(part.run, AUDIT, part.serial)

    return sorted(sample, key=place)


def ticket(part: PartKey, who: str, turn: int) -> str:
    """The same whenever it is asked: an answer that is sent twice counts once."""
    text = f"{part.run}/{part.serial}/{who}/{turn}".encode("utf-8", "surrogateescape")
    return f"audit-{hashlib.blake2b(text, digest_size=8).hexdigest()}"


def _again(mine: Sequence[Disposition], who: str, one_in: int) -> list[PartKey]:
    """Parts that this person has answered once, and is due to be asked about again."""
    if not one_in:
        return []
    times: dict[PartKey, list[int]] = {}  # places among this person's answers
    for place, each in enumerate(mine):
        times.setdefault(each.part, []).append(place)
    due = []
    for number, (part, places) in enumerate(times.items()):
        block, at = divmod(number, one_in)
        # one of each block, at a place by chance: nobody can count along
        drawn = at == lot_of(who, "again", block) % one_in
        if drawn and len(places) == 1 and len(mine) - places[0] > LATER:
            due.append(part)
    return due
