"""What a module says becomes one record, with its event, its fields and its sentence."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from gonogo.base.errors import EngineTimeout, RecordsError
from gonogo.base.log.logger import FIELDS, get_logger

log = get_logger("gonogo.tests.logger")


def only(caplog: pytest.LogCaptureFixture) -> tuple[str, dict[str, object]]:
    """The sentence and the fields of the one record."""
    (record,) = caplog.records
    return record.getMessage(), getattr(record, FIELDS)


def test_logger_puts_fields_into_the_sentence_and_beside_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As `%` does it: numbers stay numbers."""
    log.warning("slow", text="%(view)s: %(took_ms).1f ms", view="top", took_ms=3.14159)
    text, fields = only(caplog)
    assert text == "top: 3.1 ms"
    assert fields == {"event": "slow", "view": "top", "took_ms": 3.14159}


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_logger_says_it_at_the_level_that_was_called(
    caplog: pytest.LogCaptureFixture, level: str
) -> None:
    """Four of them, each by its name."""
    caplog.set_level(logging.DEBUG)
    getattr(log, level)("said", text="so")
    assert [each.levelname for each in caplog.records] == [level.upper()]


def test_logger_makes_nothing_of_what_nobody_wants(caplog: pytest.LogCaptureFixture) -> None:
    """A value that must not be asked is not asked below the level."""

    class Never:
        def __str__(self) -> str:
            raise AssertionError

    caplog.set_level(logging.WARNING)
    log.info("unwanted", text="%(value)s", value=Never())
    assert caplog.records == []


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ("%(error)s", RecordsError("full"), "GN600"),
        ("no more", EngineTimeout("late"), "GN311"),
        ("view 'top': GN201: no frame", None, "GN201"),
        ("%(error)s", OSError("GN is no number"), None),
    ],
)
def test_logger_tells_the_number_of_an_error_of_ours(
    caplog: pytest.LogCaptureFixture, text: str, error: Exception | None, code: str | None
) -> None:
    """Of a value, or of words that came from another process; of nothing else."""
    log.error("failed", text=text, error=error)
    assert only(caplog)[1].get("code") == code


def test_logger_tells_the_part_that_a_sentence_names(caplog: pytest.LogCaptureFixture) -> None:
    """Words of another process; what is given as a field stays."""
    log.warning("a", text="view 'top', part 4711: GN201: no frame")
    assert only(caplog)[1]["part"] == 4711
    caplog.clear()
    log.warning("a", text="part 7 after part %(part)d", part=6)
    assert only(caplog)[1]["part"] == 6


@pytest.mark.parametrize("text", ["%(missing)s", "%(value)d", "100 %", "%(value)"])
def test_logger_survives_a_sentence_that_does_not_fit(
    caplog: pytest.LogCaptureFixture, text: str
) -> None:
    """A mistake in a message ends no process: the sentence comes as it is written."""
    log.warning("wrong", text=text, value="x")
    assert only(caplog) == (text, {"event": "wrong", "value": "x"})


def test_logger_that_is_bound_says_its_fields_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """And the one that it came from does not."""
    bound = log.bind(view="top")
    bound.warning("a", text="%(view)s")
    log.warning("b", text="none")
    assert caplog.messages == ["top", "none"]
    assert "view" not in getattr(caplog.records[1], FIELDS)


def test_exception_brings_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """That of the block it stands in."""
    try:
        int("odd")
    except ValueError:
        log.exception("bug", text="a bug")
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is ValueError


def test_logger_leaves_rich_to_those_that_want_it() -> None:
    """A station waits for one process after the other to start; whoever draws with it still can."""
    code = "import sys, gonogo.base.log.logger; print('rich' in sys.modules); import rich.table"
    command = [sys.executable, "-I", "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["False"]


def test_logger_takes_rich_as_it_is_where_it_was_imported_before() -> None:
    """It stays the same module."""
    code = "import sys, rich, gonogo.base.log.logger; print(sys.modules['rich'] is rich)"
    command = [sys.executable, "-I", "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["True"]
