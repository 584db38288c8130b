"""What a machine is: of boards as they are made, and of this very one beside other programs."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.board.box import Box
from gonogo.commands.board.machine import find_machine, in_a_line
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from pathlib import Path


def test_machine_of_a_jetson(tmp_path: Path) -> None:
    """From the device tree, also what core it has."""
    found = find_machine(boxes.orin_nano(tmp_path))
    assert found.kind == "jetson"
    assert found.model == "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit"
    assert found.processor == "cortex-a78"
    assert (found.cores, found.memory_mb, found.isolated_cores) == (6, 7619, "")
    assert (found.os, found.os_family) == ("Ubuntu 22.04.5 LTS", "ubuntu")
    assert (found.kernel, found.preemption) == ("5.15.148-tegra", "PREEMPT")
    assert "6 cores, 4 of them for this program" in dict(found.rows())["processor"]


def test_machine_of_a_raspberry_pi(tmp_path: Path) -> None:
    """Its operating system says Debian; the device tree says what it is."""
    found = find_machine(boxes.pi5(tmp_path))
    assert (found.kind, found.model) == ("raspberry-pi", "Raspberry Pi 5 Model B Rev 1.0")
    assert found.memory_mb is None
    assert "memory unknown" in dict(found.rows())["processor"]


def test_machine_of_a_pc(tmp_path: Path) -> None:
    """From the firmware's tables; a real-time kernel, and a core set apart, are told."""
    found = find_machine(boxes.pc(tmp_path))
    assert (found.kind, found.model) == ("other", "Vendor Ltd. Box PC 420")
    assert found.processor == "Intel(R) Core(TM) i5-8365UE"
    assert (found.cores, found.isolated_cores, found.preemption) == (5, "3", "PREEMPT_RT")
    assert "isolated: 3" in dict(found.rows())["processor"]


def test_machine_takes_no_placeholder_for_a_name(tmp_path: Path) -> None:
    """The board says what it is where the system's name was never filled in."""
    box = boxes.pc(tmp_path)
    names = {
        "product_name": "To Be Filled By O.E.M.",
        "board_vendor": "ASRock",
        "board_name": "N97",
    }
    trees.write(tmp_path, {f"sys/class/dmi/id/{key}": name for key, name in names.items()})
    assert find_machine(box).model == "ASRock N97"
    trees.write(tmp_path, {"sys/class/dmi/id/board_name": "Default string"})
    assert find_machine(box).model is None


def test_real_time_kernel_says_so_in_sysfs(tmp_path: Path) -> None:
    """Whatever its version text calls itself."""
    box = boxes.orin_nano(tmp_path)
    trees.write(tmp_path, {"sys/kernel/realtime": "1"})
    assert find_machine(box).preemption == "PREEMPT_RT"


def test_machine_of_an_empty_box_is_unknown_and_no_fault(tmp_path: Path) -> None:
    """A container without /sys and /proc."""
    found = find_machine(Box(root=tmp_path, libc=""))
    assert (found.model, found.processor, found.os, found.kernel) == (None, None, None, None)
    assert found.cores == 0
    assert "cores unknown" in dict(found.rows())["processor"]
    assert "no glibc" in dict(found.rows())["operating system"]


@pytest.mark.parametrize("online", ["nonsense", "0-", "3-x", "-"])
def test_cores_that_are_no_list_are_unknown(tmp_path: Path, online: str) -> None:
    """Rather than a wrong number."""
    trees.write(tmp_path, {"sys/devices/system/cpu/online": online})
    assert find_machine(Box(root=tmp_path)).cores in {0, 1}


def test_this_machine_is_as_lscpu_has_it() -> None:
    """Architecture, number of cores, processor, by another program."""
    if shutil.which("lscpu") is None:
        pytest.skip("lscpu is not installed")
    done = subprocess.run(["lscpu", "--json"], check=True, capture_output=True, timeout=60)
    theirs = {each["field"]: each["data"] for each in json.loads(done.stdout)["lscpu"]}
    found = find_machine(Box())
    assert found.architecture == theirs["Architecture:"]
    assert (
        f"{found.cores}"
        == subprocess.run(
            ["getconf", "_NPROCESSORS_ONLN"], check=True, capture_output=True, text=True, timeout=60
        ).stdout.strip()
    )
    if found.architecture == "x86_64":
        assert found.processor == theirs["Model name:"]


def test_this_machine_is_as_dmidecode_has_it() -> None:
    """Maker and product, read from the tables by another program."""
    if shutil.which("dmidecode") is None:
        pytest.skip("dmidecode is not installed")
    done = subprocess.run(
        ["dmidecode", "-s", "system-product-name"], check=False, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip
    if done.returncode or not done.stdout.strip():
        pytest.skip("dmidecode sees no SMBIOS here")
    assert done.stdout.strip().splitlines()[-1] in (find_machine(Box()).model or "")


def test_box_in_a_line_starts_no_child(tmp_path: Path) -> None:
    """`gonogo check` says it each time."""
    box = boxes.pc(tmp_path)
    assert in_a_line(box).startswith("this box: Vendor Ltd. Box PC 420 (x86_64), Intel(R) Core(TM)")
    assert isinstance(box.run, boxes.Programs)
    assert box.run.asked == []
