"""One reading of the board: all that its kernel says of heat, clocks, throttling and power."""

from __future__ import annotations

from pathlib import Path

from gonogo.drivers.board import clocks, jetson, supply, thermal
from gonogo.drivers.board.reading import BoardReading
from gonogo.drivers.board.sysfs import Tree

ROOT = Path("/")
# as the device tree or the firmware of a PC has it
_MODEL = ("proc/device-tree/model", "sys/class/dmi/id/product_name")


def read_board(root: Path = ROOT) -> BoardReading:
    """What can be read now, below `root`; what cannot be is unknown. Never raises.

    A sensor that hangs holds it up: it is for processes that no part waits for.
    """
    tree = Tree(root)
    slowing, fans = thermal.cooling(tree)
    return BoardReading(
        model=next((found for path in _MODEL if (found := tree.text(path))), None),
        zones=thermal.zones(tree),
        clocks=clocks.clocks(tree),
        throttles=(*slowing, *supply.throttles(tree)),
        counters=supply.counters(tree),
        rails=supply.rails(tree),
        fans=fans,
        power_mode=jetson.power_mode(tree),
    )
