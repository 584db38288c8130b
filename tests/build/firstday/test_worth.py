"""How good a new station is, in sentences with their interval."""

from __future__ import annotations

from gonogo.base.interval import estimate
from gonogo.build.firstday.judged import Expected, judges_of
from gonogo.build.firstday.worth import worth
from gonogo.tests.build.firstday.measurements import around, measurements, width


def said(escaped: int | None, thrown: int, good: int = 40, bad: int = 10) -> str:
    """Of a station whose one rule tells half of the bad parts."""
    row = [50.0] * (bad // 2) + [100.0] * (bad - bad // 2)
    values = measurements([(width("w", holds=True), around(100, good), row if bad else [])])
    escape = None if escaped is None else estimate(escaped, bad)
    return "\n".join(
        worth(judges_of(values, None), Expected(estimate(thrown, good), escape), values)
    )


def test_both_shares_are_said_with_what_they_are_counted_on() -> None:
    """And how sure that is."""
    text = said(0, 1)
    assert "of good parts to come about 2.5 % (1 of 40; 95 % sure of" in text
    assert "of bad parts like these about 0.0 % (0 of 10; 95 % sure of 0.0 to 30.8 %)" in text
    assert "the rules reject 5 of 10, the engine judges the rest" in text
    assert "NOT GOOD" not in text


def test_without_bad_pictures_nobody_knows_what_passes() -> None:
    """It is no promise that nothing does."""
    text = said(None, 0, bad=0)
    assert "how many bad parts would pass nobody knows" in text


def test_the_last_line_sums_it_up_and_says_no_more_than_the_parts_tell() -> None:
    """By the interval, with what helps."""
    assert said(8, 0).splitlines()[-1].startswith("NOT GOOD ENOUGH YET: too many bad parts would")
    assert said(0, 20).splitlines()[-1].startswith("NOT GOOD ENOUGH YET: too many good parts")
    assert said(1, 0).splitlines()[-1].startswith("perhaps good enough, so few parts do not tell")
    assert said(0, 0).splitlines()[-1].startswith("good enough, as far as these parts tell")
    assert said(None, 0, bad=0).splitlines()[-1].startswith("good parts pass it")


def test_few_good_parts_are_told_so() -> None:
    """Of a dozen the limits are wide."""
    assert "12 good parts say little" in said(0, 0, good=12)
    assert "say little" not in said(0, 0)
