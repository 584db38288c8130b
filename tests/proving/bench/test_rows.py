"""A row of the benchmark: when its limit is met, and what a row that was not run says."""

from __future__ import annotations

import pytest

from gonogo.proving.bench.rows import Row


@pytest.mark.parametrize(
    ("value", "control", "better", "met"),
    [
        (11.0, 10.0, "lower", True),
        (12.1, 10.0, "lower", False),
        (12.0, 10.0, "lower", True),
        (11.0, 10.0, "higher", False),
        (12.0, 10.0, "higher", True),
    ],
)
def test_row_keeps_its_limit_on_the_side_that_is_better(
    value: float,
    control: float,
    better: str,
    met: bool,  # noqa: FBT001 - a parameter
) -> None:
    """At the limit itself it is met."""
    assert Row("x", value, control, better, "ms", 1.2, "").met is met


def test_row_that_was_not_run_breaks_nothing_and_says_so() -> None:
    """Neither figure nor ratio; nor has a control of 0 a ratio."""
    row = Row("x", None, None, "lower", "ms", 1.0, "not run: no such device")
    assert (row.ratio, row.met) == (None, True)
    assert (row.as_json()["value"], row.as_json()["note"]) == (None, "not run: no such device")
    assert Row("x", 5.0, 0.0, "lower", "ms", 1.0, "").ratio is None


def test_row_is_reported_to_what_was_measured() -> None:
    """Four digits behind the point, with the ratio of the whole figures."""
    found = Row("x", 1.000049, 3.0, "lower", "ms", None, "how").as_json()
    assert (found["value"], found["control"], found["ratio"]) == (1.0, 3.0, 0.3333)
    assert (found["name"], found["unit"], found["limit"], found["better"]) == (
        "x", "ms", None, "lower",
    )  # fmt: skip
