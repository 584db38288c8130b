"""Rules and engine together, and what they are worth on parts left out."""

from __future__ import annotations

import numpy as np

from gonogo.build.firstday.judged import Scores, accepted, expected, judges_of
from gonogo.tests.build.firstday.measurements import around, measurements, width

GOOD_SCORES = np.linspace(1.0, 2.0, 20)


def scores(*bad: float) -> Scores:
    """Twenty good parts, and these bad ones."""
    return Scores(GOOD_SCORES, np.array(bad))


def test_the_engines_limits_are_those_of_the_first_day_where_rules_tell_all() -> None:
    """Bad parts that a rule rejects need no tighter engine."""
    values = measurements([(width("w"), around(100), [50.0, 51.0])])
    judges = judges_of(values, scores(1.96, 1.97))
    assert judges.engine is not None
    assert not judges.drawn
    assert judges.engine.recheck_above == 2.0


def test_bad_parts_that_no_rule_tells_draw_in_where_a_recheck_begins() -> None:
    """Not below most of the good parts."""
    values = measurements([(width("w"), around(100), [100.0, 100.0])])
    judges = judges_of(values, scores(1.98, 1.2))
    assert judges.engine is not None
    assert judges.drawn
    assert 1.95 < judges.engine.recheck_above < 1.98
    assert judges.engine.reject_above >= judges.engine.recheck_above


def test_a_part_is_accepted_by_both_or_not_at_all() -> None:
    """A recheck is no accept."""
    values = measurements([(width("w"), around(100), [50.0, 51.0])])
    judges = judges_of(values, scores(9.0, 9.0))
    seen = np.array([[100.0, 100.0, 50.0]])
    assert accepted(judges, seen, np.array([1.5, 9.0, 1.5])).tolist() == [True, False, False]
    assert accepted(judges, seen, None).tolist() == [True, True, False]


def test_what_is_expected_is_counted_on_parts_left_out() -> None:
    """A bad part like good ones escapes; the extreme good part is thrown out."""
    good = [*around(100, 19), 104.0]
    values = measurements([(width("w"), good, [50.0, 51.0, 52.0, 100.0])])
    found = expected(values, None)
    assert found.escape is not None
    assert (found.escape.events, found.escape.of) == (1, 4)
    assert (found.overkill.events, found.overkill.of) == (1, 20)


def test_without_bad_parts_escape_is_not_known() -> None:
    """And is no zero."""
    values = measurements([(width("w", holds=True), around(100), [])])
    assert expected(values, Scores(GOOD_SCORES, np.empty(0))).escape is None


def test_the_engine_counts_in_what_is_expected() -> None:
    """Parts that no rule tells, and the engine does."""
    values = measurements([(width("w"), around(100), [100.0] * 3)])
    alone, both = expected(values, None), expected(values, scores(8.0, 9.0, 9.5))
    assert alone.escape is not None
    assert both.escape is not None
    assert (alone.escape.events, both.escape.events) == (3, 0)
    assert both.overkill.events >= 1  # the highest good score is above those of all others
