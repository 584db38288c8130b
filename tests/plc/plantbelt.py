"""The belt of the plant: what each part is, where it is, and what the PLC was told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gonogo.base.words import VerdictKind
from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, RECORD_WORDS, unpack_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DECISION, EJECT = 200, 250  # counts; the belt does one a millisecond
EYE = 20  # length of a part in counts


@dataclass
class Item:
    """One physical part: what it is, who it is for the PLC, and what became of it."""

    good: bool
    entered: int  # belt position at the photo-eye
    at: int = 0  # and at the scan that saw it there
    part_id: int = -1  # of the PLC's PART_ID when its edge was seen; -1: not yet seen
    accepted: bool = False  # an ACCEPT for it stood in the PLC's words before the decision point
    named: bool = False  # the station has taken it for a new part
    passed: bool | None = None


class Belt:
    """The physical side: every part from the photo-eye to the ejector, and the judge."""

    def __init__(self) -> None:
        self.position = 0
        self.items: list[Item] = []
        self.gone: list[Item] = []

    def named(self, part_id: int) -> Item:
        """The part that the PLC last gave this id."""
        return next(i for i in reversed([*self.gone[-64:], *self.items]) if i.part_id == part_id)

    def eye(self) -> bool:
        """The photo-eye is covered."""
        return any(self.position - item.entered < EYE for item in self.items)

    def new(self) -> Item | None:
        """The part at the photo-eye whose edge no scan has seen yet."""
        return next((i for i in self.items if i.part_id < 0), None)

    def due(self) -> Iterator[Item]:
        """Parts that have come to the ejector."""
        while self.items and self.items[0].part_id >= 0 and self._way(self.items[0]) >= EJECT:
            item = self.items.pop(0)
            self.gone.append(item)
            yield item

    def note(self, words: Sequence[int]) -> None:
        """Look for ACCEPTs that the PLC was given in time, by an eye of our own."""
        for at in range(HEADER_WORDS, D_WORDS, RECORD_WORDS):
            record = unpack_record(words[at : at + RECORD_WORDS])
            if record and record.verdict == VerdictKind.ACCEPT and not record.flags:
                for item in self.items:
                    if item.part_id == record.part_id > 0 and self._way(item) <= DECISION:
                        item.accepted = True

    def _way(self, item: Item) -> int:
        return self.position - item.at
