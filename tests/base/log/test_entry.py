"""One message as a line: plain, ASCII, of bounded length, and read back."""

from __future__ import annotations

import json
import logging
import math
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.log.entry import LIBRARY, LINE_BYTES, entry_of, from_line, plain, raw, to_line
from gonogo.base.log.logger import FIELDS

BOUND = {"process": "line", "station": "cell"}


def record(text: str, *args: object, **fields: object) -> logging.LogRecord:
    """Of our own logger where it has fields."""
    made = logging.LogRecord("lib.part", logging.WARNING, "x", 1, text, args, None)
    if fields:
        setattr(made, FIELDS, fields)
    return made


def test_entry_has_what_a_line_needs() -> None:
    """The wall clock in UTC, the level, who says it, the event, the sentence, the fields."""
    made = record("recipe 7", event="recipe_refused", recipe=7)
    made.created = datetime(2026, 5, 4, 14, 2, 7, 125_000, tzinfo=timezone.utc).timestamp()
    entry = entry_of(made, BOUND)
    assert isinstance(entry.pop("at_ns"), int)
    assert entry == {
        "time": "2026-05-04T14:02:07.125+00:00", "level": "warning", "process": "line",
        "station": "cell", "event": "recipe_refused", "text": "recipe 7", "recipe": 7,
        "logger": "lib.part",
    }  # fmt: skip


def test_library_comes_through_the_same_pipeline() -> None:
    """Its values are put in; its name is the logger's."""
    entry = entry_of(record("retry %d of %s", 3, "x"), BOUND)
    assert (entry["event"], entry["text"], entry["logger"]) == (LIBRARY, "retry 3 of x", "lib.part")


def test_entry_is_made_once_for_all_handlers() -> None:
    """Several of them write one and the same time."""
    made = record("x")
    assert entry_of(made, BOUND) is entry_of(made, {})


def test_entry_holds_the_traceback() -> None:
    """As the interpreter would print it."""
    made = record("x")
    try:
        int("odd")
    except ValueError:
        made.exc_info = sys.exc_info()
    assert entry_of(made, BOUND)["traceback"].endswith("with base 10: 'odd'")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True), (3, 3), (2.5, 2.5), (None, None), ("a", "a"),
        (math.nan, "nan"), (-math.inf, "-inf"), (Path("/a"), "/a"), (("a", 1), ["a", 1]),
    ],
)  # fmt: skip
def test_value_is_plain(value: object, expected: object) -> None:
    """What JSON has not is text."""
    found = plain(value)
    assert (found, type(found)) == (expected, type(expected))


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=6000) | st.integers(), max_size=30),
       st.text(max_size=9000))  # fmt: skip
def test_line_is_one_printable_line_that_a_pipe_takes_whole(
    fields: dict[str, object], text: str
) -> None:
    """Whatever stands in it."""
    line = to_line({**fields, "time": "t", "level": "info", "event": "e", "text": text})
    assert len(line) <= LINE_BYTES
    assert line.endswith(b"\n")
    assert all(0x20 <= byte < 0x7F for byte in line[:-1])
    found = from_line(line)
    assert found is not None
    assert text.startswith(found["text"])


def test_line_that_fits_loses_nothing() -> None:
    """Cut is only what must be."""
    entry = {"event": "e", "text": "\x1b[31m" + "x" * 1000, "n": 3, "last_words": ["a", "b"]}
    assert from_line(to_line(entry)) == entry


def test_long_traceback_keeps_its_end() -> None:
    """The error stands there; that it was cut is said."""
    found = from_line(to_line({"text": "a", "traceback": "x" * 10_000 + "ValueError: odd"}))
    assert found is not None
    assert found["traceback"].endswith("ValueError: odd")
    assert (found["text"], found["cut"]) == ("a", True)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Segmentation fault",
        b"{",
        b'{"text": 3}',
        b"[1]",
        b'{"text": "a"',
        b"{" * 5000,
        b'"x"',
    ],
)
def test_what_is_no_message_is_none(line: bytes) -> None:
    """It is shown as it is."""
    assert from_line(line) is None


def test_raw_line_is_a_message_of_nobody() -> None:
    """So that it can be kept and shown among the others."""
    entry = raw("Segmentation fault")
    assert json.loads(to_line(entry))["text"] == "Segmentation fault"
    assert entry["process"] == ""
