"""What is told of Hailo: of a Raspberry Pi with a chip, with half of it, and without."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.board.box import Ran
from gonogo.commands.board.hailo import find_hailo
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("architecture", ["HAILO8", "HAILO8L"])
def test_chip_says_which_it_is(tmp_path: Path, architecture: str) -> None:
    """PCI has one number for both."""
    found = find_hailo(boxes.pi5(tmp_path, architecture))
    assert found.chips == ("Hailo-8 or 8L (PCI 0001:01:00.0)",)
    assert (found.architecture, found.firmware) == (architecture, "4.23.0")
    assert (found.driver, found.libhailort, found.bindings.version) == ("4.23.0",) * 3
    rows = dict(found.rows())
    assert rows["Hailo chip"] == f"{architecture}, PCIe 8.0 GT/s x1, /dev/hailo0"
    assert rows["HailoRT"] == "driver 4.23.0, library 4.23.0, Python 4.23.0, firmware 4.23.0"


def test_board_without_a_chip_is_not_asked(tmp_path: Path) -> None:
    """No program is started that would wait for one."""
    box = boxes.pi5(tmp_path, None)
    found = find_hailo(box)
    assert not found.present
    assert (found.chips, found.devices, found.error) == ((), (), None)
    assert isinstance(box.run, boxes.Programs)
    assert not any(argv[0] == "hailortcli" for argv in box.run.asked)


def test_newer_chip_is_of_the_other_line(tmp_path: Path) -> None:
    """It wants other packages."""
    box = boxes.pi5(tmp_path, None)
    trees.write(tmp_path, boxes.hailo_on_pci("0x45C4"))
    found = find_hailo(box)
    assert found.newer_line
    assert "Hailo-10H" in dict(found.rows())["Hailo chip"]


def test_chip_that_we_do_not_know_has_its_number(tmp_path: Path) -> None:
    """Rather than a wrong name."""
    box = boxes.pi5(tmp_path, None)
    trees.write(tmp_path, boxes.hailo_on_pci("0x1234"))
    assert find_hailo(box).chips == ("device 0x1234 (PCI 0001:01:00.0)",)


@pytest.mark.parametrize(
    ("ran", "text"),
    [
        (Ran(None, why="did not end within 10 s"), "did not end within 10 s"),
        (Ran(-11), "SIGSEGV"),
        (Ran(1, err="[HailoRT] [error] Failed to open device\n"), "status 1; [HailoRT] [error]"),
    ],
)
def test_chip_that_does_not_answer_is_told(tmp_path: Path, ran: Ran, text: str) -> None:
    """With what Hailo's tool says, or how it ended."""
    found = find_hailo(boxes.pi5(tmp_path, hailortcli=ran))
    assert found.architecture is None
    assert text in (found.error or "")
    assert text in dict(found.rows())["HailoRT"]


def test_newest_library_counts(tmp_path: Path) -> None:
    """By numbers: 4.23 is newer than 4.9."""
    box = boxes.pi5(tmp_path)
    trees.write(tmp_path, {"usr/lib/libhailort.so.4.9.0": "", "usr/lib/libhailort.so": ""})
    assert find_hailo(box).libhailort == "4.23.0"


def test_process_that_has_the_chip_is_named(tmp_path: Path) -> None:
    """By its number and command; where this user sees no other's, that is unknown."""
    box = boxes.pi5(tmp_path)
    assert dict(find_hailo(box).rows())["chip taken by"] == "unknown (needs root)"
    root = box._replace(superuser=True)
    assert dict(find_hailo(root).rows())["chip taken by"] == "nobody"
    trees.write(tmp_path, {"proc/4711/cmdline": "/usr/bin/rpicam-hello\0-t\0"})
    (tmp_path / "proc/4711/fd").mkdir()
    (tmp_path / "proc/4711/fd/5").symlink_to("/dev/hailo0")
    (tmp_path / "proc/4712/fd").mkdir(parents=True)
    (tmp_path / "proc/4712/fd/1").symlink_to("/dev/null")
    assert find_hailo(root).holders == ("process 4711 (/usr/bin/rpicam-hello -t)",)


def test_forbidden_device_file_is_named(tmp_path: Path) -> None:
    """The others are not."""
    box = boxes.pi5(tmp_path)
    trees.write(tmp_path, {"dev/hailo1": ""})
    found = find_hailo(box._replace(may=lambda path: os.fspath(path).endswith("hailo0")))
    assert (found.devices, found.forbidden) == (("/dev/hailo0", "/dev/hailo1"), ("/dev/hailo1",))
