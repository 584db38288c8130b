"""What there is of NVIDIA: GPU, kernel driver, CUDA driver, TensorRT, and CUDA for Python.

Sources: NVIDIA, "CUDA Driver API"; pci.ids for the vendor's number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.commands.board.asking import Package, ask, ask_package, ask_system

if TYPE_CHECKING:
    from gonogo.commands.board.box import Box

VENDOR, DISPLAY = "0x10de", "0x03"  # PCI: NVIDIA; a display controller, not the sound beside it
_PCI = "sys/bus/pci/devices"
# device files without which the CUDA driver finds no device; which there are says which board it is
NODES = ("dev/nvidiactl", "dev/nvidia0", "dev/nvmap", "dev/nvhost-ctrl-gpu", "dev/nvgpu/igpu0/ctrl")


class Device(NamedTuple):
    """A GPU as the CUDA driver describes it."""

    name: str
    compute_capability: str
    integrated: bool


class Cuda(NamedTuple):
    """None is unknown or not there. `version`: of CUDA, that the driver is for, as (12, 6)."""

    gpus: tuple[str, ...]
    driver: str | None
    libcuda: bool
    version: tuple[int, int] | None
    devices: tuple[Device, ...]
    error: str | None
    forbidden: tuple[str, ...]
    bindings: Package
    pycuda: Package
    tensorrt: Package
    tensorrt_elsewhere: Package | None

    @property
    def present(self) -> bool:
        """Whether anything here says that there is a GPU of NVIDIA."""
        return bool(self.gpus or self.driver or self.libcuda or self.devices)

    def rows(self) -> list[tuple[str, str]]:
        """For a person."""
        version = f"CUDA {self.version[0]}.{self.version[1]}" if self.version else "CUDA unknown"
        libcuda = version if self.libcuda else "no CUDA driver (libcuda.so.1)"
        kernel = f"kernel driver {self.driver}" if self.driver else "no kernel driver"
        devices = [
            f"{each.name}, compute capability {each.compute_capability}"
            + (", integrated" if each.integrated else "")
            for each in self.devices
        ]
        package = self.bindings if not self.bindings.absent else self.pycuda
        name = "cuda-bindings" if package is self.bindings else "pycuda"
        return [
            ("NVIDIA GPU", "; ".join(devices or self.gpus) or "unknown"),
            ("CUDA driver", f"{libcuda}, {kernel}" + (f"; {self.error}" if self.error else "")),
            ("TensorRT", self.tensorrt.in_words),
            ("Python for CUDA", f"{name} {package.in_words}" if not package.absent else "none"),
        ]


def find_cuda(box: Box) -> Cuda:
    """From files, and from children that start the driver and import the modules."""
    told = ask(box, "ask_cuda")
    found: list[dict[str, Any]] = told.get("devices", [])
    devices = tuple(Device(**each) for each in found)
    version = told.get("version") or 0
    tensorrt = ask_package(box, "tensorrt")
    return Cuda(
        _gpus(box),
        _driver(box),
        "absent" not in told,
        (version // 1000, version % 1000 // 10) if version else None,
        devices,
        told.get("error"),
        tuple(f"/{node}" for node in NODES if box.there(node) and not box.may(box.root / node)),
        ask_package(box, "cuda.bindings.driver"),
        ask_package(box, "pycuda"),
        tensorrt,
        ask_system(box, "tensorrt") if tensorrt.absent else None,
    )


def _gpus(box: Box) -> tuple[str, ...]:
    """PCI addresses of its display controllers; a Jetson's own GPU is not on that bus."""
    return tuple(
        f"PCI {slot} (10de:{(box.text(f'{_PCI}/{slot}/device') or '0x?')[2:]})"
        for slot in box.names(_PCI)
        if box.text(f"{_PCI}/{slot}/vendor") == VENDOR
        and (box.text(f"{_PCI}/{slot}/class") or "").startswith(DISPLAY)
    )


def _driver(box: Box) -> str | None:
    found = re.search(r"Kernel Module.*?  (\d[\d.]+)", box.text("proc/driver/nvidia/version") or "")
    if found:
        return found[1]
    for module in ("nvidia", "nvgpu"):
        if box.there(f"sys/module/{module}"):
            return box.text(f"sys/module/{module}/version") or module
    return None
