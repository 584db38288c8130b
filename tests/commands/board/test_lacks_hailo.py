"""What a box lacks for Hailo, and the exact commands: for a Raspberry Pi and a PC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.commands.board.box import Ran
from gonogo.commands.board.hailo import find_hailo
from gonogo.commands.board.lack import TIMING
from gonogo.commands.board.lacks_hailo import lacks_hailo
from gonogo.commands.board.machine import find_machine
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.commands.board.box import Box
    from gonogo.commands.board.lack import Lack

ALL = ("sudo apt install dkms", "sudo apt install hailo-all", "sudo reboot")


def lacks(box: Box) -> list[Lack]:
    """Of a box, in order."""
    return lacks_hailo(box, find_machine(box), find_hailo(box))


@pytest.mark.parametrize("architecture", ["HAILO8", "HAILO8L"])
def test_board_that_is_whole_lacks_nothing(tmp_path: Path, architecture: str) -> None:
    """With either chip."""
    assert lacks(boxes.pi5(tmp_path, architecture)) == []


def test_board_as_it_is_unpacked_gets_all_by_apt(tmp_path: Path) -> None:
    """The chip is on PCI, and nothing is installed."""
    box = boxes.pi5(tmp_path, None)
    trees.write(tmp_path, boxes.hailo_on_pci())
    driver, bindings = lacks(box)
    assert (driver.what, driver.commands) == ("the chip's kernel driver is not loaded", ALL)
    assert bindings.commands == ("sudo apt install python3-hailort",)


def test_newer_chip_gets_its_own_packages(tmp_path: Path) -> None:
    """Both sets of packages exclude each other."""
    box = boxes.pi5(tmp_path, None)
    trees.write(tmp_path, boxes.hailo_on_pci("0x45c4"))
    assert "sudo apt install hailo-h10-all" in lacks(box)[0].commands


def test_board_without_a_chip_is_told_to_look_at_it(tmp_path: Path) -> None:
    """A Raspberry Pi has its PCIe switched off until it is told; a PC has not."""
    lack, library, *_ = lacks(boxes.pi5(tmp_path / "pi", None))
    assert "no Hailo chip on PCIe" in lack.what
    assert "dtparam=pciex1" in lack.commands[0]
    assert library.commands == ALL  # it may be installed before the chip comes
    lack = lacks(boxes.pc(tmp_path / "pc"))[0]
    assert "no Hailo chip on PCIe" in lack.what
    assert lack.commands == ()


def test_pc_gets_the_vendors_files_for_its_processor(tmp_path: Path) -> None:
    """There is no package source for it."""
    box = boxes.pc(tmp_path, numpy="1.26.4")
    trees.write(tmp_path, boxes.hailo_on_pci())
    driver, bindings = lacks(box)
    assert "./hailort_4.23.0_amd64.deb" in driver.commands[1]
    wheel = "./hailort-4.23.0-cp311-cp311-linux_x86_64.whl"
    assert bindings.commands == (f"{boxes.VENV} -m pip install {wheel}",)


def test_family_that_we_do_not_know_is_given_no_wrong_command(tmp_path: Path) -> None:
    """Hailo has packages for Debian and Ubuntu alone."""
    box = boxes.pc(tmp_path, numpy="1.26.4")
    trees.write(tmp_path, boxes.hailo_on_pci() | {"etc/os-release": "ID=fedora"})
    assert lacks(box)[0].commands == ()


def test_driver_without_a_device_file_points_to_the_kernels_log(tmp_path: Path) -> None:
    """Its firmware is missing, or of another version."""
    box = boxes.pi5(tmp_path)
    (tmp_path / "dev/hailo0").unlink()
    (lack,) = lacks(box)
    assert "made no device file" in lack.what
    assert "sudo dmesg | grep -i hailo" in lack.commands


@pytest.mark.parametrize("part", ["driver", "firmware", "bindings"])
def test_parts_of_unlike_versions_are_named(tmp_path: Path, part: str) -> None:
    """Library, driver, firmware and bindings refuse each other."""
    answers: dict[str, Any] = {}
    if part == "firmware":
        answers["hailortcli"] = boxes.IDENTIFY.replace("4.23.0", "4.20.0")
    if part == "bindings":
        answers["hailo_platform"] = "4.20.0"
    box = boxes.pi5(tmp_path, **answers)
    if part == "driver":
        trees.write(tmp_path, {"sys/module/hailo_pci/version": "4.20.0"})
    (lack,) = lacks(box)
    assert lack.what == f"{part} 4.20.0 and library 4.23.0 must be of one version"
    assert "sudo apt full-upgrade" in lack.commands


def test_driver_that_does_not_say_its_version_is_not_suspected(tmp_path: Path) -> None:
    """Nor a package's own count behind the version."""
    box = boxes.pi5(tmp_path, hailo_platform="4.23.0-1")
    (tmp_path / "sys/module/hailo_pci/version").unlink()
    assert lacks(box) == []


