"""Requests and parts for tests of dispositions."""

from __future__ import annotations

from itertools import count

from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.book import KnownPart, Request
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.records.dispositions.words import Origin, PartKey, Word

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
