"""Patterns for codes: what would keep the line waiting is refused, and what is usual is not."""

from __future__ import annotations

import pytest

from gonogo.rules.code_pattern import LONGEST_TEXT, compiled, fits


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("SN-[0-9]{4}", "SN-0042", True),
        ("SN-[0-9]{4}", "SN-00421", False),
        ("SN-[0-9]{4}", "xSN-0042", False),
        ("SN-[0-9]{4}", "SN-0042\n", False),
        (r"[A-Z]+-\d+", "LOT-7", True),
        (r"\d{8}", "12345678", True),
        (r"\d{8}", "1234567", False),
        ("(?i)sn[0-9]{2}", "SN42", True),
        ("A|B|CC", "CC", True),
        ("(AB|CD){2}", "ABCD", True),
        ("[^-]{1,20}-[^-]{1,20}-[^-]{1,20}", "a-bc-d", True),
        (".*", "x" * LONGEST_TEXT, True),
        (".*", "x" * (LONGEST_TEXT + 1), False),
        (r"01\d{14}\x1d10[A-Z]{1,8}", "0104012345678901\x1d10AB", True),
    ],
)
def test_pattern_matches_the_whole_of_a_text(pattern: str, text: str, *, expected: bool) -> None:
    """And of no text that is longer than the longest."""
    assert (fits(compiled(pattern), text) is not None) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a|aa)+b",
        "(a*)*b",
        "(a?){40}a{40}",
        "(.*,){8}x",
        "(?:.{0,17}){1,3}x",
        ".*.*.*x",
        "(x+x+)+y",
        "(a|b|ab)*c",
        "((((a?)?)?)?){99}",
        "(?:(?:a{0,9}){0,9}){0,9}",
    ],
)
def test_pattern_with_too_many_ways_is_refused(pattern: str) -> None:
    """Each of these has kept some program waiting until somebody ended it."""
    with pytest.raises(ValueError, match="at most 100000 ways, got one with more"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", [r"(.)\1", "(?=a)b", "(?!a)b", "(?<=a)b", r"(?P<x>a)(?P=x)"])
def test_pattern_that_looks_back_or_ahead_is_refused(pattern: str) -> None:
    """Its ways are not counted."""
    with pytest.raises(ValueError, match="expected characters, sets, groups"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", ["(", "[a", "a{3,1}", "*", "(?P<1>a)", "a{99999999999}"])
def test_pattern_that_is_none_is_refused(pattern: str) -> None:
    """With what is wrong with it."""
    with pytest.raises(ValueError, match="expected a regular expression, got one in which"):
        compiled(pattern)


def test_pattern_that_is_too_long_is_refused() -> None:
    """Nobody reads it."""
    with pytest.raises(ValueError, match="expected at most 200 characters, got 201"):
        compiled("a" * 201)