def test_library_that_is_missing_is_told(tmp_path: Path) -> None:
    """The driver alone is of no use."""
    box = boxes.pi5(tmp_path)
    (tmp_path / "usr/lib/libhailort.so.4.23.0").unlink()
    (lack,) = lacks(box)
    assert "HailoRT's library is not installed" in lack.what
    assert lack.commands == ALL


def test_bindings_of_the_system_are_let_into_the_environment(tmp_path: Path) -> None:
    """Raspberry Pi OS installs them for its own Python."""
    none = {"error": "ModuleNotFoundError: No module named 'hailo_platform'"}
    system = {"version": "4.23.0", "python": "3.11"}
    answers: dict[str, Any] = {"hailo_platform": none, "system hailo_platform": system}
    box = boxes.pi5(tmp_path, **answers)
    (lack,) = lacks(box)
    assert "4.23.0 is installed for /usr/bin/python3 alone" in lack.what
    assert lack.commands[-1].startswith("/usr/bin/python3 -m venv --system-site-packages")


def test_bindings_of_the_system_that_are_broken_are_told_with_their_text(tmp_path: Path) -> None:
    """They are not called absent because our environment does not see them."""
    none = {"error": "ModuleNotFoundError: No module named 'hailo_platform'"}
    broken = {"error": "ImportError: libhailort.so.4.20.0: cannot open shared object file"}
    answers: dict[str, Any] = {"hailo_platform": none, "system hailo_platform": broken}
    box = boxes.pi5(tmp_path, **answers)
    (lack,) = lacks(box)
    assert "cannot be used: ImportError: libhailort.so.4.20.0" in lack.what


def test_slow_link_is_told_of_a_raspberry_pi(tmp_path: Path) -> None:
    """It runs all the same: a matter of time."""
    box = boxes.pi5(tmp_path)
    slot = "sys/bus/pci/devices/0001:01:00.0"
    trees.write(tmp_path, {f"{slot}/current_link_speed": "5.0 GT/s PCIe"})
    (lack,) = lacks(box)
    assert lack.needed_by == TIMING
    assert "pciex1_gen=3" in lack.commands[0]


def test_numpy_2_is_to_be_exchanged(tmp_path: Path) -> None:
    """With all else that goes with numpy 1."""
    (lack,) = lacks(boxes.pi5(tmp_path, numpy="2.4.6"))
    assert lack.what.startswith("numpy 2.4.6, expected below 2")
    assert lack.commands == (f"{boxes.VENV} -m pip install 'gonogo[hailo]'",)


def test_numpy_2_stays_where_there_is_no_numpy_1(tmp_path: Path) -> None:
    """There are no wheels of it for Python 3.13."""
    assert lacks(boxes.pi5(tmp_path, numpy="2.4.6")._replace(python="3.13.5")) == []


def taken_by(root: Path, command: str) -> list[Lack]:
    """Of a board whose chip a process of that command has open."""
    box = boxes.pi5(root, hailortcli=Ran(1, err="HAILO_OUT_OF_PHYSICAL_DEVICES(74)"))
    trees.write(root, {"proc/4711/cmdline": command})
    (root / "proc/4711/fd").mkdir()
    (root / "proc/4711/fd/5").symlink_to("/dev/hailo0")
    return lacks(box)


def test_chip_that_another_process_has_is_told_with_its_number(tmp_path: Path) -> None:
    """That it does not answer us is then no news."""
    (lack,) = taken_by(tmp_path, "rpicam-hello")
    assert lack.what == "the chip is taken by process 4711 (rpicam-hello); end it"
    assert lack.commands == ("kill 4711",)


def test_chip_that_our_own_station_has_is_no_fault(tmp_path: Path) -> None:
    """It judges parts with it."""
    assert taken_by(tmp_path, "/opt/.venv/bin/python -m gonogo.engines.serving.host") == []


def test_chip_that_nobody_has_and_does_not_answer_is_told(tmp_path: Path) -> None:
    """With what Hailo's tool says."""
    (lack,) = lacks(boxes.pi5(tmp_path, hailortcli=Ran(None, why="did not end within 10 s")))
    assert "the chip does not answer" in lack.what
    assert "did not end within 10 s" in lack.what


def test_user_who_may_not_use_the_chip_is_told(tmp_path: Path) -> None:
    """The rule of udev that came with the driver lets everybody."""
    (lack,) = lacks(boxes.pi5(tmp_path)._replace(may=lambda _path: False))
    assert lack.what == "this user may not use /dev/hailo0"
