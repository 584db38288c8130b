"""What is a Jetson's alone: its power mode, as nvpmodel has set it.

Read from nvpmodel's own two files: to ask the program takes root.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gonogo.drivers.board.reading import PowerMode

if TYPE_CHECKING:
    from gonogo.drivers.board.sysfs import Tree

STATUS, TABLE = "var/lib/nvpmodel/status", "etc/nvpmodel.conf"
_PMODE = re.compile(r"pmode:(\d+)")
_DEFAULT = re.compile(r"<\s*PM_CONFIG\s+DEFAULT=(\d+)\s*>")
_MODEL = re.compile(r"<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=(\S+)\s*>")
_ENOUGH = 1 << 18  # bytes; the tables of Orin have some 20 kB


def power_mode(tree: Tree) -> PowerMode | None:
    """The mode in force; None on a box without nvpmodel."""
    table = tree.text(TABLE, _ENOUGH) or ""
    # without a status nobody has changed it yet: the table says with which it starts
    found = _PMODE.search(tree.text(STATUS) or "") or _DEFAULT.search(table)
    if found is None:
        return None
    number = int(found[1])
    return PowerMode(number, modes(table).get(number))


def modes(table: str) -> dict[int, str]:
    """Names of the modes of /etc/nvpmodel.conf."""
    return {int(number): name for number, name in _MODEL.findall(table)}
