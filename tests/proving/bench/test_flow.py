"""Fifty parts a second: what counts as a part with its one timely record."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.proving.bench.flow import row_of

CLEAN: dict[str, Any] = {
    "parts": 100, "late": 0, "missing": 0, "wrong_part": 0, "doubled": 0,
    "verdict_kinds": {"accept": 60, "reject": 40}, "ack_ms": {"p50": 20.1},
    "by_judge": {"late": 0, "missing": 0},
}  # fmt: skip


def test_flow_of_parts_with_one_timely_record_each_meets_its_limit() -> None:
    """All of them; the note tells what they were."""
    row = row_of("flow", 90.0, CLEAN)
    assert (row.value, row.control, row.met) == (100, 100, True)
    assert "60 accept, 40 reject; acknowledged p50 20.1 ms" in row.note


@pytest.mark.parametrize("wrong", ["late", "missing", "wrong_part", "doubled"])
def test_flow_with_one_wrong_record_does_not(wrong: str) -> None:
    """Of any kind."""
    assert not row_of("flow", 90.0, CLEAN | {wrong: 1}).met


def test_flow_says_what_the_judge_itself_missed() -> None:
    """It counts all the same: the row is to be run again."""
    row = row_of("flow", 90.0, CLEAN | {"missing": 2, "by_judge": {"late": 0, "missing": 2}})
    assert row.note.endswith("2 untimely by the PLC simulator itself")
    assert not row.met
