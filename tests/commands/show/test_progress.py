"""A bar for each thing that is under way, and how long the rest takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.show.progress import LEAST_S, Pace, progress_bar

if TYPE_CHECKING:
    import pytest


def test_progress_bar_has_a_line_for_each_thing(capsys: pytest.CaptureFixture[str]) -> None:
    """However often it is told of it, in whatever order, whatever it is doing now."""
    with progress_bar() as report:
        for done in range(3):
            report("teaching", done, 2)
            report(f"proving: {done} of 4 in float", done, 4)
    said = capsys.readouterr().out
    assert said.count("teaching") == said.count("proving") == 1
    assert "proving: 2 of 4 in float" in said


def test_progress_bar_leaves_the_lines_of_a_command_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What goes into a file holds no bar."""
    with progress_bar(to_stderr=True) as report:
        report("measuring", 1, 2)
    said = capsys.readouterr()
    assert (said.out, "measuring" in said.err) == ("", True)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        """What it was set to."""
        return self.now_s


def _stepped(pace: Pace, clock: Clock, taken_s: float, done: int, total: int) -> None:
    clock.now_s += taken_s
    pace.step(done, total)


def test_pace_reckons_by_what_was_measured() -> None:
    """Steps that were finished in an earlier run take no time and tell nothing."""
    clock = Clock()
    pace = Pace(clock)
    pace.step(0, 20)
    assert pace.left_s is None
    for done in range(1, 9):
        _stepped(pace, clock, 0.0, done, 20)
    assert pace.left_s is None
    _stepped(pace, clock, 6.0, 9, 20)
    _stepped(pace, clock, 8.0, 10, 20)
    assert pace.left_s == 70.0


def test_pace_is_never_at_the_end_before_it_is() -> None:
    """A step that takes longer than all before it: something is left, until it is done."""
    clock = Clock()
    pace = Pace(clock)
    pace.step(0, 2)
    _stepped(pace, clock, 2.0, 1, 2)
    clock.now_s += 300
    assert pace.left_s == LEAST_S
    pace.step(2, 2)
    assert pace.left_s == 0
