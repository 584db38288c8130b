"""The watch over a second station: when its line began, and whether it latched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import FaultBit, Mode
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.proving.campaign.neighbour import LATCH_S, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 20.0


@pytest.fixture
def heartbeat(station: str) -> Iterator[Heartbeat]:
    """That of a station whose line has not begun."""
    made = Heartbeat.create(station)
    yield made
    made.close()


def test_watch_waits_for_the_line_to_begin_and_sees_it_latch(
    station: str, heartbeat: Heartbeat
) -> None:
    """A fault that stands before there is a line is not its."""
    watch = Watch(station)
    begun_ns = time.monotonic_ns()
    heartbeat.take_over()
    heartbeat.show(Mode.FULL, 1, FaultBit.STRANGER)
    watch.join(PATIENCE_S)
    assert watch.latched
    assert watch.began_ns >= begun_ns


def test_watch_gives_a_line_its_time_and_no_more(station: str, heartbeat: Heartbeat) -> None:
    """Another fault is none that names a stranger."""
    heartbeat.take_over()
    heartbeat.show(Mode.FULL, 1, FaultBit.DISK)
    watch = Watch(station)
    watch.join(LATCH_S + PATIENCE_S)
    assert not watch.is_alive()
    assert not watch.latched
