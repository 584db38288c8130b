"""The picture of a row of the campaign: its axes, its bound, and a dot for each fault."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.proving.campaign.dots import BASE, LEFT, RIGHT, UPPER, WIDTH, picture, ticks
from gonogo.proving.campaign.outcome import Injection, RowOutcome


def drawn(bound_ms: float | None, *detect_ms: float | None) -> ET.Element:
    """Faults 10 ms apart that were noticed after so long."""
    shots = tuple(Injection(10.0 * k, ms, 0.5, 1, 1) for k, ms in enumerate(detect_ms))
    return ET.fromstring(picture(RowOutcome("x", "a fault", shots, bound_ms=bound_ms)))  # noqa: S314 - our own


def words(root: ET.Element) -> list[str]:
    """All that is written on it."""
    return [text.text or "" for text in root.iter("text")]


def test_both_axes_say_what_they_count_and_in_which_unit() -> None:
    """With round values on them, of which zero is one."""
    found = words(drawn(5.0, 1.0, 3.0))
    assert "fault came, ms after the trigger" in found
    assert "noticed after, ms" in found
    assert found.count("0") == 2
    assert {"2", "4"} <= set(found)


def test_bound_is_named_and_a_dot_above_it_is_marked_and_counted() -> None:
    """One on the bound is within it."""
    root = drawn(5.0, 5.0, 5.1, 2.0, None)
    assert "bound 5 ms, 1 of 3 later" in words(root)
    over = root.findall("circle[@class='dot over']")
    (line,) = root.findall("line[@class='bound']")
    assert [float(dot.get("cy", "")) < float(line.get("y1", "")) for dot in over] == [True]
    assert len(root.findall("circle")) == 3
    assert len(root.findall("path[@class='miss']")) == 1


def test_nothing_is_said_of_later_ones_where_there_is_none_and_of_no_bound() -> None:
    """A fault that is not to be noticed has a mark at its moment."""
    assert "bound 5 ms" in words(drawn(5.0, 4.0))
    root = drawn(None, 4.0, None)
    assert not any("bound" in each for each in words(root))
    assert root.findall("line") == []


@pytest.mark.parametrize("detect", [(0.0,), (1e-4, 2e-4), (1.0, 99.0), (7.0, 12_000.0)])
def test_every_mark_lies_between_the_axes_whatever_the_times_are(detect: tuple[float, ...]) -> None:
    """Also where all faults came at one moment."""
    for dot in drawn(90.0, *detect).findall("circle"):
        assert LEFT <= float(dot.get("cx", "")) <= WIDTH - RIGHT
        assert UPPER <= float(dot.get("cy", "")) <= BASE


@given(st.floats(1.0, 1e6))
def test_ticks_are_few_and_none_is_beyond_the_axis(top: float) -> None:
    """Zero, and one to five above it, evenly apart."""
    found = ticks(top)
    assert found[0] == 0
    assert 2 <= len(found) <= 6
    assert found[-1] <= top * (1 + 1e-9)
    step = found[1]
    assert found == pytest.approx([k * step for k in range(len(found))])
