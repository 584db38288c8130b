"""How many: parts by verdict and reason, and by score, in a time. Answered from the indexes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.records.questions.files import File, Files

_REASONS = """
SELECT verdict, reason, count(*) FROM parts
WHERE verdict <> 1 AND wall_ms >= ? AND wall_ms < ? GROUP BY verdict, reason
"""
_SCORES = """
SELECT verdict, score, count(*) FROM parts
WHERE wall_ms >= ? AND wall_ms < ? AND score IS NOT NULL GROUP BY verdict, score
"""


def reasons(files: Files, since_ms: int, until_ms: int) -> Counter[tuple[str, str]]:
    """Parts that were not accepted, by verdict and reason; UTC ms, the second excluded."""

    def counted(file: File) -> Counter[tuple[str, str]]:
        found = file.db.execute(_REASONS, (since_ms, until_ms))
        return Counter(
            {(file.word("verdict", v), file.word("reason", r)): count for v, r, count in found}
        )

    return sum(files.ask(counted), Counter())


def scores(files: Files, since_ms: int, until_ms: int) -> Counter[tuple[str, int]]:
    """Parts by verdict and SCORE word."""

    def counted(file: File) -> Counter[tuple[str, int]]:
        found = file.db.execute(_SCORES, (since_ms, until_ms))
        return Counter({(file.word("verdict", v), score): count for v, score, count in found})

    return sum(files.ask(counted), Counter())
