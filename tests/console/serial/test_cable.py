"""A session on a port that goes and comes back."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.config.console import ConsoleSection
from gonogo.console.serial.cable import Cable, Names
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.port import SerialPort
from gonogo.console.serial.session import Session
from gonogo.tests.console.serial.told import Accounts
from gonogo.tests.serial_lines import BareLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT_S = 20.0


class Bench:
    """A cable whose other end is the test's; `turn` is what its process does."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.line = folder, BareLine(folder)
        self.stop = os.eventfd(0)
        guest = Guest(Accounts(), Place("cell", None, str(self.line.device)))
        self.session = Session(Conversation(guest), time.monotonic())
        section = ConsoleSection(device=str(self.line.device), baud=9600)
        self.cable = Cable(section, self.session, folder / "links", again_s=0.05)
        self.got = ""

    def until(self, words: str) -> str:
        """Turn until the terminal has seen that; what came until then."""
        end_s = time.monotonic() + WAIT_S
        while words not in self.got:
            assert time.monotonic() < end_s, self.got
            self.cable.turn(self.stop)
            self.got += self.line.heard(0).decode("ascii")
        seen, self.got = self.got, ""
        return seen

    def turns(self, count: int) -> None:
        """So many."""
        for _ in range(count):
            self.cable.turn(self.stop)

    def close(self) -> None:
        """Both ends."""
        self.cable.close()
        self.line.unplug()
        os.close(self.stop)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Plugged in."""
    with closing(Bench(tmp_path)) as made:
        yield made


def test_cable_asks_for_a_name_as_soon_as_it_is_open(bench: Bench) -> None:
    """And answers what is typed."""
    bench.until("name: ")
    bench.line.say(b"anna\r")
    bench.until("PIN or badge: ")
    bench.line.say(b"246813\r")
    bench.until("signed in as supervisor")


def test_cable_that_is_pulled_signs_out(bench: Bench) -> None:
    """Plugged in again nobody is signed in, and half a line is gone."""
    bench.until("name: ")
    bench.line.say(b"anna\r246813\reng")
    bench.until("\x1b[Keng")
    bench.line.unplug()
    bench.turns(2)
    bench.line.plug()
    assert "eng" not in bench.until("name: ")


def test_cable_waits_for_a_port_that_another_program_has(bench: Bench) -> None:
    """It is had as soon as that is closed."""
    other = SerialPort(bench.line.device, 9600)
    bench.turns(2)
    other.close()
    bench.until("name: ")


def test_cable_waits_for_a_port_that_is_not_there(bench: Bench) -> None:
    """An adapter may be plugged in hours after the start."""
    bench.line.unplug()
    bench.turns(2)
    bench.line.plug()
    bench.until("name: ")


def test_names_find_an_adapter_under_another_name(tmp_path: Path) -> None:
    """By the link of its own id, noted when it was open; not before, and not while it is away."""
    device, link = tmp_path / "ttyUSB0", tmp_path / "links" / "by-id" / "usb-FTDI"
    link.parent.mkdir(parents=True)
    device.touch()
    link.symlink_to(device)
    names = Names(device, tmp_path / "links")
    assert names.now() == device
    names.note(device)
    device.unlink()
    assert names.now() == device
    link.unlink()
    other = tmp_path / "ttyUSB1"
    other.touch()
    link.symlink_to(other)
    assert names.now().resolve() == other
    names.note(names.now())
    assert names.now().resolve() == other


def test_cable_comes_back_under_another_name(bench: Bench) -> None:
    """The session goes on where the adapter is now."""
    link = bench.folder / "links" / "by-id" / "usb-FTDI"
    link.parent.mkdir(parents=True)
    link.symlink_to(bench.line.device)
    bench.until("name: ")
    bench.line.unplug()
    bench.turns(2)
    bench.line.device = bench.folder / "ttyTEST1"
    bench.line.plug()
    link.unlink()
    link.symlink_to(bench.line.device)
    bench.until("name: ")


def test_cable_at_9600_baud_lets_little_wait_in_the_kernel(bench: Bench) -> None:
    """What has not gone yet can still be taken back: Ctrl-C ends a long answer."""
    bench.until("name: ")
    bench.session.out.extend(b"x" * 6000)
    bench.turns(3)
    assert len(bench.session.out) > 5000
    bench.line.say(b"\x03")
    bench.until("the rest was left out")
