"""What the rules say of a part, within a record of the verdict journal.

96 + 4c  check c: status | bytes of its text << 8, value f, low f, high f
behind the last check: the texts in their order, UTF-8, each from a whole word on
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from gonogo.base.words import TEXT_BYTES, RuleResult, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RECORD_WORDS = 256  # 2 KiB: 8 views and 32 checks, and 32 words for texts
CHECKS_AT = 96
STATUS_BITS = 8  # of the word with the status and how long a text is
_STATUS = (1 << STATUS_BITS) - 1
# a check has 4 words, its text 16: so many rules fit, of which one with a text counts as five
ROOM, ROOM_OF_TEXT = (RECORD_WORDS - CHECKS_AT) // 4, TEXT_BYTES // 32


def end_of_checks(words: memoryview[int], count: int) -> int:
    """The word behind them and their texts; within the record also of one that may be torn."""
    end = min(CHECKS_AT + 4 * count, RECORD_WORDS)
    texts = sum(_words_of(words[at] >> STATUS_BITS) for at in range(CHECKS_AT, end, 4))
    return min(end + max(texts, 0), RECORD_WORDS)


def checks_of(words: memoryview[int], reals: memoryview[float], count: int) -> Iterator[RuleResult]:
    """Read them back, `count` of them; ValueError where one of them is none."""
    behind = CHECKS_AT + 4 * count
    for at in range(CHECKS_AT, behind, 4):
        status, size = Status(words[at] & _STATUS), words[at] >> STATUS_BITS
        text = _text(words, behind, size) if size else ""
        behind += _words_of(size)
        yield RuleResult(status, reals[at + 1], reals[at + 2], reals[at + 3], text)


def _text(words: memoryview[int], at: int, size: int) -> str:
    """ValueError where it does not lie within the record, or is no UTF-8."""
    if not 0 <= size <= TEXT_BYTES or at + _words_of(size) > RECORD_WORDS:
        raise ValueError(f"text of a check: expected 0 to {TEXT_BYTES} bytes, got {size}")
    return words[at : at + _words_of(size)].tobytes()[:size].decode()


def _words_of(size: int) -> int:
    """Whole words that so many bytes take."""
    return (size + 7) // 8


def put_checks(
    words: memoryview[int], reals: memoryview[float], checks: Sequence[RuleResult]
) -> None:
    """Write what the rules say into the words of a record, at most ROOM of them.

    A text for which there is no room is left out: nothing is raised in the cycle.
    """
    at, behind = CHECKS_AT, CHECKS_AT + 4 * len(checks)
    for check in checks:
        raw = check.text.encode("utf-8", "replace") if check.text else b""
        count = _words_of(len(raw))
        if len(raw) > TEXT_BYTES or behind + count > RECORD_WORDS:
            raw, count = b"", 0
        words[at] = check.status | len(raw) << STATUS_BITS
        reals[at + 1], reals[at + 2], reals[at + 3] = check.value, check.low, check.high
        if count:
            padded = struct.unpack(f"={count}q", raw.ljust(8 * count, b"\0"))
            for k, word in enumerate(padded):
                words[behind + k] = word
        at, behind = at + 4, behind + count
