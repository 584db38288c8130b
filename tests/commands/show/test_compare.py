"""Two engines on the same parts, as tables and as JSON."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rich.console import Console

from gonogo.base.words import VerdictKind
from gonogo.commands.show.compare import ROWS_MAX, as_json, histograms, show_comparison, worst_first
from gonogo.records.shadow import Choice, Duo, Shadowed, read
from gonogo.tests.records.shadows import Twin, write

if TYPE_CHECKING:
    from pathlib import Path

TWINS = [
    Twin(1, 2000, 2100),
    Twin(2, 2600, 2400),
    Twin(3, 3900, 4100),  # recheck instead of accept
    Twin(4, 5001, 3000),  # accept instead of reject: the worst there is
    Twin(5, 1000, 9000),  # reject instead of accept
    Twin(6, 5000, 5000),
    Twin(7, 0, 10000),
]


@pytest.fixture
def found(tmp_path: Path) -> Shadowed:
    """What was recorded of TWINS."""
    return read(write(tmp_path / "records.db", TWINS), Choice())


def printed(found: Shadowed, width: int = 110) -> str:
    """What a terminal shows, without colour."""
    out = io.StringIO()
    show_comparison(Console(file=out, width=width, highlight=False), found)
    return out.getvalue()


def test_worst_first_begins_with_what_only_the_shadow_accepts(found: Shadowed) -> None:
    """An escape to be, before any distance of scores."""
    assert [part.engines.serial for part in worst_first(found)] == [4, 7, 5, 3]


def test_show_comparison_says_how_far_they_agree(found: Shadowed) -> None:
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


def test_show_comparison_lists_the_parts_that_differ(found: Shadowed) -> None:
    """With both verdicts, their reasons and both scores, in the order of their weight."""
    table = printed(found).split("the worst first")[1]
    rows = [line.split("│")[1:-1] for line in table.splitlines() if line.startswith("│")]
    first = [cell.strip() for cell in rows[0]]
    assert [first[0], *first[2:]] == ["4", "REJECT ENGINE", "5001", "ACCEPT", "3000"]
    assert [row[0].strip() for row in rows] == ["4", "7", "5", "3"]


def test_show_comparison_of_engines_that_agree_has_no_table_of_differences(tmp_path: Path) -> None:
    """Nothing to look at."""
    same = read(write(tmp_path / "same.db", TWINS[:2]), Choice())
    assert "100.0 % (2 of 2" in printed(same)
    assert "the worst first" not in printed(same)


def test_show_comparison_leaves_the_rest_to_json(tmp_path: Path) -> None:
    """A terminal takes so many rows; JSON has all."""
    many = [Twin(k, 100, 9000) for k in range(1, ROWS_MAX + 9)]
    found = read(write(tmp_path / "many.db", many), Choice())
    assert "and 8 more: --json has them all" in printed(found)
    assert len(as_json(found)["differing"]) == ROWS_MAX + 8


def test_show_comparison_takes_names_for_names(found: Shadowed) -> None:
    """A view or a run called as a colour is, is printed as it is called."""
    odd = found._replace(engines=(Duo("[red]top", "a", "b"),))
    assert "view [red]top: active a, shadow b" in printed(odd)


def test_histograms_count_every_part_on_its_side_of_the_limit(found: Shadowed) -> None:
    """A score word of 5000 is not above the limit: it stands below the line."""
    lines = list(histograms(found))
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
    found = read(write(tmp_path / "one.db", [Twin(1, word, word)]), Choice())
    lines = list(histograms(found))
    assert sum("reject above" in line for line in lines) == 1
    assert sum("█" in line for line in lines) == 1


def test_as_json_is_all_of_it(found: Shadowed) -> None:
    """Through text and back, with every part that differs."""
    made = json.loads(json.dumps(as_json(found)))
    assert made["runs"] == ["run1"]
    assert made["engines"] == [
        {"view": "top", "active": "abcdef0123456789", "shadow": "0123456789abcdef"}
    ]
    assert (made["same_verdict"]["events"], made["same_verdict"]["of"]) == (3, 7)
    assert {"active": "REJECT", "shadow": "ACCEPT", "parts": 1} in made["verdicts"]
    assert made["engines_alone"]["parts"] == sum(made["histogram"]["active"]) == 7
    assert len(made["histogram"]["edges"]) == len(made["histogram"]["shadow"]) + 1
    first = made["differing"][0]
    assert (first["part_id"], first["score"], first["shadow_score"]) == (4, 5001, 3000)
    assert (first["verdict"], first["shadow_verdict"]) == (
        VerdictKind.REJECT.name,
        VerdictKind.ACCEPT.name,
    )
