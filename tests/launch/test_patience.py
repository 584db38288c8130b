"""A start that waits: how often it says so, and to whom."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import FileNotThere, GonogoError, MountNotThere
from gonogo.ipc.waiting import waiting
from gonogo.launch.patience import EXIT_AGAIN, SAY_EVERY_S, Patience

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Box:
    """What lacks at each look; time goes on by so much with each of them."""

    def __init__(self, *lacking: GonogoError | None, step_s: float = 0.0) -> None:
        self._lacking, self._step_s = iter(lacking), step_s
        self.now_s = 1000.0
        self.seen: list[int] = []

    def lacks(self) -> GonogoError | None:
        """The next one."""
        self.now_s += self._step_s
        self.seen.append(len(waiting("cell")))
        return next(self._lacking)


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What a service manager hears."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hears:
        hears.bind(str(tmp_path / "notify"))
        hears.setblocking(False)  # noqa: FBT003 - the signature of socket
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield hears


def said(caplog: pytest.LogCaptureFixture) -> int:
    """How often the log has it that something is waited for."""
    return sum("the station waits for it" in message for message in caplog.messages)


def test_patience_says_nothing_where_all_is_there(caplog: pytest.LogCaptureFixture) -> None:
    """Nor anything to systemd, or in a file."""
    caplog.set_level("INFO")
    Patience("cell", Box(None).lacks).wait()
    assert caplog.messages == []


def test_patience_says_each_thing_at_once_and_then_once_a_minute(
    caplog: pytest.LogCaptureFixture, systemd: socket.socket
) -> None:
    """A file of it is there meanwhile, and gone when all is there."""
    caplog.set_level("INFO")
    one, other = FileNotThere("a: not there"), FileNotThere("b: not there")
    box = Box(one, one, other, other, None, step_s=SAY_EVERY_S / 4)
    Patience("cell", box.lacks, lambda: box.now_s).wait()
    assert said(caplog) == 2
    assert box.seen == [0, 1, 1, 1, 1]
    assert waiting("cell") == []
    heard = systemd.recv(4096).decode()
    assert heard.startswith("EXTEND_TIMEOUT_USEC=30000000\nSTATUS=waits for: GN328: a: not there")


def test_patience_says_a_thing_again_after_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """With how long it has been."""
    one = FileNotThere("a: not there")
    box = Box(one, one, None, step_s=SAY_EVERY_S)
    Patience("cell", box.lacks, lambda: box.now_s).wait()
    assert said(caplog) == 2
    assert "(since 60 s)" in caplog.messages[-1]


def test_patience_begins_a_service_anew_once_its_disk_is_there(systemd: socket.socket) -> None:
    """What a unit lets it write was settled before the disk came; without one it goes on."""
    box = Box(MountNotThere("d: not mounted"), None)
    with pytest.raises(SystemExit) as ended:
        Patience("cell", box.lacks).wait()
    assert ended.value.code == EXIT_AGAIN
    assert systemd.recv(4096)


def test_patience_of_nobodys_service_goes_on_once_the_disk_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is no view of the files but the box's own."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Patience("cell", Box(MountNotThere("d: not mounted"), None).lacks).wait()
