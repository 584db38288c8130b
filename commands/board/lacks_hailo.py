"""What is missing for the backend `hailo`, and the commands that bring it.

Sources: Raspberry Pi, "AI software" (packages), "Raspberry Pi hardware: PCIe"; HailoRT's user guide
(driver, library and bindings of one version; numpy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.board.lack import TIMING, Lack
from gonogo.commands.board.lacks_nvidia import seen_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.board.box import Box
    from gonogo.commands.board.hailo import Hailo
    from gonogo.commands.board.machine import Machine

BACKEND = "hailo"
LAST_PYTHON_OF_NUMPY_1 = (3, 12)
Told = tuple[str, tuple[str, ...]]


def lacks_hailo(box: Box, machine: Machine, hailo: Hailo) -> list[Lack]:
    """In the order in which they are to be mended."""
    found = [
        *_chip(machine, hailo),
        *_versions(machine, hailo),
        *_bindings(box, machine, hailo),
        *_numpy(box, hailo),
        *_taken(hailo),
    ]
    lacks = [Lack(BACKEND, what, commands) for what, commands in found]
    return lacks + [Lack(TIMING, what, commands) for what, commands in _link(machine, hailo)]


def _chip(machine: Machine, hailo: Hailo) -> Iterator[Told]:
    if not hailo.present:
        what = "no Hailo chip on PCIe: power off, seat the module and its cable"
        switches = "echo dtparam=pciex1 | sudo tee -a /boot/firmware/config.txt"
        yield what, (switches, "sudo reboot") if machine.kind == "raspberry-pi" else ()
    elif not hailo.driver:
        yield "the chip's kernel driver is not loaded", _installs(machine, hailo)
    elif not hailo.devices:
        yield (
            "the driver is loaded, and made no device file (the kernel's log says why)",
            ("sudo dmesg | grep -i hailo", "sudo reboot"),
        )
    elif hailo.forbidden:
        yield (
            f"this user may not use {', '.join(hailo.forbidden)}",
            ("sudo udevadm control --reload-rules", "sudo udevadm trigger"),
        )
    elif hailo.error and not hailo.holders:
        yield f"the chip does not answer: {hailo.error}", ("sudo reboot",)


def _installs(machine: Machine, hailo: Hailo) -> tuple[str, ...]:
    if machine.os_family not in {"debian", "ubuntu"}:
        return ()
    if machine.kind == "raspberry-pi" and machine.os_family == "debian":
        packages = "hailo-h10-all" if hailo.newer_line else "hailo-all"
        return ("sudo apt install dkms", f"sudo apt install {packages}", "sudo reboot")
    # to be fetched by hand: Hailo asks for an account (hailo.ai/developer-zone)
    debian = {"aarch64": "arm64", "x86_64": "amd64"}.get(machine.architecture, "amd64")
    line = "5.*" if hailo.newer_line else "4.23.0"
    return (
        "sudo apt install dkms linux-headers-$(uname -r)",
        f"sudo apt install ./hailort-pcie-driver_{line}_all.deb ./hailort_{line}_{debian}.deb",
        "sudo reboot",
    )


def _link(machine: Machine, hailo: Hailo) -> Iterator[Told]:
    """A Raspberry Pi 5 runs its PCIe at half the speed until it is told otherwise."""
    if machine.kind == "raspberry-pi" and (hailo.link or "").startswith("5.0 GT/s"):
        switches = "echo dtparam=pciex1_gen=3 | sudo tee -a /boot/firmware/config.txt"
        yield f"the chip's PCIe runs at {hailo.link}, half of its speed", (switches, "sudo reboot")


def _versions(machine: Machine, hailo: Hailo) -> Iterator[Told]:
    """Library, driver, firmware and bindings are of one version, or refuse each other."""
    if not hailo.libhailort:
        # said with the driver already where a chip is there and both are missing
        if hailo.driver or not hailo.present:
            yield "HailoRT's library is not installed (libhailort.so)", _installs(machine, hailo)
        return
    parts = {"driver": hailo.driver, "firmware": hailo.firmware, "bindings": hailo.bindings.version}
    known = {part: number for part, has in parts.items() if (number := _numbered(has))}
    unlike = [f"{part} {has}" for part, has in known.items() if has != hailo.libhailort]
    if unlike:
        yield (
            f"{', '.join(unlike)} and library {hailo.libhailort} must be of one version",
            ("sudo apt update", "sudo apt full-upgrade", "sudo reboot"),
        )


def _numbered(version: str | None) -> str:
    """Without a package's own count ("4.23.0-1"); empty of what is no version."""
    number = (version or "").partition("-")[0]
    return number if number[:1].isdigit() else ""


def _bindings(box: Box, machine: Machine, hailo: Hailo) -> Iterator[Told]:
    found, elsewhere = hailo.bindings, hailo.bindings_elsewhere
    if found.absent and elsewhere is not None and elsewhere.there:
        yield from seen_elsewhere(box, "HailoRT's Python package", elsewhere)
    elif found.absent and (elsewhere is None or elsewhere.absent):
        yield "HailoRT's Python package is not installed (hailo_platform)", _wheel(box, machine)
    elif not found.there:
        error = found.error if not found.absent or elsewhere is None else elsewhere.error
        yield (
            f"HailoRT's Python package is installed and cannot be used: {error}",
            _wheel(box, machine),
        )


def _wheel(box: Box, machine: Machine) -> tuple[str, ...]:
    if machine.kind == "raspberry-pi" and machine.os_family == "debian":
        return ("sudo apt install python3-hailort",)
    tag = "cp" + "".join(box.python.split(".")[:2])
    wheel = f"hailort-4.23.0-{tag}-{tag}-linux_{box.architecture}.whl"
    return (f"{box.interpreter} -m pip install ./{wheel}",)


def _numpy(box: Box, hailo: Hailo) -> Iterator[Told]:
    if not hailo.numpy.there or hailo.numpy.below(2):
        return
    # newer ones have no numpy 1: what is packed for them takes numpy 2
    if tuple(map(int, box.python.split(".")[:2])) <= LAST_PYTHON_OF_NUMPY_1:
        what = f"numpy {hailo.numpy.version}, expected below 2: HailoRT is built for that"
        yield what, (f"{box.interpreter} -m pip install 'gonogo[hailo]'",)


def _taken(hailo: Hailo) -> Iterator[Told]:
    """One process may have the chip; a station of ours that runs here is no hindrance to itself."""
    others = [each for each in hailo.holders if "gonogo" not in each]
    if others:
        numbers = " ".join(each.split()[1] for each in others)
        yield f"the chip is taken by {', '.join(others)}; end it", (f"kill {numbers}",)
