"""What there is of Hailo: chip, kernel driver, library, Python bindings, firmware, and who has it.

Sources: Raspberry Pi, "AI software" (packages, what hailortcli says); Hailo's driver for its PCI
numbers and the name of its device files.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.commands.board.asking import Package, ask_package, ask_system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.board.box import Box

VENDOR = "0x1e60"
CHIPS = {"0x2864": "Hailo-8 or 8L", "0x45c4": "Hailo-10H"}
MODULES = ("hailo_pci", "hailo1x_pci")
LIBRARIES = ("usr/lib", "usr/local/lib", "usr/lib/aarch64-linux-gnu", "usr/lib/x86_64-linux-gnu")
IDENTIFY_S = 10.0
_PCI = "sys/bus/pci/devices"


class Hailo(NamedTuple):
    """None is unknown or not there. `link`: of PCIe, its speed and lanes, as "5.0 GT/s x1".

    `holders`: processes that have the chip open; `all_seen` False: those of other users are
    not told to this user.
    """

    chips: tuple[str, ...]
    link: str | None
    devices: tuple[str, ...]
    forbidden: tuple[str, ...]
    driver: str | None
    libhailort: str | None
    architecture: str | None
    firmware: str | None
    error: str | None
    bindings: Package
    bindings_elsewhere: Package | None
    numpy: Package
    holders: tuple[str, ...]
    all_seen: bool

    @property
    def present(self) -> bool:
        """Whether anything here says that there is a chip of Hailo."""
        return bool(self.chips or self.devices)

    @property
    def newer_line(self) -> bool:
        """A Hailo-10H, which wants HailoRT 5 and other packages."""
        return any("10H" in chip for chip in self.chips)

    def rows(self) -> list[tuple[str, str]]:
        """For a person."""
        chip = self.architecture or "; ".join(self.chips) or "no chip on PCIe"
        link = f", PCIe {self.link}" if self.link else ""
        firmware = f"firmware {self.firmware or 'unknown'}"
        held = ", ".join(self.holders) or ("nobody" if self.all_seen else "unknown (needs root)")
        return [
            ("Hailo chip", f"{chip}{link}, {', '.join(self.devices) or 'no device file'}"),
            ("HailoRT", f"driver {self.driver or 'none'}, library {self.libhailort or 'none'}, "
                        f"Python {self.bindings.in_words}, {firmware}"
                        + (f"; {self.error}" if self.error else "")),
            ("chip taken by", held),
        ]  # fmt: skip


def find_hailo(box: Box) -> Hailo:
    """From files, and from children that ask the chip and import the bindings."""
    slots = [each for each in box.names(_PCI) if box.text(f"{_PCI}/{each}/vendor") == VENDOR]
    devices = [name for name in box.names("dev") if re.fullmatch(r"hailo\d+|h1x-\d+", name)]
    bindings = ask_package(box, "hailo_platform")
    told, error = _identify(box) if devices else ({}, None)
    return Hailo(
        tuple(f"{_chip(box, each)} (PCI {each})" for each in slots),
        _link(box, slots),
        tuple(f"/dev/{name}" for name in devices),
        tuple(f"/dev/{name}" for name in devices if not box.may(box.root / "dev" / name)),
        _driver(box),
        _library(box),
        told.get("Device Architecture"),
        told.get("Firmware Version", "").partition(" ")[0] or None,
        error,
        bindings,
        ask_system(box, "hailo_platform") if bindings.absent else None,
        ask_package(box, "numpy"),
        tuple(_holders(box, devices)),
        box.superuser,
    )


def _chip(box: Box, slot: str) -> str:
    number = box.text(f"{_PCI}/{slot}/device") or "unknown"
    return CHIPS.get(number.lower(), f"device {number}")


def _link(box: Box, slots: list[str]) -> str | None:
    if not slots:
        return None
    speed, width = (
        box.text(f"{_PCI}/{slots[0]}/current_link_{each}") for each in ("speed", "width")
    )
    return f"{speed.removesuffix(' PCIe')} x{width}" if speed and width else None


def _driver(box: Box) -> str | None:
    for module in MODULES:
        if box.there(f"sys/module/{module}"):
            return box.text(f"sys/module/{module}/version") or module
    return None


def _library(box: Box) -> str | None:
    """The version in the name of libhailort; the newest where there are several."""
    found = {
        match[1]
        for folder in LIBRARIES
        for name in box.names(folder)
        if (match := re.fullmatch(r"libhailort\.so\.(\d+\.\d+\.\d+)", name))
    }
    return max(found, key=lambda each: [int(n) for n in each.split(".")], default=None)


def _identify(box: Box) -> tuple[dict[str, str], str | None]:
    """What the chip says of itself through Hailo's own tool; or why not."""
    ran = box.run(["hailortcli", "fw-control", "identify"], IDENTIFY_S)
    if ran.status == 0:
        lines = (line.partition(":") for line in ran.out.splitlines())
        return {key.strip(): value.strip() for key, _, value in lines}, None
    said = (ran.err or ran.out).strip().splitlines()[-1:]
    ended = ran.why or ran.ended_by or f"status {ran.status}"
    return {}, f"hailortcli fw-control identify: {ended}" + (f"; {said[0][:200]}" if said else "")


def _holders(box: Box, devices: list[str]) -> Iterator[str]:
    """Processes that have one of the device files open, of those that this user may look into."""
    wanted = {f"/dev/{name}" for name in devices}
    for pid in box.names("proc") if wanted else []:
        if pid.isdigit() and wanted & set(_open_files(box, pid)):
            command = (box.text(f"proc/{pid}/cmdline") or "").replace("\0", " ")
            yield f"process {pid} ({command[:80]})"


def _open_files(box: Box, pid: str) -> Iterator[str]:
    folder = f"proc/{pid}/fd"
    for name in box.names(folder):
        with contextlib.suppress(OSError):  # closed meanwhile
            yield str((box.root / folder / name).readlink())
