"""Every event of the source: one name a meaning, sentences that fit to their fields, a page."""

from __future__ import annotations

import ast
import logging
import re
from collections import defaultdict
from pathlib import Path

import pytest

from gonogo.base.log.logger import FIELDS, OWN, get_logger
from gonogo.commands.show.log_page import FOLDERS, ROOT, Event, events, is_message, page

FOUND = events()
PAGE = Path(__file__).parents[3] / "docs" / "log.md"


class Any:
    """A value that fits to every conversion."""

    def __str__(self) -> str:
        return "7"

    def __int__(self) -> int:
        return 7

    def __index__(self) -> int:
        return 7

    def __float__(self) -> float:
        return 7.0


def test_page_of_the_log_is_what_the_program_says() -> None:
    """`make docs` makes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_source_says_events() -> None:
    """The ones that are counted here are there: a search that finds nothing holds nothing."""
    assert len(FOUND) > 100
    assert {"process_ended", "recipe_in_force", "last_run"} <= {each.name for each in FOUND}


def test_event_has_one_meaning() -> None:
    """One name is one sentence, wherever it is said."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for each in FOUND:
        meanings[each.name].add(each.text)
    assert {name: texts for name, texts in meanings.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("event", FOUND, ids=lambda each: f"{each.module}:{each.name}")
def test_event_is_named_and_fits(event: Event, caplog: pytest.LogCaptureFixture) -> None:
    """Short and in snake_case; each field is in its sentence, and the sentence takes it."""
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", event.name)
    assert len(event.name) <= 32
    assert not set(event.fields) & OWN
    log = get_logger("gonogo.tests.events")
    log.log(logging.ERROR, event.name, text=event.text, **dict.fromkeys(event.fields, Any()))
    (record,) = caplog.records
    assert "%(" not in record.getMessage()
    assert set(re.findall(r"%\((\w+)\)", event.text)) <= set(getattr(record, FIELDS))


def test_no_module_logs_without_an_event() -> None:
    """The standard library's own logger is asked for where a library is silenced, or passed on."""
    asked = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"logging\.(getLogger|info|warning|error|exception)\b", path.read_text())
    }
    assert asked == {
        "base/log/logger.py",  # what the events go to
        "build/prepared.py",
        "build/quiet.py",
        "drivers/cameras/genicam/device.py",
        "launch/begin_log.py",
        "plc/transports/modbus_rtu_client.py",
        "plc/transports/modbus_served.py",
        "plc/transports/s7.py",
        "watchdog/relay.py",
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("log.info('a', text='b')", True),
        ("_log.exception('a', text='b')", True),
        ("math.log(3)", False),
        ("log.bind(a=3)", False),
        ("self.log.info('a')", False),
    ],
)
def test_message_is_told_from_other_calls(code: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """By the names that loggers have here."""
    (node,) = ast.parse(code).body
    assert isinstance(node, ast.Expr)
    assert isinstance(node.value, ast.Call)
    assert is_message(node.value.func) is expected
