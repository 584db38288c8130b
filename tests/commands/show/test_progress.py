"""A bar for each thing that is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.show.progress import progress_bar

if TYPE_CHECKING:
    import pytest


def test_progress_bar_has_a_line_for_each_thing(capsys: pytest.CaptureFixture[str]) -> None:
    """However often it is told of it, and in whatever order."""
    with progress_bar() as report:
        for done in range(3):
            report("teaching", done, 2)
            report("proving", done, 4)
    said = capsys.readouterr().out
    assert said.count("teaching") == said.count("proving") == 1
