"""GRUB's part: its script is one, its images fit where they lie, its counters are RAUC's."""

from __future__ import annotations

import struct
import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest

from gonogo.build.box import grub
from gonogo.build.box.data import GRUB_CFG
from gonogo.build.box.epoch import Epoch

if TYPE_CHECKING:
    from pathlib import Path

EPOCH = Epoch(1_764_500_000)
SYSTEM = "/usr/bin:/usr/sbin:/bin:/sbin"


def needs(*programs: str) -> None:
    """Skip by the name of what is missing."""
    for program in programs:
        if which(program, path=SYSTEM) is None:
            pytest.skip(f"{program} is not on this machine")


def test_script_is_one_to_grub_itself() -> None:
    """grub-script-check reads it as GRUB would."""
    needs("grub-script-check")
    done = subprocess.run(["grub-script-check", str(GRUB_CFG)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_script_knows_the_counters_that_an_empty_disk_gets() -> None:
    """And no word of the counters that it does not load and save."""
    text = GRUB_CFG.read_text(encoding="ascii")
    names = [each.partition("=")[0] for each in grub.COUNTERS]
    (saved,) = [line for line in text.splitlines() if line.startswith("save_env")]
    assert sorted(saved.split()[3:]) == sorted(names)
    assert text.count("load_env --file") == 3


def test_record_leads_to_the_sector_where_the_core_lies() -> None:
    """440 bytes: behind them the disk has its own number and table."""
    made = grub.record(bytes(range(256)) * 2)
    assert len(made) == 440
    assert struct.unpack_from("<Q", made, 0x5C) == (2048,)
    assert made[0x66:0x68] == b"\x90\x90"
    assert made[:0x5C] == bytes(range(256))[:0x5C]


@pytest.mark.parametrize(("size", "others"), [(1024, 1), (1025, 2), (100_000, 195)])
def test_core_names_its_other_sectors(size: int, others: int) -> None:
    """Behind the first, in one piece."""
    made = grub.core(b"\1" * size)
    assert len(made) == 512 * (others + 1)
    assert struct.unpack_from("<QHH", made, 500) == (2049, others, 0x820)


def test_boot_images_are_the_same_twice_and_sound(tmp_path: Path) -> None:
    """By e2fsck, debugfs and grub-editenv, which are others' programs."""
    needs("grub-mkimage", "grub-editenv", "mke2fs", "e2fsck", "debugfs")
    if not (grub.FILES / "boot.img").is_file():
        pytest.skip("grub-pc-bin is not on this machine")
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        grub.boot_images(folder, EPOCH)
    for name in ("mbr.img", "core.img", "boot.ext4"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert (first / "core.img").stat().st_size <= 1 << 20, "the partition has 1 MiB"
    boot = first / "boot.ext4"
    assert boot.stat().st_size == 64 << 20
    subprocess.run(["/sbin/e2fsck", "-fn", str(boot)], check=True, capture_output=True)
    out = tmp_path / "grubenv"
    ask = ["/sbin/debugfs", "-R", f"dump /grub/grubenv {out}", str(boot)]
    subprocess.run(ask, check=True, capture_output=True)
    listed = subprocess.run(
        ["grub-editenv", str(out), "list"], check=True, capture_output=True, text=True
    )
    assert listed.stdout.splitlines() == ["ORDER=A B", "A_OK=1", "A_TRY=0", "B_OK=0", "B_TRY=0"]
