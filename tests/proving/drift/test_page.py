"""The table of the page of drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import OutputError
from gonogo.proving.drift.page import BEGIN, END, put, table
from gonogo.proving.drift.simulate import Delay, Seed
from gonogo.proving.drift.world import Cause
from gonogo.records.drift.part import Signal

if TYPE_CHECKING:
    from pathlib import Path


def seed(delay: Delay) -> Seed:
    """A month with one false alarm, and this delay of each cause."""
    return Seed({Signal.NOISE: 1}, 30, 480, {c: delay for c in Cause if c is not Cause.NONE})


def test_table_says_rates_delays_and_what_was_not_found() -> None:
    """Median and longest; a cause that one seed did not find has no longest delay."""
    seen = Delay(3, Signal.REJECTS, 1, {Signal.REJECTS: 3})
    text = table([seed(seen), seed(seen), seed(Delay(None, None, None, {}))])
    assert "3 seeds of 480 h" in text
    assert "| all charts together, each by itself counted | 1.00 |" in text
    assert "| hours that the plain chart calls out | 30.00 |" in text
    assert "noise 3." in text
    row = "| 3 | not found | 2 of 3 | share of rejects 2 | 2 of 3 |"
    assert text.count(row) == len(Cause) - 1


def test_put_writes_between_the_marks_and_nowhere_else(tmp_path: Path) -> None:
    """What was there before goes."""
    page = tmp_path / "drift.md"
    page.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n")
    assert put(page, "new").decode() == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}", None])
def test_put_refuses_a_page_without_marks(tmp_path: Path, text: str | None) -> None:
    """Before anything is simulated for it."""
    page = tmp_path / "drift.md"
    if text is not None:
        page.write_text(text)
    with pytest.raises(OutputError, match=r"drift\.md"):
        put(page, "new")
