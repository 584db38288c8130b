"""Two engines on the same parts, in figures and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import VerdictKind
from gonogo.commands.comparison import EDGES, LIMIT_BIN, Comparison, compare
from gonogo.records.shadow import Choice, read
from gonogo.tests.records.shadows import TWINS, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def found(tmp_path: Path) -> Comparison:
    """What was recorded of TWINS."""
    return compare(read(write(tmp_path / "records.db", TWINS), Choice()))


def test_compare_puts_the_worst_first(found: Comparison) -> None:
    """An escape to be, before any distance of scores."""
    assert [part.engines.serial for part in found.differing] == [4, 7, 5, 3]


def test_compare_counts_verdicts_against_verdicts(found: Comparison) -> None:
    """Every part once, and the share of those that are the same."""
    assert sum(found.verdicts.values()) == len(found.parts) == 7
    assert found.verdicts[VerdictKind.REJECT, VerdictKind.ACCEPT] == 1
    assert (found.same.events, found.same.of) == (3, 7)
    assert found.same_alone.events == found.alone.agree


def test_compare_puts_a_score_at_an_edge_into_the_bin_below(found: Comparison) -> None:
    """A score word of 5000 is not above the limit."""
    assert EDGES[LIMIT_BIN] == 5000
    assert (found.words.active[LIMIT_BIN - 1], found.words.shadow[LIMIT_BIN - 1]) == (1, 1)
    assert sum(found.words.active[LIMIT_BIN:]) == 1
    assert sum(found.words.shadow[LIMIT_BIN:]) == 2
    assert (found.words.active[0], found.words.shadow[-1]) == (1, 1), "0 and 10000 have a bin"


def test_as_json_is_all_of_it(found: Comparison) -> None:
    """Through text and back, with every part that differs."""
    made = json.loads(json.dumps(found.as_json()))
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
