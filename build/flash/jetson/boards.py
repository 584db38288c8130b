"""Jetsons in recovery mode at this machine: by their USB ids, which NVIDIA's Quick Start lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BoardAbsent
from gonogo.build.flash.targets import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

VENDOR = "0955"
_HOW = (
    "hold its recovery pin or button while it is switched on, plug its USB port for flashing into "
    "this machine, and look again: ./flash.sh --list --target jetson"
)


class Kind(NamedTuple):
    """A module: its name, the board configuration of NVIDIA's kit for it, and how it is written.

    `root`: <rootdev>, as NVIDIA's examples have it for an NVMe SSD. `qspi`: whether its boot
    firmware has a layout of its own that the tool has to be told.
    """

    module: str
    config: str
    root: str
    qspi: bool


_AGX = ("jetson-agx-orin-devkit", "external", False)
_NANO = ("jetson-orin-nano-devkit", "internal", True)
KINDS = {
    "7023": Kind("Jetson AGX Orin 32GB (kit), 64GB or Industrial", *_AGX),
    "7223": Kind("Jetson AGX Orin 32GB", *_AGX),
    "7323": Kind("Jetson Orin NX 16GB", *_NANO),
    "7423": Kind("Jetson Orin NX 8GB", *_NANO),
    "7523": Kind("Jetson Orin Nano 8GB", *_NANO),
    "7623": Kind("Jetson Orin Nano 4GB", *_NANO),
}


class Board(NamedTuple):
    """One of them. `port`: where it is plugged in, as the kernel names it (1-3)."""

    port: str
    product: str
    serial: str
    kind: Kind

    @property
    def says(self) -> str:
        """For people."""
        return f"{self.kind.module} ({VENDOR}:{self.product}), serial {self.serial or 'none'}"

    def target(self, config: str | None) -> Target:
        """What somebody confirms. `config`: the board's configuration, where one was named."""
        name = config or self.kind.config
        return Target(Path(name), 0, self.kind.module, self.serial, "usb")


def in_recovery(devices: Path) -> list[Board]:
    """Those that are there now, by the port. `devices`: sysfs' folder of them."""
    found = []
    for device in sorted(devices.glob("*/idVendor")):
        here = device.parent
        product = _said(here / "idProduct")
        if _said(device) == VENDOR and product in KINDS:
            found.append(Board(here.name, product, _said(here / "serial"), KINDS[product]))
    return found


def only_one(found: Sequence[Board]) -> Board:
    """That which is to be written, where there is but one; BoardAbsent."""
    if not found:
        raise BoardAbsent(f"no Jetson Orin in recovery mode (USB {VENDOR}:7x23): {_HOW}")
    if len(found) > 1:
        ports = ", ".join(board.port for board in found)
        raise BoardAbsent(
            f"{len(found)} Jetsons in recovery mode, at USB {ports}; expected one: NVIDIA's tool "
            "takes no more, and nobody could tell them apart"
        )
    return found[0]


def _said(path: Path) -> str:
    """A file of sysfs; empty where it is not there, or goes with its device."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
