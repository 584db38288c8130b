"""How a disk is divided: by sgdisk, and held against its own verification."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.build.box.disk import MIB, divide, first_mib, partitions, smallest_mib
from gonogo.tests.build.box.test_grub import needs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("slot_mib", [256, 1536])
def test_disk_is_divided_as_the_table_says(tmp_path: Path, slot_mib: int) -> None:
    """On a file that is as small as a disk may be; sgdisk finds no fault, and what we say."""
    needs("sgdisk")
    disk = tmp_path / "disk"
    with disk.open("wb") as file:
        file.truncate(smallest_mib(slot_mib) * MIB)
    divide(disk, slot_mib)
    said = subprocess.run(
        ["/sbin/sgdisk", "--verify", "--print", str(disk)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "No problems found" in said
    rows = re.findall(r"^ +\d+ +(\d+) +(\d+) .* (\w{4}) +(gonogo-\w+)$", said, re.MULTILINE)
    assert [(name, code.lower()) for _, _, code, name in rows] == [
        (each.name, each.type_code) for each in partitions(slot_mib)
    ]
    begins = {name: int(first) * 512 // MIB for first, _, _, name in rows}
    assert begins == first_mib(slot_mib)
    sizes = {name: (int(last) - int(first) + 1) * 512 // MIB for first, last, _, name in rows}
    assert sizes["gonogo-a"] == sizes["gonogo-b"] == slot_mib
    assert sizes["gonogo-data"] >= 256
