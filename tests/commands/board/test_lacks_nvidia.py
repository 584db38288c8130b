"""What a box lacks for TensorRT, and the exact commands: boards and PCs, each with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.commands.board.cuda import find_cuda
from gonogo.commands.board.jetpack import find_jetpack
from gonogo.commands.board.lacks_nvidia import JETPACK, lacks_nvidia
from gonogo.commands.board.machine import find_machine
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.commands.board.box import Box
    from gonogo.commands.board.lack import Lack

WHOLE = {"tensorrt": "10.3.0", "cuda.bindings.driver": "12.9.4"}
OPENS = f"/usr/bin/python3 -m venv --system-site-packages {boxes.VENV.removesuffix('/bin/python')}"


def lacks(box: Box) -> list[Lack]:
    """Of a box, in order."""
    machine = find_machine(box)
    jetpack = find_jetpack(box) if machine.kind == "jetson" else None
    return lacks_nvidia(box, machine, jetpack, find_cuda(box))


@pytest.mark.parametrize("jetpack", ["6.1", "6.2", "7.1", "7.2"])
def test_jetson_that_is_whole_lacks_nothing(tmp_path: Path, jetpack: str) -> None:
    """Of every JetPack that we take."""
    assert lacks(boxes.orin_nano(tmp_path, jetpack, **WHOLE)) == []


@pytest.mark.parametrize("jetpack", ["4.6.1", "5.1.2"])
def test_old_jetpack_is_to_be_flashed(tmp_path: Path, jetpack: str) -> None:
    """It is the only thing that is said: all else comes with the new one."""
    (lack,) = lacks(boxes.orin_nano(tmp_path, jetpack))
    assert lack.needed_by == "tensorrt"
    assert f"JetPack {jetpack} (Jetson Linux" in lack.what
    assert "too old, expected JetPack 6.1 or newer" in lack.what
    assert "flashed anew" in lack.what
    assert lack.commands == ()


def test_jetpack_6_0_is_brought_up_by_apt(tmp_path: Path) -> None:
    """Within one line of Jetson Linux packages lead on."""
    (lack,) = lacks(boxes.orin_nano(tmp_path, "6.0"))
    assert lack.commands[0].startswith(r"sudo sed -i 's/r36\.[0-9]*/r36.4/' /etc/apt/")
    assert "sudo apt dist-upgrade" in lack.commands


def test_tensorrt_of_the_system_is_let_into_the_environment(tmp_path: Path) -> None:
    """JetPack installs it for the system's Python; a virtual environment does not look there."""
    box = boxes.orin_nano(tmp_path, **{"cuda.bindings.driver": "12.9.4"})
    (lack,) = lacks(box)
    assert lack.what.startswith("TensorRT 10.3.0 is installed for /usr/bin/python3 alone")
    assert lack.commands == (OPENS,)


def test_tensorrt_of_another_python_wants_an_environment_of_that_one(tmp_path: Path) -> None:
    """Its module is built for one version of Python."""
    box = boxes.orin_nano(tmp_path, **{"cuda.bindings.driver": "12.9.4"})._replace(python="3.11.9")
    (lack,) = lacks(box)
    assert "which is Python 3.10; this environment has 3.11.9" in lack.what
    assert lack.commands == (
        "rm -r .venv",
        "make PYTHON=/usr/bin/python3 .venv/.installed",
        "/usr/bin/python3 -m venv --system-site-packages .venv",
    )


def test_jetson_without_tensorrt_gets_it_by_apt(tmp_path: Path) -> None:
    """NVIDIA's image for SD cards leaves it to the user."""
    none = {"error": "ModuleNotFoundError: No module named 'tensorrt'"}
    answers: dict[str, Any] = {"system tensorrt": none, "cuda.bindings.driver": "12.9.4"}
    (lack,) = lacks(boxes.orin_nano(tmp_path, **answers))
    assert (lack.what, lack.commands) == ("TensorRT is not installed", JETPACK)


