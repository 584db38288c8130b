"""Requests and parts for tests of dispositions."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.book import KnownPart, Request
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.records.dispositions.words import Origin, PartKey, Word
from gonogo.records.questions.part_row import Delivery, PartRow, Place, Stages

CODES = DispositionsSection().means
PART = PartKey("run-1", 7)
NOON_MS = 1_796_040_000_000
REJECTED = KnownPart(
    4711, NOON_MS, VerdictKind.REJECT, Reason.ENGINE, 6200, "00000000000000aa", 1, "L-17"
)
ACCEPTED = REJECTED._replace(verdict=VerdictKind.ACCEPT, reason=Reason.OK, score=1200)
_ids = count(1)


def request(word: Word = Word.FALSE_REJECT, who: str = "ann", seen: int = 0) -> Request:
    """With an id of its own."""
    return Request(f"request-{next(_ids)}", PART, word, "", "", who, Origin.REVIEW, seen)


def passed(serial: int, wall_ms: int = NOON_MS) -> PartRow:
    """An accepted part of the run, as it is read back."""
    heard = Delivery(delivered=True, verdict="ACCEPT", reason="OK", sequence=1)
    return PartRow(
        PART.run, serial, serial, wall_ms, "ACCEPT", "OK", "FULL", 1200, "", "", "", 1, "", "", "",
        "", heard, Stages(*[None] * 8), Place(Path("r"), serial),
    )  # fmt: skip
