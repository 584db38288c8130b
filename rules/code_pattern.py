"""Patterns that a code must match: regular expressions that cannot keep the line waiting.

Python's own matcher tries one way after the other, and a pattern such as `(a+)+b` has more ways
than a day has milliseconds. So the ways of a pattern are counted before it is used (Friedl,
"Mastering Regular Expressions", 3rd ed., chapter 4), and one with too many is refused.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

# its public name, sre_parse, warns from Python 3.11 on
_PARSER: Any = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
LONGEST_TEXT = 256  # characters of a code that is compared; what is longer is equal to nothing
LONGEST_PATTERN = 200
MOST_WAYS = 100_000  # a few milliseconds at most, on a text of the longest
_PLAIN = ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern for `fits`; ValueError says what is wrong with it."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"expected at most {LONGEST_PATTERN} characters, got {len(pattern)}")
    try:
        made = re.compile(pattern)
        ways = _ways(_PARSER.parse(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"expected a regular expression, got one in which {error}") from error
    if ways > MOST_WAYS:
        raise ValueError(
            f"expected a pattern that is tried in at most {MOST_WAYS} ways, got one with more: say "
            "how often each piece may come, as in [A-Z]{1,8} for [A-Z]+, and repeat no repetition"
        )
    return made


def fits(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match of the whole of a text; None where it does not match or is too long."""
    return pattern.fullmatch(text) if len(text) <= LONGEST_TEXT else None


def _ways(tree: Any) -> int:  # noqa: ANN401 - Python has no name for it
    """In how many ways a sequence can be gone through; MOST_WAYS + 1 for all beyond."""
    ways = 1
    for kind, value in tree:
        ways = min(ways * _ways_of(str(kind), value), MOST_WAYS + 1)
    return ways


def _ways_of(kind: str, value: Any) -> int:  # noqa: ANN401 - as above
    if kind in _PLAIN:
        return 1
    if kind == "BRANCH":
        return sum(_ways(branch) for branch in value[1])
    if kind == "SUBPATTERN":
        return _ways(value[-1])
    if kind in _REPEATS:
        least, most, body = value
        return _repeated(_ways(body), int(least), min(int(most), LONGEST_TEXT))
    # what looks back or ahead is matched again and again, and nobody needs it for a code
    what = kind.lower().replace("_", " ")
    raise ValueError(f"expected characters, sets, groups, | and repetitions, got {what}")


def _repeated(body: int, least: int, most: int) -> int:
    ways, one = 0, 1
    for times in range(most + 1):
        ways += one if times >= least else 0
        one *= body
        if max(ways, one) > MOST_WAYS:
            return MOST_WAYS + 1
    return max(ways, 1)
