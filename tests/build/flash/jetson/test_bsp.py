"""Whether a folder is a BSP that an image fits, and how its tool is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BspUnfit, FlashNoRoom
from gonogo.build.flash.jetson import bsp as bsps
from gonogo.build.flash.jetson.boards import KINDS, Board
from gonogo.build.flash.jetson.bsp import Bsp, bsp_of, words
from gonogo.tests.build.flash.jetson import stand_in

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = "rootfs/etc/nv_tegra_release"


def test_a_bsp_that_is_whole_says_its_release(tmp_path: Path) -> None:
    """From its root file system, which apply_binaries.sh has written it into."""
    home = stand_in.bsp(tmp_path)
    assert bsp_of(home) == Bsp(home, "36.4.3")
    (home / RELEASE).write_text("# R36 (release), REVISION: 5.0, GCID: 1\n")
    assert bsp_of(home).release == "36.5.0"


@pytest.mark.parametrize(
    ("missing", "says"),
    [(bsps.TOOL, "expected Linux_for_Tegra"), (bsps.LAYOUT, "no tools/kernel_flash/flash_l4t_t234"),
     (bsps.QSPI, "no bootloader/generic"), (RELEASE, "apply_binaries.sh")],
)  # fmt: skip
def test_what_a_folder_lacks_is_named(tmp_path: Path, missing: str, says: str) -> None:
    """With what brings it."""
    home = stand_in.bsp(tmp_path)
    (home / missing).unlink()
    with pytest.raises(BspUnfit, match=says):
        bsp_of(home)


@pytest.mark.parametrize(
    ("said", "says"),
    [("# R35 (release), REVISION: 4.1", "Jetson Linux 35.4"),
     ("# R36 (release), REVISION: 3.0", "expected 36.4 or a newer 36"),
     ("# R38 (release), REVISION: 2.1", "Jetson Linux 38.2"), ("nonsense", "expected '# R36")],
)  # fmt: skip
def test_another_release_is_refused(tmp_path: Path, said: str, says: str) -> None:
    """The image is for JetPack 6."""
    home = stand_in.bsp(tmp_path)
    (home / RELEASE).write_text(said)
    with pytest.raises(BspUnfit, match=says):
        bsp_of(home)


def test_a_tool_that_is_no_program_and_a_path_with_blanks_are_refused(tmp_path: Path) -> None:
    """NVIDIA's tool hands its own path to eval."""
    home = stand_in.bsp(tmp_path)
    (home / bsps.TOOL).chmod(0o644)
    with pytest.raises(BspUnfit, match="is no program"):
        bsp_of(home)
    home.rename(tmp_path / "a b")
    with pytest.raises(BspUnfit, match="without blanks"):
        bsp_of(tmp_path / "a b")


def test_a_board_is_one_that_the_bsp_has_a_configuration_for(tmp_path: Path) -> None:
    """Those that there are for Orin are named; a path is no name."""
    found = bsp_of(stand_in.bsp(tmp_path))
    found.check_board("jetson-orin-nano-devkit-super")
    for name in ("carrier-7", "../jetson-agx-orin-devkit", ""):
        with pytest.raises(BspUnfit, match="as jetson-agx-orin-devkit, jetson-orin-nano-devkit,"):
            found.check_board(name)


def test_room_is_wanted_for_twice_what_the_root_holds(tmp_path: Path) -> None:
    """A file without blocks counts with its length, as the tool packs it."""
    found = bsp_of(stand_in.bsp(tmp_path))
    with (found.rootfs / "large").open("wb") as made:
        made.truncate(1 << 42)
    with pytest.raises(FlashNoRoom, match=r"expected 8390\d+ MiB, as NVIDIA's tool"):
        found.check_room()


@pytest.mark.parametrize(
    ("product", "root", "layouts"),
    [("7323", "internal", ["-p", f"-c {bsps.QSPI}"]), ("7023", "external", [])],
)
def test_the_tool_is_called_as_nvidias_examples_call_it(
    tmp_path: Path, product: str, root: str, layouts: list[str]
) -> None:
    """For an NVMe SSD: options, then the board, then the root device."""
    home = stand_in.bsp(tmp_path)
    board = Board("1-3", product, "", KINDS[product])
    assert words(Bsp(home, "36.4.3"), board, "NAME") == [
        f"{home}/{bsps.TOOL}", "--external-device", "nvme0n1p1", "-c", bsps.LAYOUT, *layouts,
        "--network", "usb0", "NAME", root,
    ]  # fmt: skip
