"""What systemd hears of us, and that nothing of it can hold us up."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.watchdog.notify import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """A service manager's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(5)
        yield made


def test_notifier_tells_ready_alive_and_stopping(manager: socket.socket) -> None:
    """In the words of sd_notify(3), and children do not inherit the address."""
    environ = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "10000000", "PATH": "/bin"}
    notifier = Notifier.from_environment(environ)
    assert environ == {"PATH": "/bin"}
    assert notifier.watchdog_s == 10.0
    notifier.ready("running")
    notifier.alive()
    notifier.stopping()
    heard = [manager.recv(256) for _ in range(3)]
    assert heard == [b"READY=1\nSTATUS=running", b"WATCHDOG=1", b"STOPPING=1"]
    notifier.close()


def test_notifier_without_a_service_manager_says_nothing() -> None:
    """On a laptop there is nobody to tell."""
    notifier = Notifier.from_environment({})
    notifier.ready("running")
    notifier.close()
    assert (notifier.watchdog_s, notifier.unheard) == (None, 0)


@pytest.mark.parametrize(("pid", "asked"), [(str(os.getpid()), True), ("1", False), ("", True)])
def test_notifier_heeds_the_watchdog_only_where_it_is_meant(pid: str, asked: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """WATCHDOG_PID names another process: not ours to feed."""
    notifier = Notifier.from_environment({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": pid})
    assert (notifier.watchdog_s == 1.0) is asked


def test_notifier_counts_what_nobody_hears(manager: socket.socket) -> None:
    """A manager that is gone, or does not read: nothing raises, nothing waits."""
    address = manager.getsockname()
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": address})
    for _ in range(2000):
        notifier.status("x" * 100)
    full = notifier.unheard
    assert full > 0
    manager.close()
    notifier.status("nobody is there")
    assert notifier.unheard == full + 1
    notifier.close()


def test_notifier_finds_an_abstract_socket() -> None:
    """An address that begins with @ lies in no folder."""
    name = f"gonogo-test-{os.getpid()}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind("\0" + name)
        manager.settimeout(5)
        notifier = Notifier.from_environment({"NOTIFY_SOCKET": f"@{name}"})
        notifier.ready("up")
        assert manager.recv(64) == b"READY=1\nSTATUS=up"
        notifier.close()
