"""`gonogo check` says what keeps the order of memory, and what was seen of it."""

from __future__ import annotations

import pytest

from gonogo.base import fence
from gonogo.commands.check_fence import check_fence
from gonogo.commands.report import Report
from gonogo.proving.litmus import Count, Pattern

ARM = fence.Fence("machine code", "machine code on aarch64", fence.nothing)


def said_of(of: fence.Fence, *found: int) -> tuple[list[str], list[str]]:
    """What a check says and finds wrong: so many violations with fences, and three without."""
    said: list[str] = []
    report = Report(said.append)
    counts = [
        Count(pattern, fenced=fenced, tried=100, violations=found[pattern] if fenced else 3)
        for pattern in Pattern
        for fenced in (False, True)
    ]
    check_fence(report, lambda: of, lambda _: counts)
    return said, report.findings


def test_check_says_that_x86_64_needs_no_fence() -> None:
    """And runs nothing."""
    assert said_of(fence.NONE, 1, 1) == (
        [
            "memory order: x86-64 keeps the order of stores and loads: no fence is needed",
            "  litmus run: skipped, there is no fence to try",
        ],
        [],
    )


def test_check_counts_what_was_out_of_order() -> None:
    """Without fences is no fault: that is what they are for."""
    said, findings = said_of(ARM, 0, 0)
    assert said == [
        "memory order: machine code on aarch64",
        "  message passing, without fences: 3 of 100 out of order",
        "  message passing, with fences: 0 of 100 out of order",
        "  store buffering, without fences: 3 of 100 out of order",
        "  store buffering, with fences: 0 of 100 out of order",
    ]
    assert findings == []


@pytest.mark.parametrize("found", [(1, 0), (0, 1)])
def test_check_refuses_a_box_whose_fences_do_not_hold(found: tuple[int, int]) -> None:
    """One is enough: no part may be judged there."""
    _, (finding,) = said_of(ARM, *found)
    assert finding.startswith(
        "GN506: memory order: 1 out of order with fences (machine code on aarch64), expected none"
    )


def test_check_says_why_nothing_could_be_tried() -> None:
    """A box with one core, or one that runs no machine code of ours."""
    said: list[str] = []
    report = Report(said.append)

    def refuse(_: float) -> list[Count]:
        raise OSError("one core")

    check_fence(report, lambda: ARM, refuse)
    assert said[1:] == ["  litmus run: not run: one core"]
    assert report.findings == []


def test_check_refuses_a_box_without_a_fence() -> None:
    """As the start would."""
    report = Report(lambda _: None)
    check_fence(report, lambda: fence.choose("aarch64", 32))
    assert report.findings[0].startswith("GN505: memory order: ")
