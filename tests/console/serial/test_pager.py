"""Answers in pages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gonogo.console.serial.keys import Key
from gonogo.console.serial.pager import ROWS, Pager, fitted

LINES = [f"line {number}" for number in range(50)]


def test_pager_gives_pages_and_lines() -> None:
    """A blank is a page, Enter a line; another key is none."""
    pager = Pager(LINES)
    assert pager.take() == LINES[:ROWS]
    assert not pager.press("x")
    assert pager.press(Key.ENTER)
    assert pager.take() == LINES[ROWS : ROWS + 1]
    assert pager.press(" ")
    assert pager.take() == LINES[ROWS + 1 : 2 * ROWS + 1]
    assert pager.waits


def test_pager_leaves_the_rest() -> None:
    """q, Ctrl-C, Ctrl-D."""
    for key in ("q", Key.CANCEL, Key.LEAVE):
        pager = Pager(LINES)
        pager.take()
        assert pager.press(key)
        assert not pager.waits


def test_pager_does_not_wait_behind_the_last_page() -> None:
    """A page that is exactly full is the last one."""
    pager = Pager(LINES[:ROWS])
    pager.take()
    assert not pager.waits


@given(st.lists(st.text(max_size=300), max_size=8))
def test_fitted_is_ascii_in_rows_of_a_terminal(lines: list[str]) -> None:
    """Whatever a text holds, nothing of it drives a terminal."""
    for row in fitted(lines):
        assert len(row) < 80
        assert all(" " <= letter <= "~" for letter in row)


def test_fitted_goes_on_indented() -> None:
    """Below its own beginning."""
    first, second = fitted(["  rule  " + "word " * 16])
    assert first.startswith("  rule  word")
    assert second.startswith("    word")
