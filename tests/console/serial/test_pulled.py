"""The cable is pulled out in the middle of a change: it is done, or it is not."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gonogo.config.console import ConsoleSection
from gonogo.console.serial.access import StationUser
from gonogo.console.serial.cable import Cable
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.session import Session
from gonogo.tests.console.serial.told import CODE, told_station
from gonogo.tests.serial_lines import BareLine

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.console.serial.told import Told

WAIT_S = 20.0
TO_END = "\x1b[K"  # clears the rest of a row
CHANGE = f"acknowledge\rnew cable\r{CODE}\r".encode()
# what the terminal was sent by the end of each line
ENDS = {b"acknowledge\r": "reason: ", b"acknowledge\rnew cable\r": f"type {CODE} to do it: "}


class Desk:
    """A console of that station, on a line that can be pulled out; it never waits."""

    def __init__(self, told: Told, folder: Path, stack: ExitStack) -> None:
        self.line, self.prompt = BareLine(folder), f"{told.name}> "
        stack.callback(self.line.unplug)
        guest = Guest(StationUser(), Place(told.name, None, str(self.line.device)))
        session = Session(Conversation(guest, code=lambda: CODE), time.monotonic())
        section = ConsoleSection(device=str(self.line.device), baud=115200)
        self.cable = Cable(section, session, folder / "links", again_s=0.0)
        stack.callback(self.cable.close)
        self.stop = os.eventfd(1)  # asked to stop: nobody waits for anything
        stack.callback(os.close, self.stop)

    def say(self, data: bytes, until: str) -> None:
        """Type it, and turn until the terminal was sent that."""
        self.line.say(data)
        got, end_s = "", time.monotonic() + WAIT_S
        while not got.replace(TO_END, "").endswith(until):
            assert time.monotonic() < end_s, got
            self.cable.turn(self.stop)
            got += self.line.heard(0).decode("ascii")

    def pull(self) -> None:
        """Out, and in again once that was noticed."""
        self.line.unplug()
        self.cable.turn(self.stop)
        self.line.plug()
        self.say(b"", self.prompt)


def shown_after(typed: bytes, prompt: str) -> str:
    """What the terminal was sent last, of so much of the change."""
    if typed == CHANGE:
        return prompt
    done = max((each for each in ENDS if typed.startswith(each)), key=len, default=b"")
    return typed[len(done) :].decode() or ENDS.get(done, prompt)


def test_cable_pulled_at_any_byte_of_a_change_leaves_it_done_or_undone(
    station: str, tmp_path: Path
) -> None:
    """Never half; and what is typed of it once the cable is in again begins nothing."""
    with told_station(station, tmp_path) as told, ExitStack() as stack:
        desk = Desk(told, tmp_path, stack)
        desk.say(b"", desk.prompt)
        for count in range(len(CHANGE) + 1):
            told.asked.clear()
            desk.say(CHANGE[:count], shown_after(CHANGE[:count], desk.prompt) if count else "")
            desk.pull()
            done = [{"do": "acknowledge"}] * (count == len(CHANGE))
            assert told.changes == done, CHANGE[:count]
            if count:  # all of it from its first byte on would be a change like any other
                desk.say(CHANGE[count:] + b"\r", desk.prompt)
            assert told.changes == done, CHANGE[count:]
