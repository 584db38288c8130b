"""Where a supervisor's messages go to: stderr, and the pipe of what is kept."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.doorbell import make_bell, open_bell
from gonogo.base.log.handler import DroppingHandler
from gonogo.base.log.section import LogSection
from gonogo.ipc.worker import KEPT_BELL, LEVEL
from gonogo.watchdog.begin_log import begin_log, handlers_of
from gonogo.watchdog.plan import SupervisorPlan

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stderr() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe."""
    out, into = os.pipe()
    os.set_blocking(out, False)
    yield out, into
    os.close(out)
    os.close(into)


def record(text: str) -> logging.LogRecord:
    """A line to log."""
    return logging.LogRecord("x", logging.INFO, "x", 1, text, (), None)


def plan(station: str, said: tuple[str, ...] = (), **log: object) -> SupervisorPlan:
    """One without rows."""
    return SupervisorPlan(station=station, rows=(), log=LogSection.model_validate(log), said=said)


def test_supervisor_keeps_what_was_said_before_it_and_what_it_says(
    station: str, stderr: tuple[int, int]
) -> None:
    """As JSON in the pipe of the log process, whatever the form of stderr."""
    make_bell(station, KEPT_BELL)
    fd = open_bell(station, KEPT_BELL)
    wanted = plan(station, ('{"text": "before"}',), form="console", path=Path("/nowhere/log"))
    handlers = handlers_of(wanted, stderr[1])
    for handler in handlers:
        handler.handle(record("up"))
    kept = [json.loads(line) for line in os.read(fd, 65536).splitlines()]
    os.close(fd)
    for handler in handlers[1:]:
        os.close(handler.fd)
    assert [each["text"] for each in kept] == ["before", "up"]
    assert (kept[1]["process"], kept[1]["station"]) == ("supervisor", station)
    assert os.read(stderr[0], 65536) == b"up\n"


def test_supervisor_without_a_kept_log_has_stderr_alone(
    station: str, stderr: tuple[int, int]
) -> None:
    """Also where the pipe cannot be had: its memory was removed."""
    assert len(handlers_of(plan(station), stderr[1])) == 1
    assert len(handlers_of(plan(station, path=Path("/nowhere/log")), stderr[1])) == 1


def test_processes_inherit_the_level(station: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the environment; the supervisor's own is the same."""
    monkeypatch.setenv(LEVEL, "info")
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        begin_log(plan(station, level="error"))
        assert os.environ[LEVEL] == "error"
        assert root.level == logging.ERROR
        (handler,) = root.handlers
        assert isinstance(handler, DroppingHandler)
        os.set_blocking(2, True)
        os.close(handler.fd)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
