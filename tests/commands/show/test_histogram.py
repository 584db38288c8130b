"""The score histogram on a terminal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.build.thresholds import propose
from gonogo.commands.show.histogram import BAD_ROWS, GOOD_ROWS, WIDTH_MIN, lines

rng = np.random.default_rng(3)
GOOD = np.exp(rng.normal(0, 0.2, 60)).tolist()
BAD = np.exp(rng.normal(1.2, 0.4, 15)).tolist()

numbers = st.floats(-1e6, 1e6).map(lambda score: round(score, 3))


@given(
    good=st.lists(numbers, min_size=5, max_size=20),
    bad=st.lists(numbers, max_size=10),
    width=st.integers(0, 160),
)
def test_lines_fit_the_terminal(good: list[float], bad: list[float], width: int) -> None:
    """Whatever the scores are, no line is broken by the terminal itself."""
    shown = lines(good, bad, propose(good, bad), width)
    assert max(map(len, shown)) <= max(width, WIDTH_MIN)
    assert all(line.isprintable() for line in shown)


def test_lines_stand_good_parts_and_hang_bad_ones() -> None:
    """Different blocks on different sides of the axis: nothing depends on colour."""
    shown = lines(GOOD, BAD, propose(GOOD, BAD), 90)
    (axis,) = (k for k, line in enumerate(shown) if "──" in line)
    above, below = shown[axis - GOOD_ROWS : axis], shown[axis + 1 : axis + 1 + BAD_ROWS]
    assert all("█" in line and "▒" not in line for line in above)
    assert above[-1].lstrip().startswith("good")
    assert "▒" in below[0]
    assert below[0].lstrip().startswith("bad")
    assert not any("█" in line for line in below)


def test_lines_mark_the_limits_where_they_are() -> None:
    """The same two columns in every row, between the parts that they part."""
    shown = lines(GOOD, BAD, propose(GOOD, BAD), 90)
    columns = {
        (line.index("┊"), line.index("┃")) for line in shown if "┊" in line and "(" not in line
    }
    ((recheck, reject),) = columns
    (axis,) = (line for line in shown if "──" in line)
    assert (axis[recheck], axis[reject]) == ("┼", "╂")
    assert (shown[0].strip().startswith("accept"), shown[0].endswith("reject")) == (True, True)


def test_lines_show_a_single_part_among_thousands() -> None:
    """One part is a thousandth of the highest bar, and is seen all the same."""
    good = [1.0] * 3000 + [1.6]
    shown = lines(good, [], propose(good), 90)
    (ground,) = (line for line in shown if line.lstrip().startswith("good"))
    assert ground.count("█") == 1
    assert ground.count("▁") == 1


@pytest.mark.parametrize("bad", [BAD, []])
def test_lines_end_with_limits_and_estimates(bad: list[float]) -> None:
    """In words, for those who read no pictures."""
    found = propose(GOOD, bad)
    said = " ".join(lines(GOOD, bad, found, 100))
    assert f"accept up to {found.recheck_above:.4g} (┊), recheck up to " in said
    assert all(words in said for words in found.expected())
    assert found.how in said


def test_lines_show_one_mark_where_the_limits_are_one() -> None:
    """Good parts at the very end of what scores there are: nothing is rechecked."""
    shown = lines([1.0] * 9, [1.0], propose([1.0] * 9, [1.0]), 80)
    assert not any("┊" in line for line in shown)
    assert any("accept up to 1 (┃), reject above" in line for line in shown)
