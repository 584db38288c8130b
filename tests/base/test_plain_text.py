"""Notes of people and words of strangers, before they reach a file or a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.plain_text import LONGEST, cell, escaped, harmless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("light was dirty", "light was dirty"),
        ("größer als 5 µm", "größer als 5 µm"),
        ("\x1b[2J\x1b]0;title\x07red", "?[2J?]0;title?red"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("part \u202e4711\u200f", "part ?4711?"),
        ("zero\u200bwidth\ufeff", "zero?width?"),
        ("a\ud800b", "a?b"),
        ("  blanks \u00a0 inside ", "blanks inside"),
        ("<img onerror=x> '; DROP", "<img onerror=x> '; DROP"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 197 + "..."),
        ("x" * 1_000_000, "x" * 197 + "..."),
        ("", ""),
    ],
)
def test_harmless_keeps_words_and_nothing_that_drives_a_terminal(text: str, shown: str) -> None:
    """Escapes, marks of direction and line breaks are not in what comes out."""
    assert harmless(text) == shown


@given(st.text())
def test_harmless_of_whatever_is_one_printable_line_of_bounded_length(text: str) -> None:
    """Of any text at all."""
    shown = harmless(text)
    assert shown.isprintable()
    assert len(shown) <= LONGEST


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "\uff20A1"]
)
def test_cell_with_text_is_no_formula(text: str) -> None:
    """It begins with a sign that spreadsheets take for one."""
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, -1.5, "a=1", "", None, "4711"])
def test_cell_leaves_everything_else_as_it_is(value: object) -> None:
    """Numbers, too, of which some begin with a minus."""
    assert cell(value) is value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("SN-0042", "SN-0042"),
        ("\x1d01\x1e", r"\x1d01\x1e"),
        ("\u202eABC\u200f", r"\u202eABC\u200f"),
        (r"C:\x1d", r"C:\\x1d"),
        (" a b ", r"\x20a b\x20"),
        (" ", r"\x20"),
        ("批次", "批次"),
        ("a\ud800", r"a\ud800"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 57 + "...(65)"),
        ("x" * 1000, "x" * 55 + "...(1000)"),
        ("批" * 64, "批" * 40 + "...(64)"),
        ("\0" * 20, r"\x00" * 14 + "...(20)"),
    ],
)
def test_what_was_read_off_a_part_is_shown_whole_or_says_that_it_is_not(
    text: str, shown: str
) -> None:
    """At most 64 printable characters and 128 bytes, whatever somebody has printed on a label."""
    found = escaped(text, 64, 128)
    assert found == shown
    assert found.isprintable()
    assert len(found) <= 64
    assert len(found.encode()) <= 128
