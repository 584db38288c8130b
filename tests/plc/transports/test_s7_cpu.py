"""The state of an S7 CPU: asked now and then, said when it changes."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING

from gonogo.plc.transports.s7_cpu import CpuWatch
from gonogo.tests.plc.s7_bench import (
    between,
    client_of,
    image,
    until,
)
from gonogo.tests.plc.s7_peers import RUN, STOP, S7Plc

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from gonogo.plc.transports.s7 import S7Client


def exchange_until(client: S7Client, met: Callable[[], object]) -> None:
    """Exchange as the link does, until a condition holds."""

    def exchanged() -> object:
        client.exchange(image())
        return met()

    until(exchanged)


def test_cpu_state_is_asked_while_connected_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """STOP is no error: it goes on answering, and each change is one line in the log."""
    with (
        caplog.at_level(logging.INFO, logger="gonogo.plc"),
        contextlib.closing(S7Plc(native=True)) as plc,
        client_of(plc.port) as client,
    ):
        client.open()
        for status, lines in ((STOP, 2), (RUN, 3)):
            plc.cpu(status)
            exchange_until(client, lambda lines=lines: len(caplog.records) == lines)  # type: ignore[misc]
        client.open()  # asked again, and nothing new
        client.exchange(image())
    said = [record.getMessage().partition("DB 10: ")[2] for record in caplog.records]
    assert [line[:22] for line in said] == [
        "the CPU is in RUN",
        "the CPU is in STOP, no",
        "the CPU is in RUN",
    ]
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "INFO"]


def test_plc_that_does_not_tell_its_state_is_asked_once(caplog: pytest.LogCaptureFixture) -> None:
    """python-snap7's server refuses the question; the link works, and says so once."""
    with (
        caplog.at_level(logging.INFO, logger="gonogo.plc"),
        contextlib.closing(S7Plc()) as plc,
        between(plc.port) as middle,
        client_of(plc.port) as other,
    ):
        with client_of(middle.port) as client:
            client.open()
            end = time.monotonic() + 1.2  # the question would come again after 1 s
            exchange_until(client, lambda: time.monotonic() > end)
        other.open()
    assert [frame[8] for frame in middle.heard].count(7) == 1
    assert len([r for r in caplog.records if "does not tell" in r.getMessage()]) == 2


def test_state_is_asked_once_until_it_is_due_or_the_plc_is_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One request a second beside the exchanges, and at once on a new connection."""
    caplog.set_level(logging.INFO, logger="gonogo.plc")
    states: list[str | None] = ["RUN", "RUN", "STOP"]
    watch = CpuWatch("PLC x", lambda: states.pop(0))
    for _ in range(3):
        watch.ask_if_due()
    assert len(states) == 2
    for _ in range(2):
        watch.reconnected()
        watch.ask_if_due()
    assert states == []
    assert caplog.messages == [
        "PLC x: the CPU is in RUN",
        "PLC x: the CPU is in STOP, not in RUN: PLC_HEART stands still and permit goes",
    ]


def test_state_that_is_not_told_is_not_asked_for_again(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the time is; another connection may lead to another PLC."""
    caplog.set_level(logging.INFO, logger="gonogo.plc")
    asked: list[None] = []
    watch = CpuWatch("PLC x", lambda: asked.append(None))
    watch.ask_if_due()
    watch.ask_if_due()
    watch.reconnected()
    watch.ask_if_due()
    assert len(asked) == 2
    assert caplog.messages == ["PLC x: does not tell its CPU state; PLC_HEART alone decides"]
