"""A sentence on a terminal: nothing in it is obeyed, nothing in it pretends to be another line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.log.console import shown, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, 3 µm ± 1", "plain, 3 µm ± 1"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb\tc", "a\\x0db\\x09c"),
        ("pay\u202egnp", "pay\\u202egnp"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("a\u2028b\ufeff", "a\\u2028b\\ufeff"),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_a_terminal_would_obey_is_a_code(text: str, expected: str) -> None:
    """Escapes, the eight-bit ones too, and what turns the direction of writing."""
    assert visible(text) == expected


@given(st.text())
def test_nothing_that_is_shown_controls_anything(text: str) -> None:
    """Whatever a value holds."""
    lines = shown({"text": text, "process": text, "traceback": text}).split("\n")
    for line in lines:
        assert not {unicodedata.category(each) for each in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert all(line.startswith("    ") for line in lines[1:])


def test_sentence_names_its_process() -> None:
    """Where it is another one."""
    assert shown({"text": "up", "process": "line"}) == "line: up"
    assert shown({"text": "up"}) == "up"
    assert shown({"text": "up", "process": ""}) == "up"


def test_value_with_a_line_feed_is_no_line_of_its_own() -> None:
    """What belongs to a line is indented."""
    assert shown({"text": "a\nline: forged", "process": "p"}) == "p: a\n    line: forged"
