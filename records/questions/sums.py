"""How many: parts by verdict and reason, and by score, in a time. Answered from the indexes."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from gonogo.records.schema import NOT_DELIVERED, SERIAL_BITS

if TYPE_CHECKING:
    from gonogo.records.questions.files import File, Files

_REASONS = """
SELECT verdict, reason, count(*) FROM parts
WHERE verdict <> 1 AND wall_ms >= ? AND wall_ms < ? GROUP BY verdict, reason
"""
_VERDICTS = """
SELECT verdict, count(*) FROM parts WHERE wall_ms >= ? AND wall_ms < ? AND id < ? GROUP BY verdict
"""
# of these the PLC has heard nothing, and has rejected each by silence
_UNDELIVERED = """
SELECT verdict, count(*) FROM parts
WHERE delivered = 0 AND wall_ms >= ? AND wall_ms < ? AND id < ? GROUP BY verdict
"""
_LAST = (1 << 63) - 1
# counted here: SQLite would sort them first, which takes three times as long
_SCORES = """
SELECT verdict << 16 | score FROM parts
WHERE wall_ms >= ? AND wall_ms < ? AND score IS NOT NULL
"""


def reasons(files: Files, since_ms: int, until_ms: int) -> Counter[tuple[str, str]]:
    """Parts that were not accepted, by verdict and reason; UTC ms, the second excluded."""

    def counted(file: File) -> Counter[tuple[str, str]]:
        found = file.db.execute(_REASONS, (since_ms, until_ms))
        return Counter(
            {(file.word("verdict", v), file.word("reason", r)): count for v, r, count in found}
        )

    return sum(files.ask(counted), Counter())


def verdicts(files: Files, since_ms: int, until_ms: int, before: tuple[str, int]) -> Counter[str]:
    """Parts by verdict, older than the one with that run and serial; UTC ms as above.

    What never reached the PLC counts as NOT_DELIVERED, whatever was decided of it.
    """
    run, serial = before

    def counted(file: File) -> Counter[str]:
        numbers = [number for number, name in file.runs.items() if name == run]
        end = numbers[0] << SERIAL_BITS | serial if numbers else _LAST
        asked = since_ms, until_ms, end
        found = Counter(dict(file.db.execute(_VERDICTS, asked).fetchall()))
        lost = Counter(dict(file.db.execute(_UNDELIVERED, asked).fetchall()))
        named = Counter({file.word("verdict", each): n for each, n in (found - lost).items()})
        return named + Counter({NOT_DELIVERED: lost.total()})

    return sum(files.ask(counted), Counter())


def scores(files: Files, since_ms: int, until_ms: int) -> dict[str, Counter[int]]:
    """Parts by verdict, and then by SCORE word."""
    found: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def counted(file: File) -> None:
        both = Counter(chain.from_iterable(file.db.execute(_SCORES, (since_ms, until_ms))))
        words = {code: file.word("verdict", code) for code in {each >> 16 for each in both}}
        for each, count in both.items():
            found[words[each >> 16]][each & 0xFFFF] += count

    files.ask(counted)
    return dict(found)
