"""What is told of NVIDIA: of a Jetson, a PC with a card, and a box without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.board.cuda import find_cuda
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from pathlib import Path


def test_jetson_has_its_gpu_from_the_driver(tmp_path: Path) -> None:
    """It is not on PCI."""
    found = find_cuda(boxes.orin_nano(tmp_path))
    assert found.present
    assert (found.gpus, found.driver, found.version) == ((), "nvgpu", (12, 6))
    rows = dict(found.rows())
    assert rows["NVIDIA GPU"] == "Orin, compute capability 8.7, integrated"
    assert rows["CUDA driver"] == "CUDA 12.6, kernel driver nvgpu"
    assert rows["TensorRT"] == "not installed"
    assert found.tensorrt_elsewhere is not None
    assert found.tensorrt_elsewhere.version == "10.3.0"


def test_card_without_a_driver_is_seen_on_pci(tmp_path: Path) -> None:
    """The sound beside it is no GPU."""
    box = boxes.pc(tmp_path)
    trees.write(tmp_path, boxes.nvidia_on_pci())
    found = find_cuda(box)
    assert found.gpus == ("PCI 0000:01:00.0 (10de:2684)",)
    assert found.present
    assert dict(found.rows())["CUDA driver"] == "no CUDA driver (libcuda.so.1), no kernel driver"


def test_kernel_driver_says_its_version(tmp_path: Path) -> None:
    """Of both texts that it comes with."""
    box = boxes.pc(tmp_path)
    text = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build"
    trees.write(tmp_path, {"proc/driver/nvidia/version": text})
    assert find_cuda(box).driver == "550.54.15"
    trees.write(tmp_path, {"proc/driver/nvidia/version": text.replace(" Open", "")})
    assert find_cuda(box).driver == "550.54.15"


def test_box_without_nvidia_has_none(tmp_path: Path) -> None:
    """Nothing says that it should."""
    found = find_cuda(boxes.pc(tmp_path))
    assert not found.present
    assert (found.version, found.error, found.forbidden) == (None, None, ())


def test_driver_that_crashes_is_told(tmp_path: Path) -> None:
    """It is there: it crashed."""
    crash = {"error": "it crashes the process that uses it (SIGSEGV)"}
    found = find_cuda(boxes.orin_nano(tmp_path, cuda=crash))
    assert found.libcuda
    assert "SIGSEGV" in dict(found.rows())["CUDA driver"]


def test_device_files_that_are_forbidden_are_named(tmp_path: Path) -> None:
    """Those that are there."""
    box = boxes.orin_nano(tmp_path)._replace(may=lambda _path: False)
    assert find_cuda(box).forbidden == ("/dev/nvmap",)


def test_pycuda_is_named_where_it_is_all_there_is(tmp_path: Path) -> None:
    """Otherwise the package that we take."""
    found = find_cuda(boxes.orin_nano(tmp_path / "one", pycuda="2024.1"))
    assert dict(found.rows())["Python for CUDA"] == "pycuda 2024.1"
    both = {"pycuda": "2024.1", "cuda.bindings.driver": "12.9.4"}
    found = find_cuda(boxes.orin_nano(tmp_path / "both", **both))
    assert dict(found.rows())["Python for CUDA"] == "cuda-bindings 12.9.4"
