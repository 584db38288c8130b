"""The two forms of a line."""

from __future__ import annotations

import json
import logging
import os

import pytest

from gonogo.base.log.entry import ENTRY
from gonogo.base.log.forms import ConsoleForm, JsonForm, form_of
from gonogo.base.log.section import LogSection


def record() -> logging.LogRecord:
    """A line to log."""
    return logging.LogRecord("x", logging.INFO, "x", 1, "up", (), None)


@pytest.mark.parametrize(
    ("form", "terminal", "kind"),
    [
        ("auto", True, ConsoleForm),
        ("auto", False, JsonForm),
        ("json", True, JsonForm),
        ("console", False, ConsoleForm),
    ],
)
def test_form_is_the_one_that_is_wanted_there(form: str, terminal: bool, kind: type) -> None:  # noqa: FBT001 - a parameter of pytest
    """By itself sentences on a terminal, JSON elsewhere."""
    first, second = os.openpty() if terminal else os.pipe()
    try:
        made = form_of(LogSection.model_validate({"form": form}), second, process="p")
    finally:
        os.close(first)
        os.close(second)
    assert type(made) is kind


def test_json_form_bears_what_is_bound() -> None:
    """Also where another handler has made the entry without it."""
    said = record()
    assert ConsoleForm().format(said) == "up"
    found = json.loads(JsonForm(process="line", station="cell").format(said))
    assert (found["process"], found["station"], found["text"]) == ("line", "cell", "up")


def test_form_keeps_the_process_that_a_line_came_from() -> None:
    """What the supervisor passes on is not its own."""
    said = record()
    setattr(said, ENTRY, {"text": "up", "process": "records"})
    assert json.loads(JsonForm(process="supervisor").format(said))["process"] == "records"
    assert ConsoleForm().format(said) == "records: up"


def test_console_does_not_name_the_program_that_is_watched() -> None:
    """Who starts a station in a terminal sees its own words without a name."""
    made = form_of(LogSection(form="console"), 2, process="supervisor", station="cell")
    assert made.format(record()) == "up"
