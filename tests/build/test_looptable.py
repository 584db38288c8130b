"""What a review is worth, on scores whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BuildError
from gonogo.base.interval import interval
from gonogo.build.looptable import loop, measure_loops, table
from gonogo.build.teachtable import Taught, Wanted
from gonogo.tests.build.parts import quiet, save_good, save_parts

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(9)
SPLITS = 6
KNOWN, GOOD = np.exp(RNG.normal(0, 0.1, 200)), np.exp(RNG.normal(0, 0.1, 60))


def taught(bad: list[float] | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Taught:
    """An engine that scores bad parts so."""
    return Taught("drawn", len(KNOWN), KNOWN, GOOD, np.asarray(bad, np.float64))


def test_loop_lets_a_review_find_what_good_parts_alone_did_not() -> None:
    """Bad parts just above good ones: fewer escape after, on parts that were in neither."""
    bad = np.exp(RNG.normal(0.27, 0.02, 60))
    found = loop("plates", taught(bad), 30, 1, SPLITS)
    assert (found.stream, found.bad, found.top) == (200 + 30 + 12, 12, 30)
    assert found.seen > 9
    assert found.none < 0.5
    assert found.after.escape.share < found.before.escape.share
    assert found == loop("plates", taught(bad), 30, 1, SPLITS)


def test_loop_keeps_the_limits_where_nothing_is_proposed() -> None:
    """No bad part scores high enough to be shown: before and after are the same."""
    found = loop("plates", taught([0.5] * 40), 30, 1, SPLITS)
    assert (found.none, found.seen) == (1.0, 0.0)
    assert found.before == found.after
    assert found.before.escape.share == 1.0
    assert found.before.escape[1:3] == pytest.approx(interval(40, 40))


def test_table_has_a_row_for_each_engine() -> None:
    """Shares in percent, with intervals."""
    rows = table([loop("plates", taught([9.0] * 40), 30, 1, SPLITS)]).splitlines()
    cells = [cell.strip() for cell in rows[2].split("|")[1:-1]]
    assert rows[0].count("|") == rows[2].count("|")
    assert cells[:5] == ["plates", "drawn", "242, 12", "30: 12.0", "0"]
    assert cells[5] == cells[6] == "0.0 (0.0 to 8.8)"
    assert "one bad part in 20 of all" in rows[-1]


def test_measure_loops_names_a_set_that_is_not_there(tmp_path: Path) -> None:
    """A row for each set and way to teach: without a way, none."""
    save_good(tmp_path / "plates" / "train" / "good", 2, 32)
    save_parts(tmp_path / "plates" / "test", good=1, bad=1)
    assert measure_loops(Wanted(tmp_path, methods=()), 5, quiet) == []
    with pytest.raises(BuildError, match="no set bolts"):
        measure_loops(Wanted(tmp_path, ("bolts",)), 5, quiet)
