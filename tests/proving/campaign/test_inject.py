"""What is done around a station: its names taken away and put back, and a crowd at its socket."""

from __future__ import annotations

import contextlib
import time

import pytest

from gonogo.base.errors import ControlError
from gonogo.base.runtime_dir import runtime_dir
from gonogo.base.shm import file_safe
from gonogo.ipc.control_socket import CLIENTS, ask
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.proving.campaign.inject import crowd, names_away
from gonogo.tests.control import served

PATIENCE_S = 20.0


def names(station: str) -> list[str]:
    """What lies in memory under a station's name."""
    return sorted(path.name for path in runtime_dir().glob(f"{file_safe(station)}[-.]*"))


def test_names_come_back_whatever_happens_meanwhile(station: str) -> None:
    """Memory and lock are gone for a while; who has them mapped goes on."""
    heartbeat = Heartbeat.create(station)
    lock = runtime_dir() / f"{file_safe(station)}.lock"
    lock.write_bytes(b"")
    before = names(station)
    assert len(before) == 2
    with contextlib.suppress(RuntimeError), names_away(station):
        assert names(station) == []
        heartbeat.idle(5)
        raise RuntimeError
    assert names(station) == before
    again = Heartbeat.attach(station)
    assert again.alive_ns == 5
    again.close()
    heartbeat.close()


def answer(station: str) -> str:
    """What it says once it has heard that the crowd is gone."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        with contextlib.suppress(ControlError):
            return str(ask(station, do="status")["asked"])
    raise TimeoutError


def test_crowd_takes_all_places_and_gives_them_back(station: str) -> None:
    """More than the socket takes, half of them with half a line; afterwards it answers again."""
    with served(station, lambda request: {"asked": request["do"]}):
        with crowd(station, 4 * CLIENTS), pytest.raises(ControlError):
            ask(station, do="status")
        assert answer(station) == "status"


def test_crowd_needs_nobody_who_listens(station: str) -> None:
    """A station that is gone is no error of whoever crowds it."""
    with crowd(station, 3):
        pass
