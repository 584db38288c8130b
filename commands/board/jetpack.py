"""What NVIDIA's software on a Jetson is: Jetson Linux (L4T), JetPack, and the power mode.

Sources: NVIDIA, "JetPack Archive" (which Jetson Linux a JetPack has) and "Jetson Linux Developer
Guide" (nv_tegra_release, nvpmodel).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.drivers.board.jetson import TABLE, modes, power_mode
from gonogo.drivers.board.sysfs import Tree

if TYPE_CHECKING:
    from gonogo.commands.board.box import Box

FLOOR = (36, 4)  # JetPack 6.1: the first with TensorRT 10.3
# Jetson Linux to JetPack, as NVIDIA's archive pairs them; no other pair is guessed
JETPACKS = {
    "32.7.1": "4.6.1", "32.7.2": "4.6.2", "32.7.3": "4.6.3", "32.7.4": "4.6.4",
    "32.7.5": "4.6.5", "32.7.6": "4.6.6",
    "35.1.0": "5.0.2", "35.2.1": "5.1", "35.3.1": "5.1.1", "35.4.1": "5.1.2", "35.5.0": "5.1.3",
    "35.6.0": "5.1.4", "35.6.1": "5.1.5",
    "36.3.0": "6.0", "36.4.0": "6.1", "36.4.3": "6.2", "36.4.4": "6.2.1", "36.5.0": "6.2.2",
    "38.2.0": "7.0", "38.2.1": "7.0", "38.4.0": "7.1", "39.2.0": "7.2", "39.2.1": "7.2.1",
}  # fmt: skip
_RELEASE = re.compile(r"# R(\d+) \(release\), REVISION: ([\d.]+)")


class JetPack(NamedTuple):
    """None is unknown. `l4t` as "36.4.3"; `jetpack` None: one that the table does not know.

    `power_mode`: name and number, as "15W (0)". `fastest`: number and name of the mode without
    a limit, where the board has one.
    """

    l4t: str | None
    jetpack: str | None
    power_mode: str | None
    fastest: tuple[int, str] | None

    @property
    def too_old(self) -> bool:
        """Whether its TensorRT is older than we can use."""
        return self.l4t is not None and _numbers(self.l4t)[:2] < FLOOR

    @property
    def name(self) -> str:
        """As a person says it."""
        if self.l4t is None:
            return "JetPack unknown (no /etc/nv_tegra_release)"
        return f"JetPack {self.jetpack or 'unknown'} (Jetson Linux {self.l4t})"

    def rows(self) -> list[tuple[str, str]]:
        """For a person."""
        old = "; TOO OLD, expected JetPack 6.1 or newer" if self.too_old else ""
        mode = self.power_mode or "unknown"
        return [("JetPack", self.name + old), ("power mode", mode)]


def find_jetpack(box: Box) -> JetPack:
    """From the files of the board; nothing is started."""
    l4t = _l4t(box)
    jetpack = JETPACKS.get(l4t) if l4t else None
    mode = power_mode(Tree(box.root))
    named = mode and f"{mode.name or 'mode'} ({mode.number})"
    return JetPack(l4t, jetpack or _package(box), named, _fastest(box))


def _l4t(box: Box) -> str | None:
    found = _RELEASE.search(box.text("etc/nv_tegra_release") or "")
    if not found:
        return None
    revision = found[2].strip(".")
    # "4.0" and "4" are the same release
    return f"{found[1]}.{revision if '.' in revision else revision + '.0'}"


def _package(box: Box) -> str | None:
    """The version of NVIDIA's meta-package: what a release that came after this table says."""
    try:
        with (box.root / "var/lib/dpkg/status").open(encoding="utf-8", errors="replace") as file:
            its = False
            for line in file:
                if line.startswith("Package:"):
                    its = line.split()[1:] == ["nvidia-jetpack"]
                elif its and line.startswith("Version:"):
                    return line.split()[1].partition("+")[0]
    except OSError:
        pass
    return None


def _fastest(box: Box) -> tuple[int, str] | None:
    """By its name: numbers mean other modes on other boards."""
    found = modes(box.text(TABLE) or "")
    # MAXN_SUPER stands above MAXN where both are there
    names = {name: number for number, name in found.items() if name.startswith("MAXN")}
    return (names[max(names)], max(names)) if names else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split(".") if each.isdigit())
