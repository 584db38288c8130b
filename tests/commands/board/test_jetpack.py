"""Jetson Linux, JetPack and power mode, from the files of a board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.commands.board.jetpack import find_jetpack
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("jetpack", "l4t", "old"),
    [
        ("4.6.1", "32.7.1", True),
        ("5.1.2", "35.4.1", True),
        ("6.0", "36.3.0", True),
        ("6.1", "36.4.0", False),
        ("6.2", "36.4.3", False),
        ("7.1", "38.4.0", False),
        ("7.2", "39.2.0", False),
    ],
)
def test_jetpack_of_a_release(tmp_path: Path, jetpack: str, l4t: str, *, old: bool) -> None:
    """As NVIDIA pairs them; what has no TensorRT 10.3 is too old, and said to be."""
    found = find_jetpack(boxes.orin_nano(tmp_path, jetpack))
    assert (found.l4t, found.jetpack, found.too_old) == (l4t, jetpack, old)
    assert ("TOO OLD" in dict(found.rows())["JetPack"]) == old


def test_release_without_a_dot_is_its_first(tmp_path: Path) -> None:
    """REVISION 4 and 4.0 are one."""
    box = boxes.orin_nano(tmp_path)
    trees.write(tmp_path, {"etc/nv_tegra_release": "# R36 (release), REVISION: 4, GCID: 1"})
    assert find_jetpack(box).jetpack == "6.1"


def test_release_that_came_later_is_not_guessed(tmp_path: Path) -> None:
    """NVIDIA's package says it where it is installed; otherwise it is unknown, and not too old."""
    box = boxes.orin_nano(tmp_path)
    trees.write(tmp_path, {"etc/nv_tegra_release": "# R40 (release), REVISION: 1.7, GCID: 1"})
    found = find_jetpack(box)
    assert (found.l4t, found.jetpack, found.too_old) == ("40.1.7", None, False)
    status = (
        "Package: nvidia-jetpack-dev\nVersion: 1.0\n\nPackage: nvidia-jetpack\n"
        "Architecture: arm64\nVersion: 8.1+b12\n\nPackage: zlib1g\nVersion: 1:1.2.11"
    )
    trees.write(tmp_path, {"var/lib/dpkg/status": status})
    assert find_jetpack(box).jetpack == "8.1"


def test_jetson_without_its_release_file_is_unknown(tmp_path: Path) -> None:
    """Another distribution on the board."""
    box = boxes.orin_nano(tmp_path)
    (tmp_path / "etc/nv_tegra_release").write_text("nonsense")
    found = find_jetpack(box)
    assert (found.l4t, found.jetpack, found.too_old) == (None, None, False)
    assert "unknown" in found.name


def test_power_mode_and_the_fastest_have_their_names(tmp_path: Path) -> None:
    """By the board's own table: numbers mean other modes on other boards."""
    box = boxes.orin_nano(tmp_path)
    found = find_jetpack(box)
    assert (found.power_mode, found.fastest) == ("25W (3)", (0, "MAXN"))
    table = "< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=2 NAME=MAXN_SUPER >"
    trees.write(tmp_path, {"etc/nvpmodel.conf": table, "var/lib/nvpmodel/status": "pmode:0002"})
    found = find_jetpack(box)
    assert (found.power_mode, found.fastest) == ("MAXN_SUPER (2)", (2, "MAXN_SUPER"))


def test_power_mode_that_nobody_wrote_down_is_unknown(tmp_path: Path) -> None:
    """No table, no status: nothing is said of the fastest either."""
    box = boxes.orin_nano(tmp_path)
    for name in ("etc/nvpmodel.conf", "var/lib/nvpmodel/status"):
        (tmp_path / name).unlink()
    found = find_jetpack(box)
    assert (found.power_mode, found.fastest) == (None, None)
    assert dict(found.rows())["power mode"] == "unknown"
