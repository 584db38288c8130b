"""A part's picture in words: where it lies, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.records.questions.pictures import Picture

_STATES = {
    "NO_FRAME": "none: no frame of the part came",
    "OVERWRITTEN": "none: the frame was overwritten before it was copied",
    "BEHIND": "none: too many pictures waited to be written",
    "NOT_WRITTEN": "none: the disk took no file",
    "TOO_OLD": "none any more: it was older than max_age_days",
    "NO_ROOM": "none any more: it gave way to newer ones",
    "REPLACED": "none any more: another part was drawn into the audit sample",
}
_KINDS = {"REJECT": "", "AUDIT": ", of the audit sample", "NTH": ", of the good ones"}


def picture_lines(picture: Picture) -> Iterator[str]:
    """One line, and one for its map."""
    yield f"  picture  {picture.view}: {_where(picture)}{_KINDS.get(picture.kind, '')}"
    if picture.place is not None and picture.map:
        yield (
            f"  map      {picture.view}: {picture.map}, black is {picture.map_low:.6g}, "
            f"white {picture.map_high:.6g}"
        )


def _where(picture: Picture) -> str:
    if picture.state != "KEPT":
        return _STATES.get(picture.state, picture.state)
    if picture.place is None:
        return f"none any more: somebody removed {picture.path}"
    if picture.fault not in {"", "OK"}:  # a frame at the wrong time is that of some other moment
        return f"{picture.path} (not trusted, {picture.fault}: it may show another part)"
    return picture.path
