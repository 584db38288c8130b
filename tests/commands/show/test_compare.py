"""Two engines on the same parts, as tables."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rich.console import Console

from gonogo.commands.comparison import Comparison, compare
from gonogo.commands.show.compare import ROWS_MAX, histograms, show_comparison
from gonogo.records.shadow import Choice, Duo, read
from gonogo.tests.records.shadows import TWINS, Twin, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def found(tmp_path: Path) -> Comparison:
    """What was recorded of TWINS."""
    return compare(read(write(tmp_path / "records.db", TWINS), Choice()))


def printed(found: Comparison, width: int = 110) -> str:
    """What a terminal shows, without colour."""
    out = io.StringIO()
    show_comparison(Console(file=out, width=width, highlight=False), found)
    return out.getvalue()


def test_show_comparison_says_how_far_they_agree(found: Comparison) -> None:
    """Engines, share with its interval, shift, times, and verdicts against verdicts."""
    said = printed(found)
    for words in (
        "7 parts of run run1: ",
        "view top: active abcdef0123456789, shadow 0123456789abcdef",
        "the same verdict: 42.9 % (3 of 7; 95 % sure of 9.9 to 81.6 %)",
        "median +100 points, 98 % of the parts -1893 to +9880",
        "active 10.00 and 10.00, shadow 12.00 and 12.00",
        "shadow ACCEPT",
    ):
        assert words in said
    assert "NOT_INSPECTED" not in said


def test_show_comparison_lists_the_parts_that_differ(found: Comparison) -> None:
    """With both verdicts, their reasons and both scores, in the order of their weight."""
    table = printed(found).split("the worst first")[1]
    rows = [line.split("│")[1:-1] for line in table.splitlines() if line.startswith("│")]
    first = [cell.strip() for cell in rows[0]]
    assert [first[0], *first[2:]] == ["4", "REJECT ENGINE", "5001", "ACCEPT", "3000"]
    assert [row[0].strip() for row in rows] == ["4", "7", "5", "3"]


def test_show_comparison_of_engines_that_agree_has_no_table_of_differences(tmp_path: Path) -> None:
    """Nothing to look at."""
    same = compare(read(write(tmp_path / "same.db", TWINS[:2]), Choice()))
    assert "100.0 % (2 of 2" in printed(same)
    assert "the worst first" not in printed(same)


def test_show_comparison_leaves_the_rest_to_json(tmp_path: Path) -> None:
    """A terminal takes so many rows; JSON has all."""
    many = [Twin(k, 100, 9000) for k in range(1, ROWS_MAX + 9)]
    found = compare(read(write(tmp_path / "many.db", many), Choice()))
    assert "and 8 more: --json has them all" in printed(found)
    assert len(found.as_json()["differing"]) == ROWS_MAX + 8


def test_show_comparison_takes_names_for_names(found: Comparison) -> None:
    """A view or a run called as a colour is, is printed as it is called."""
    odd = found._replace(engines=(Duo("[red]top", "a", "b"),))
    assert "view [red]top: active a, shadow b" in printed(odd)


def test_histograms_count_every_part_on_its_side_of_the_limit(found: Comparison) -> None:
    """A score word of 5000 is not above the limit: it stands below the line."""
    lines = list(histograms(found.words))
    (limit,) = (k for k, line in enumerate(lines) if "reject above" in line)
    counts = np.zeros((2, 2), int)  # above and below; active and shadow
    for k, line in enumerate(lines):
        left, dash, right = line.partition(" - ")
        if dash:
            active, shadow = left.split()[:-1], right.split()[1:]
            counts[int(k > limit)] += int(active[0]) if active else 0, 0
            counts[int(k > limit)] += 0, int(shadow[-1]) if shadow else 0
    assert counts.tolist() == [[1, 2], [6, 5]]


@pytest.mark.parametrize("word", [0, 1, 5000, 5001, 10000])
def test_histograms_take_scores_that_are_all_the_same(tmp_path: Path, word: int) -> None:
    """At either end and at the limit; the line at the limit is always there."""
    found = compare(read(write(tmp_path / "one.db", [Twin(1, word, word)]), Choice()))
    lines = list(histograms(found.words))
    assert sum("reject above" in line for line in lines) == 1
    assert sum("█" in line for line in lines) == 1
