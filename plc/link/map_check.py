"""What stands where the station will write, in one line: our map, nothing, or something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.plc.register_map import BOX_AT, MAGIC, MAP_VERSION, SESSION_AT

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION_AT = 1


class Standing(NamedTuple):
    """One line for people; `wrong`: to be mended before the station writes there."""

    text: str
    wrong: bool = False


def standing(words: Sequence[int] | None) -> Standing:
    """Of D0-D31 as they were read before any write of ours; None where they cannot be read."""
    if words is None:
        return Standing("D0-D31 cannot be read there: whether it is our map cannot be told")
    # memory as a PLC has it after its first download
    if not any(words):
        return Standing("D0-D31 read 0: no station has written there yet")
    if words[0] == MAGIC:
        return _ours(words)
    if words[0] == (MAGIC & 0xFF) << 8 | MAGIC >> 8:
        return Standing(
            "MAGIC (D0) has its two bytes swapped: set the PLC's area to big-endian words",
            wrong=True,
        )
    # the map is there, and we look beside it
    if MAGIC in words:
        off = tuple(words).index(MAGIC)
        return Standing(
            f"MAGIC stands in D{off}, expected in D0: a station has written {off} words further "
            f"on; change d_base (S7: d_offset) by {off:+d} words, or that station's",
            wrong=True,
        )
    return Standing(
        f"D0-D31 hold something that no station wrote (D0 = {words[0]}, expected {MAGIC} or 0), "
        "which would be written over: is d_base (S7: db, d_offset) right? If so, set them to 0",
        wrong=True,
    )


def _ours(words: Sequence[int]) -> Standing:
    version, box, session = (words[at] for at in (_VERSION_AT, BOX_AT, SESSION_AT))
    if version != MAP_VERSION:
        return Standing(
            f"D0-D31 hold our map in version {version}, expected {MAP_VERSION}: another version of "
            "gonogo has written there; use the function block that came with this one",
            wrong=True,
        )
    return Standing(f"D0-D31 hold our map (BOX_ID {box}, SESSION_ID {session} wrote it last)")
