"""What people do to a station that is measured: it must have been done, and it ends."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.config.screen import ScreenSection
from gonogo.proving.bench.people import NAMES, Port, noise, visitors, with_people
from gonogo.proving.bench.program import IdleDisturbance
from gonogo.tests.stations import free_port, small_station

if TYPE_CHECKING:
    from pathlib import Path


def test_noise_comes_as_long_as_it_is_asked_for(tmp_path: Path) -> None:
    """At the device that the station is told of; how much is said afterwards."""
    work: list[str] = []
    threads = threading.active_count()
    with closing(Port()) as port:
        station = with_people(small_station(tmp_path), ScreenSection(), port)
        assert station.console is not None
        fd = os.open(station.console.device, os.O_RDWR | os.O_NOCTTY)
        with noise(port, work):
            heard = os.read(fd, 4096)  # waits for it
            os.write(fd, b"noise on the line")
        os.close(fd)
    assert heard
    assert threading.active_count() == threads
    assert int(work[0].split()[0]) >= len(heard)


def test_noise_that_no_port_takes_is_an_error() -> None:
    """The figure would be of no load."""

    class Full(Port):
        """Nothing is read at its other end."""

        def say(self, data: bytes) -> int:
            """None of it."""
            del data
            return 0

    with (
        closing(Full()) as port,
        pytest.raises(IdleDisturbance, match="took no noise"),
        noise(port, []),
    ):
        pass


def test_visitors_that_nobody_lets_in_are_an_error() -> None:
    """A station that serves no screen is no station under load."""
    with (
        pytest.raises(IdleDisturbance, match="were not there"),
        visitors(free_port(), [], ready_s=1.0),
    ):
        raise AssertionError


def test_each_figure_has_a_row() -> None:
    """Of the screen, and of the console."""
    assert NAMES == ("load_screen_p99", "load_console_noise_p99")
