"""A station's own word, at a line: asked of the real console, and of lines that are none."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ConsolePortError, FlashUsage
from gonogo.build.flash import heard
from gonogo.build.flash.heard import ConsoleStation, Health
from gonogo.console.serial.access import StationUser
from gonogo.console.serial.cable import exchange
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.port import SerialPort, SocketPort
from gonogo.console.serial.session import Session
from gonogo.tests.console.serial.told import Accounts, told_station
from gonogo.tests.fakes import scratch_station
from gonogo.tests.serial_lines import BareLine, Cable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.console.serial.access import Access
    from gonogo.console.serial.port import Port
    from gonogo.tests.console.serial.told import Told


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station that answers, one for all tests of this file."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("told")) as found:
        yield found


@contextlib.contextmanager
def console_at(port: Port, station: str, access: Access | None = None) -> Iterator[None]:
    """The product's own console at that port, in a thread."""
    stop = os.eventfd(0)
    guest = Guest(access or StationUser(), Place(station, None, "/dev/ttyTEST0"))
    session = Session(Conversation(guest), time.monotonic())

    def serve() -> None:
        with contextlib.suppress(ConsolePortError):
            while not select.select([stop], [], [], 0)[0]:
                exchange(port, session, None, stop)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        os.eventfd_write(stop, 1)
        thread.join()
        port.close()
        os.close(stop)


def test_a_serial_line_gives_the_stations_own_word(standing: Told, tmp_path: Path) -> None:
    """Its headline and its version, as `gonogo status --json` has them."""
    cable = Cable(tmp_path)
    try:
        with console_at(SerialPort(cable.station, 115200), standing.name):
            found = ConsoleStation(f"serial:{cable.plc}").health()
    finally:
        cable.close()
    assert found.word == "starting"
    assert found.says
    assert found.version is not None
    assert (found.line_runs, found.is_healthy) == (None, False)


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, socket.socket]]:
    """A TCP port on loopback, as ser2net has one: what is asked, and who listens there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp:127.0.0.1:{server.getsockname()[1]}", server


def test_a_tcp_line_gives_the_same(standing: Told) -> None:
    """To whoever connects."""
    with listening() as (line, server):
        found: list[Health] = []
        asking = threading.Thread(target=lambda: found.append(ConsoleStation(line).health()))
        asking.start()
        client, _ = server.accept()
        with console_at(SocketPort(client), standing.name):
            asking.join()
    assert [each.word for each in found] == ["starting"]


def test_a_console_that_wants_a_name_says_so(
    standing: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no silence, and no health either."""
    monkeypatch.setattr(heard, "ANSWER_S", 0.3)
    with listening() as (line, server):
        found: list[Health] = []
        asking = threading.Thread(target=lambda: found.append(ConsoleStation(line).health()))
        asking.start()
        client, _ = server.accept()
        with console_at(SocketPort(client), standing.name, Accounts()):
            asking.join()
    assert found == [Health(None, "the console wants somebody to sign in; look at the station's "
                                  "screen")]  # fmt: skip


@pytest.mark.parametrize(
    ("says", "words"),
    [(b"", "does not answer"), (b"login: \r\n", "no console of gonogo"),
     (b'{"word": 1\r\nOK\r\n', "no console of gonogo"),
     (b'x\r\nERR GN510 "the line ended"\r\ncell> ', "ERR GN510")],
)  # fmt: skip
def test_a_line_that_is_no_console_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: bytes, words: str
) -> None:
    """Silent, a login, noise, an error: why is said."""
    monkeypatch.setattr(heard, "ANSWER_S", 0.3)
    line, stop = BareLine(tmp_path), threading.Event()

    def talk() -> None:
        while not stop.wait(0.05):
            line.say(says)

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        found = ConsoleStation(f"serial:{line.device}").health()
    finally:
        stop.set()
        talking.join()
        line.unplug()
    assert found.word is None
    assert words in found.says


def test_a_port_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    """Neither a device nor a host."""
    assert ConsoleStation(f"serial:{tmp_path}/no").health().word is None
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert ConsoleStation(f"tcp:127.0.0.1:{port}").health().word is None


@pytest.mark.parametrize(
    ("link", "runs"),
    [({"alive": True, "plc": {"ctrl": 1}}, True), ({"alive": True, "plc": {"ctrl": 2}}, False),
     ({"alive": False, "plc": {"ctrl": 1}}, None), (None, None), ({"alive": True}, None)],
)  # fmt: skip
def test_parts_flow_where_a_plc_that_lives_says_so(
    link: dict[str, object] | None,
    runs: bool | None,  # noqa: FBT001 - a table
) -> None:
    """CTRL enable; of a PLC that is not there nothing is known."""
    assert heard.flows({"link": link}) is runs


@pytest.mark.parametrize("line", ["/dev/ttyUSB0", "serial:ttyUSB0", "tcp:host", "tcp:host:x", ""])
def test_a_line_is_named_as_one_of_two_kinds(line: str) -> None:
    """Anything else is a mistake in the options."""
    with pytest.raises(FlashUsage, match="expected serial:/dev/ttyUSB0"):
        ConsoleStation(line)
