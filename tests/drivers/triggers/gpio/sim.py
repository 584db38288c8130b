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
    """A chip of eight lines; `path` is its device."""

    def __init__(self, path: str, pulls: Path, label: str) -> None:
        self.path, self.label = path, label
        self._pulls = pulls

    def set(self, line: int, *, active: bool) -> None:
        """Pull a line up or down, as its photo-eye would."""
        (self._pulls / f"sim_gpio{line}" / "pull").write_text("pull-up" if active else "pull-down")


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
    (top / "live").write_text("1")
    try:
        device, name = ((top / "dev_name").read_text(), (bank / "chip_name").read_text())
        pulls = Path("/sys/devices/platform") / device.strip() / name.strip()
        yield SimChip(f"/dev/{name.strip()}", pulls, top.name)
    finally:
        (top / "live").write_text("0")
        bank.rmdir()
        top.rmdir()
