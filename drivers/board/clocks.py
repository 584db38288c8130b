"""Clocks: cpufreq for the processor, devfreq for a GPU and the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gonogo.drivers.board.reading import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.drivers.board.sysfs import Tree

CPUFREQ, DEVFREQ = "sys/devices/system/cpu/cpufreq", "sys/class/devfreq"
_KHZ = 1e-3  # of a kHz, how many are one Hz: cpufreq has kHz, devfreq Hz
# of Jetsons (ga10b: Orin, gv11b: Xavier, gp10b: TX2, gpu-gpc-0: Thor), Raspberry Pi, Rockchip
_GPU = re.compile(r".*(gpu|ga10b|gv11b|gp10b|gm20b|v3d|mali).*", re.IGNORECASE)


def clocks(tree: Tree) -> tuple[Clock, ...]:
    """All of them, the GPU's first."""
    found = [*_of_devices(tree), *_of_processors(tree)]
    return tuple(sorted(found, key=lambda clock: clock.kind != "gpu"))


def _of_processors(tree: Tree) -> Iterator[Clock]:
    for folder in tree.folders(CPUFREQ, r"policy\d+"):
        now, low, high, most = (
            tree.scaled(f"{folder}/{name}", _KHZ)
            for name in (
                "scaling_cur_freq", "scaling_min_freq", "scaling_max_freq", "cpuinfo_max_freq",
            )
        )  # fmt: skip
        governor = tree.text(f"{folder}/scaling_governor")
        yield Clock(folder.rpartition("/")[2], "cpu", now, low, high, most, governor)


def _of_devices(tree: Tree) -> Iterator[Clock]:
    for folder in tree.folders(DEVFREQ, r".+"):
        name = folder.rpartition("/")[2]
        now, low, high = (
            tree.scaled(f"{folder}/{which}", 1.0) for which in ("cur_freq", "min_freq", "max_freq")
        )
        steps = (tree.text(f"{folder}/available_frequencies") or "").split()
        most = max((float(step) for step in steps if step.isdecimal()), default=high)
        kind = "gpu" if _GPU.fullmatch(name) else "other"
        yield Clock(name, kind, now, low, high, most, tree.text(f"{folder}/governor"))
