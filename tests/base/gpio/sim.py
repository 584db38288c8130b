"""A chip of the kernel's own simulator (gpio-sim), made by configfs: skipped by name without it.

It needs root, and a kernel with CONFIG_GPIO_SIM: `modprobe gpio-sim`, configfs mounted.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = Path("/sys/kernel/config/gpio-sim")
LINES = 8


class SimChip:
    """A chip of eight lines, in a folder of configfs; `label` stays when it is plugged in again."""

    def __init__(self, top: Path) -> None:
        self.label = top.name
        self._top = top

    @property
    def name(self) -> str:
        """What a station file calls it."""
        return self.label

    @property
    def path(self) -> str:
        """Its device, whose number the kernel chooses."""
        return f"/dev/{self._said('bank0/chip_name')}"

    def plug(self) -> None:
        """The chip is there."""
        (self._top / "live").write_text("1")

    def unplug(self) -> None:
        """The chip goes, whoever has its lines; idempotent."""
        if self._said("live") == "1":
            (self._top / "live").write_text("0")

    def set(self, line: int, *, active: bool) -> None:
        """Pull a line up or down, as its photo-eye would."""
        self._file(line, "pull").write_text("pull-up" if active else "pull-down")

    def level(self, line: int) -> bool:
        """What is at the pin, whoever made it so."""
        return self._file(line, "value").read_text().strip() == "1"

    def _file(self, line: int, name: str) -> Path:
        device = Path("/sys/devices/platform") / self._said("dev_name")
        return device / self._said("bank0/chip_name") / f"sim_gpio{line}" / name

    def _said(self, name: str) -> str:
        return (self._top / name).read_text().strip()


@contextlib.contextmanager
def sim_chip() -> Iterator[SimChip]:
    """One of our own, for one test."""
    if not (CONFIG.is_dir() and os.access(CONFIG, os.W_OK)):
        pytest.skip("gpio-sim is not in this kernel, or not ours to use (modprobe gpio-sim, root)")
    top = CONFIG / f"gonogo-{os.getpid()}"
    bank = top / "bank0"
    bank.mkdir(parents=True)
    (bank / "num_lines").write_text(str(LINES))
    (bank / "label").write_text(top.name)
    chip = SimChip(top)
    chip.plug()
    try:
        yield chip
    finally:
        chip.unplug()
        bank.rmdir()
        top.rmdir()