@pytest.mark.parametrize(
    "error",
    [
        "ImportError: libnvinfer.so.10: cannot open shared object file: No such file or directory",
        "OSError: libcudart.so.12: cannot open shared object file: No such file or directory",
        "it crashes the process that uses it (SIGSEGV)",
        "did not end within 60 s",
    ],
)
def test_tensorrt_that_cannot_be_imported_is_told_with_its_text(tmp_path: Path, error: str) -> None:
    """Whatever it is: the text names the library."""
    answers: dict[str, Any] = WHOLE | {"tensorrt": {"error": error}}
    (lack,) = lacks(boxes.orin_nano(tmp_path, **answers))
    assert lack.what == f"TensorRT is installed and cannot be used: {error}"
    assert lack.commands == JETPACK


def test_tensorrt_of_the_system_that_is_broken_is_told_with_its_text(tmp_path: Path) -> None:
    """It is not called absent because our environment does not see it."""
    broken: dict[str, Any] = {"system tensorrt": {"error": "OSError: libnvinfer.so.10: no"}}
    (lack,) = lacks(boxes.orin_nano(tmp_path, **broken, **{"cuda.bindings.driver": "12.9.4"}))
    assert lack.what == "TensorRT is installed and cannot be used: OSError: libnvinfer.so.10: no"


def test_box_without_a_python_of_the_system_is_told_what_is_missing(tmp_path: Path) -> None:
    """And not that of a program that nobody asked for."""
    box = boxes.orin_nano(tmp_path, **{"cuda.bindings.driver": "12.9.4"})
    (tmp_path / "usr/bin/python3").unlink()
    (lack,) = lacks(box)
    assert lack.what == "TensorRT is not installed"


def test_driver_without_a_device_is_told(tmp_path: Path) -> None:
    """It starts, and there is nothing for it."""
    cuda = {"version": 12060, "devices": []}
    (lack,) = lacks(boxes.orin_nano(tmp_path, cuda=cuda, **WHOLE))
    assert "finds no device" in lack.what


def test_tensorrt_that_is_too_old_is_told(tmp_path: Path) -> None:
    """On a PC, by pip, for the CUDA that its driver is for."""
    cuda = {"version": 13000, "devices": [boxes.ORIN_GPU]}
    box = boxes.pc(tmp_path, cuda=cuda, tensorrt="10.2.0", **{"cuda.bindings.driver": "13.0.1"})
    (lack,) = lacks(box)
    assert lack.what == "TensorRT 10.2.0, expected 10.3 or newer, below 12"
    assert lack.commands == (f"{boxes.VENV} -m pip install 'tensorrt-cu13>=10.3,<12'",)


def test_package_for_cuda_is_of_the_drivers_line(tmp_path: Path) -> None:
    """12 for JetPack 6, 13 for JetPack 7.2; pycuda will do as well."""
    (lack,) = lacks(boxes.orin_nano(tmp_path / "12", tensorrt="10.3.0"))
    assert lack.commands == (f"{boxes.VENV} -m pip install 'cuda-bindings==12.*,>=12.6'",)
    cuda = {"version": 13020, "devices": [boxes.ORIN_GPU]}
    (lack,) = lacks(boxes.orin_nano(tmp_path / "13", "7.2", tensorrt="10.16.0", cuda=cuda))
    assert "'cuda-bindings==13.*" in lack.commands[0]
    assert lacks(boxes.orin_nano(tmp_path / "py", tensorrt="10.3.0", pycuda="2024.1")) == []


def test_tensorrt_of_a_line_that_is_not_known_is_told(tmp_path: Path) -> None:
    """Nobody has seen whether it does what we ask of it; the newest that is known will do."""
    known = WHOLE | {"tensorrt": "11.4.1"}
    assert lacks(boxes.orin_nano(tmp_path / "known", **known)) == []
    (lack,) = lacks(boxes.orin_nano(tmp_path / "new", **(WHOLE | {"tensorrt": "12.0.1"})))
    assert lack.what.startswith("TensorRT 12.0.1, expected")


