"""The line for a serial terminal: short, plain, and it holds the best."""

from __future__ import annotations

from gonogo.commands.show.focus_line import COLUMNS, FocusLine
from gonogo.console.show.figures import Figures


def line_of(bar: FocusLine, focus: float) -> str:
    """What is said of a frame of that focus."""
    return bar.line(Figures(100.0, 120.0, 0.5, 0.0, focus))


def test_line_holds_the_peak_and_shrinks_past_it() -> None:
    """Full at the best; past it shorter, with the best beside it; back at it full again."""
    bar = FocusLine()
    assert line_of(bar, 5.0).startswith("focus  5.00 best  5.00 [########################]")
    assert line_of(bar, 10.0).count("#") == 24
    assert line_of(bar, 5.0).startswith("focus  5.00 best 10.00 [############............]")
    assert line_of(bar, 10.0).count("#") == 24


def test_line_fits_a_serial_terminal() -> None:
    """79 letters of ASCII, none that controls it, at the ends of every figure."""
    bar = FocusLine()
    for figures in (Figures(0, 0, 0, 0, 0), Figures(255, 255, 100, 100, 99.99)):
        line = bar.line(figures)
        assert len(line) <= COLUMNS
        assert line.isascii()
        assert line.isprintable()
