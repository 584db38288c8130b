"""The table before a Jetson is written: each line that refuses, and that nothing was done."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from gonogo.build.flash.lock import claim
from gonogo.build.flash.means import Means
from gonogo.tests.build.flash import boxes
from gonogo.tests.build.flash.boxes import needs_tools, signer
from gonogo.tests.build.flash.jetson import stand_in
from gonogo.tests.build.flash.jetson.stand_in import Bench, plug, tree_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

pytestmark = needs_tools
ROWS = ["rights", "tools", "signature", "compatible", "image", "bsp", "lock", "room", "board",
        "payload", "data", "power", "health"]  # fmt: skip


def rows(said: str) -> dict[str, dict[str, object]]:
    """Lines of the table, by their names."""
    found = [json.loads(line) for line in said.splitlines()]
    return {str(each["check"]): each for each in found if "check" in each}


def refusals(bench: Bench, image: Path, **asked: object) -> tuple[int, dict[str, str]]:
    """The exit code, and the lines that refuse; a refusal calls no tool and leaves the BSP."""
    before = tree_of(bench.bsp)
    code, said = bench.flashed(image, as_json=True, **asked)
    assert (tree_of(bench.bsp), bench.called) == (before, [])
    assert "nothing was written" in said
    return code, {name: str(row["says"]) for name, row in rows(said).items() if not row["ok"]}


def test_all_lines_are_there_and_say_what_they_saw(bench: Bench, image: Path) -> None:
    """Release, board, port, and what is typed to confirm."""
    code, said = bench.flashed(image, mode="check", as_json=True)
    assert code == 0, said
    found = rows(said)
    assert list(found) == ROWS
    assert all(row["ok"] for row in found.values())
    assert "Jetson Linux 36.4" in str(found["bsp"]["says"])
    assert str(found["board"]["says"]) == (
        "Jetson Orin NX 16GB (0955:7323), serial none, at USB 1-3, as jetson-orin-nano-devkit; "
        "its last four: vkit"
    )
    assert "0.2.0+program" in str(found["image"]["says"])


def test_a_machine_without_nvidias_tools_is_told_both_ways(
    bench: Bench, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian's packages, and the script in the BSP."""
    for name in ("sshpass", "exportfs"):
        (bench.folder / "host" / name).unlink()
    monkeypatch.setattr("gonogo.build.programs.SYSTEM", "/usr/bin")
    code, found = refusals(bench, image)
    assert code == 2
    assert "apt install nfs-kernel-server sshpass; or sudo tools/l4t_flash" in found["tools"]


def test_a_user_without_rights_is_told_of_sudo(bench: Bench, image: Path) -> None:
    """NVIDIA's tool refuses anybody else."""
    code, said = bench.flashed_with(Means(euid=lambda: 1000), image=image)
    assert (code, bench.called) == (2, [])
    assert "GN692: NVIDIA's tool runs as root alone; do the same with sudo" in said


def test_an_image_that_is_not_trusted_is_exit_code_3(bench: Bench, image: Path) -> None:
    """As for a disk; the other lines are looked at all the same."""
    other = signer(bench.folder / "other")
    code, found = refusals(bench, image, keyring=other.keyring)
    assert (code, list(found)) == (3, ["signature"])
    wrong = stand_in.bundle(bench.folder, bench.signer, compatible="gonogo-x86_64-debian12")
    code, found = refusals(bench, wrong)
    assert (code, list(found)) == (3, ["compatible"])


def test_an_image_for_disks_is_not_taken(bench: Bench) -> None:
    """It has a file system for a slot, and no tar."""
    disk = boxes.bundle(bench.folder, bench.signer, compatible=stand_in.COMPATIBLE)
    code, found = refusals(bench, disk)
    assert (code, list(found)) == (3, ["image"])
    assert "expected rootfs.tar" in found["image"]


def test_no_board_two_boards_and_an_unknown_configuration(bench: Bench, image: Path) -> None:
    """Each with what to do; the configuration is looked for in the BSP."""
    code, found = refusals(bench, image, board="carrier-7")
    assert (code, list(found)) == (2, ["board"])
    assert "no carrier-7.conf" in found["board"]
    plug(bench.usb, port="1-4")
    code, found = refusals(bench, image)
    assert (code, list(found)) == (4, ["board"])
    for port in ("1-3", "1-4"):
        (bench.usb / port / "idProduct").write_text("7020\n")
    code, found = refusals(bench, image)
    assert (code, list(found)) == (4, ["board"])
    assert "no Jetson Orin in recovery mode" in found["board"]


def test_a_folder_that_is_no_bsp_and_one_that_is_in_use(bench: Bench, image: Path) -> None:
    """A second flash from one BSP would mix both."""
    code, found = refusals(bench, image, bsp=bench.folder)
    assert (code, list(found)) == (2, ["bsp"])
    fd = os.open(bench.bsp, os.O_RDONLY)
    try:
        claim(fd, bench.bsp, writes=True)
        code, found = refusals(bench, image)
    finally:
        os.close(fd)
    assert (code, list(found)) == (4, ["lock"])


def test_what_is_on_the_board_goes_only_where_somebody_says_so(bench: Bench, image: Path) -> None:
    """It cannot be asked in recovery mode."""
    code, found = refusals(bench, image, factory=False)
    assert (code, list(found)) == (2, ["data"])
    assert "--factory" in found["data"]


def test_a_file_of_the_bsp_in_the_way_is_named(bench: Bench, image: Path) -> None:
    """And is still there afterwards."""
    own = bench.bsp / "rootfs/usr/lib/gonogo/bin/gonogo"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    code, found = refusals(bench, image)
    assert (code, list(found)) == (2, ["payload"])