def test_package_for_cuda_that_is_newer_than_the_driver_is_told(tmp_path: Path) -> None:
    """By its major version; a newer one within it runs."""
    (lack,) = lacks(boxes.orin_nano(tmp_path, **(WHOLE | {"cuda.bindings.driver": "13.0.1"})))
    assert lack.what == "cuda-bindings 13.0.1 is newer than the driver, for CUDA 12"
    assert "'cuda-bindings==12.*" in lack.commands[0]


def test_package_for_cuda_that_is_broken_is_told_with_its_text(tmp_path: Path) -> None:
    """And not called absent."""
    broken: dict[str, Any] = {"cuda.bindings.driver": {"error": "ImportError: undefined symbol: x"}}
    (lack,) = lacks(boxes.orin_nano(tmp_path, tensorrt="10.3.0", **broken))
    assert "cannot be used: ImportError: undefined symbol: x" in lack.what


@pytest.mark.parametrize(("release", "command"), [
    ("ID=debian", "sudo apt install nvidia-driver firmware-misc-nonfree"),
    ("ID=ubuntu", "sudo ubuntu-drivers install"),
    ('ID=linuxmint\nID_LIKE="ubuntu debian"', "sudo ubuntu-drivers install"),
])  # fmt: skip
def test_pc_without_a_driver_is_told_how_to_get_it(
    tmp_path: Path, release: str, command: str
) -> None:
    """By its distribution; with no card on PCI, that is said, too."""
    box = boxes.pc(tmp_path, **WHOLE)
    trees.write(tmp_path, {"etc/os-release": release})
    (lack,) = lacks(box)
    assert "no GPU of NVIDIA is seen on PCI" in lack.what
    trees.write(tmp_path, boxes.nvidia_on_pci())
    (lack,) = lacks(box)
    assert lack.what == "no CUDA driver (libcuda.so.1)"
    assert lack.commands[-2:] == (command, "sudo reboot")


def test_family_that_we_do_not_know_is_given_no_wrong_command(tmp_path: Path) -> None:
    """What is missing is told all the same."""
    box = boxes.pc(tmp_path, **WHOLE)
    trees.write(tmp_path, {"etc/os-release": 'ID=fedora\nID_LIKE="rhel"'})
    (lack,) = lacks(box)
    assert "no CUDA driver" in lack.what
    assert lack.commands == ()


def test_driver_that_is_too_old_is_told_with_both_versions(tmp_path: Path) -> None:
    """Of CUDA, as NVIDIA counts them."""
    box = boxes.pc(tmp_path, cuda={"version": 11040, "devices": [boxes.ORIN_GPU]}, **WHOLE)
    (lack,) = lacks(box)
    assert lack.what == "the driver is for CUDA 11.4, expected 12.0 or newer"


def test_driver_that_does_not_start_is_told_with_its_text(tmp_path: Path) -> None:
    """A driver that was exchanged while it ran wants a restart."""
    error = "cuInit: error 803 CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: unlike"
    cuda = {"version": 12060, "devices": [], "error": error}
    (lack,) = lacks(boxes.pc(tmp_path / "pc", cuda=cuda, **WHOLE))
    assert lack.what == f"the CUDA driver does not start: {error}"
    assert lack.commands == ("sudo modprobe nvidia_uvm", "sudo reboot")
    (lack,) = lacks(boxes.orin_nano(tmp_path / "orin", cuda=cuda, **WHOLE))
    assert lack.commands == ("sudo reboot",)


def test_user_who_may_not_use_the_gpu_is_told_the_groups(tmp_path: Path) -> None:
    """Before anything is said of what the driver answers him."""
    cuda = {"version": 12060, "devices": [], "error": "cuInit: error 100"}
    box = boxes.orin_nano(tmp_path, cuda=cuda, **WHOLE)._replace(may=lambda _path: False)
    (lack,) = lacks(box)
    assert lack.what.startswith("this user may not use /dev/nvmap")
    assert lack.commands == ("sudo usermod -aG video,render $USER",)
