"""A support bundle on a stick and over the cable, as a person at the console sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import NotTakenAlong, StationFileError
from gonogo.base.runtime_dir import runtime_dir
from gonogo.console.serial.sending import Sending
from gonogo.console.serial.sticks import Disks, Stick
from gonogo.console.serial.support import COMMAND, support_cable, support_usb
from gonogo.tests.console.serial.ran import at, begun, rows
from gonogo.tests.console.serial.receiving import receiver
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.console.serial.table import Answer, Errand
    from gonogo.tests.console.serial.told import Told

WAIT_S, TRIES = 40.0, 3
# what it was told to make is the last word; it says the others
MAKES = (
    sys.executable, "-c",
    ("import sys, zipfile\n"
    "with zipfile.ZipFile(sys.argv[-1], 'w') as made: made.writestr('parts', b'7' * 3000)\n"
    "print(*sys.argv[1:-1])"),
)  # fmt: skip
FULL = (
    sys.executable, "-c",
    "import sys; open(sys.argv[-1] + '.new', 'wb'); sys.exit('GN740: No space left on device')",
)  # fmt: skip


class Mounted(Disks):
    """One stick, in a folder of the test, until it is pulled out."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        super().__init__()
        folder.mkdir()
        self.found = [Stick(folder, "sdb", read_only)]

    def sticks(self, ours: Path) -> list[Stick]:
        """As it is now."""
        assert ours.name == "parts.sqlite"
        return list(self.found)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """A station that was started by a file."""
    with scratch_station() as name, told_station(name, tmp_path) as found:
        begun(found)
        yield found


def errand_of(answer: Answer) -> Errand:
    """What goes on."""
    assert answer.errand is not None
    return answer.errand


def ended(errand: Errand) -> Answer:
    """What came of it."""
    end_s = time.monotonic() + WAIT_S
    while (found := errand.finished()) is None:
        assert time.monotonic() < end_s
        errand.tick(time.monotonic(), 0)
        time.sleep(0.01)
    return found


def test_support_command_is_that_of_the_command_line() -> None:
    """With the option of the small form."""
    found = subprocess.run([*COMMAND, "--help"], check=True, capture_output=True, text=True)
    assert "STATION" in found.stdout
    assert "--small" in found.stdout


def test_support_usb_writes_a_bundle_onto_the_stick(told: Told, tmp_path: Path) -> None:
    """A zip that is whole; the trail names who, where to, and that it is done."""
    stick = tmp_path / "stick"
    answer = support_usb(at(told), (), Mounted(stick), MAKES)
    assert "Ctrl-C gives up" in answer.lines[0]
    said = ended(errand_of(answer))
    (file,) = stick.iterdir()
    assert said.lines[0] == f"{told.records.parent / 'cell.toml'} --out"
    assert "it is on the stick" in said.lines[-1]
    assert said.value == {"file": str(file), "bytes": file.stat().st_size}
    assert zipfile.is_zipfile(file)
    asked, done = rows(told, "support bundle")
    assert (asked.state, asked.new, asked.why) == ("asked", {"to": str(file)}, "a reason")
    assert (asked.who["account"], asked.who["role"]) == ("anna", "technician")
    assert (done.state, done.asked) == ("done", asked.number)


def test_support_usb_on_a_full_stick_leaves_nothing(told: Told, tmp_path: Path) -> None:
    """Said with its reason, and told in the trail."""
    stick = tmp_path / "stick"
    errand = errand_of(support_usb(at(told), ("sdb",), Mounted(stick), FULL))
    with pytest.raises(NotTakenAlong, match="No space left"):
        ended(errand)
    assert list(stick.iterdir()) == []
    assert [row.state for row in rows(told, "support bundle")] == ["asked", "failed"]


def test_support_usb_notices_that_the_stick_was_pulled(told: Told, tmp_path: Path) -> None:
    """Its folder is one of the system's disk then: what was written there goes again."""
    disks = Mounted(tmp_path / "stick")
    errand = errand_of(support_usb(at(told), (), disks, MAKES))
    disks.found.clear()
    with pytest.raises(NotTakenAlong, match="pulled out"):
        ended(errand)
    assert list((tmp_path / "stick").iterdir()) == []
    assert rows(told, "support bundle")[-1].state == "failed"


def test_support_usb_begins_nothing_without_a_stick(told: Told, tmp_path: Path) -> None:
    """Read-only, or none: no row, for nothing was begun."""
    with pytest.raises(NotTakenAlong, match="read-only"):
        support_usb(at(told), (), Mounted(tmp_path / "stick", read_only=True), MAKES)
    with pytest.raises(NotTakenAlong, match="found: sdb"):
        support_usb(at(told), ("sdx",), Mounted(tmp_path / "other"), MAKES)
    assert rows(told, "support bundle") == []


def test_support_wants_to_know_the_station_file(tmp_path: Path) -> None:
    """Of a station that no file is known of there is no bundle."""
    with (
        scratch_station() as name,
        told_station(name, tmp_path) as found,
        pytest.raises(StationFileError),
    ):
        support_usb(at(found), (), Mounted(tmp_path / "stick"), MAKES)


def left() -> list[str]:
    """Folders of bundles in memory."""
    return [name for name in os.listdir(runtime_dir()) if name.startswith("support-")]  # noqa: PTH208 - names


def received(told: Told, there: Path) -> tuple[int, Errand]:
    """What `rb` ended with, and the errand that sent to it."""
    sending = ended(errand_of(support_cable(at(told), (), MAKES)))
    assert "start YMODEM to receive" in sending.lines[0]
    errand = errand_of(sending)
    assert left() == []

    def turn(heard: bytes) -> bytes:
        errand.receive(heard, time.monotonic())
        return errand.tick(time.monotonic(), 0)

    with receiver(there) as rb:
        rb.until(turn, lambda: rb.process.poll() is not None)
        return rb.ended(), errand


def test_support_cable_sends_the_small_form_to_rb(told: Told, tmp_path: Path) -> None:
    """Received by another program: a zip that is whole."""
    for number in range(TRIES):
        there = tmp_path / str(number)
        there.mkdir()
        code, errand = received(told, there)
        if code != -signal.SIGABRT:  # rb itself, once, on a box with no time for it
            break
    assert code == 0
    (file,) = there.iterdir()
    assert ended(errand).value == {"file": file.name, "bytes": file.stat().st_size}
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
    assert [row.state for row in rows(told, "support bundle")][-2:] == ["asked", "done"]


def test_support_cable_that_nobody_receives_is_told_in_the_trail(told: Told) -> None:
    """Given up at the keyboard, or the cable is gone: as failed, once."""
    errand = errand_of(ended(errand_of(support_cable(at(told), (), MAKES))))
    assert isinstance(errand, Sending)
    errand.receive(b"\x03", 0.0)
    assert errand.tick(0.0, 0)
    with pytest.raises(NotTakenAlong, match=r"0 of 3\d+ bytes"):
        errand.finished()
    gone = errand_of(ended(errand_of(support_cable(at(told), (), MAKES))))
    assert gone.cancel()
    assert gone.cancel() == b""
    states = [row.state for row in rows(told, "support bundle")]
    assert states == ["asked", "failed", "asked", "failed"]
    assert left() == []


def test_support_cable_that_cannot_be_made_leaves_nothing_in_memory(told: Told) -> None:
    """As on a full disk."""
    with pytest.raises(NotTakenAlong, match="No space left"):
        ended(errand_of(support_cable(at(told), (), FULL)))
    assert left() == []
