"""What an image brings into a BSP for the time of a flash, and that it goes again."""

from __future__ import annotations

import json
import tarfile
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BspUnfit, ImageDamaged, ImageUnfit
from gonogo.build.flash import image as images
from gonogo.build.flash.jetson import payload
from gonogo.build.flash.jetson.bsp import bsp_of
from gonogo.tests.build.flash.boxes import needs_tools
from gonogo.tests.build.flash.jetson import stand_in
from gonogo.tests.build.flash.jetson.stand_in import PROGRAM, Bench, tree_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.flash.jetson.payload import Payload

pytestmark = needs_tools


def opened(bench: Bench, image: Path) -> Payload:
    """What is in it, as a flash finds it."""
    found = images.checked(image, bench.signer.keyring, bench.folder)
    return payload.unpacked(found, bench.signer.keyring, bench.folder)


def test_it_comes_and_goes_and_the_bsp_is_as_it_was(bench: Bench, image: Path) -> None:
    """Its files with their folders; those that were there stay."""
    bsp, before = bsp_of(bench.bsp), tree_of(bench.bsp)
    with closing(opened(bench, image)) as found:
        assert found.version == "0.2.0+program"
        assert payload.check_place(found, bsp).startswith("3 files")
        assert payload.put_in(found, bsp) == 3
    for name, said in PROGRAM.items():
        assert (bsp.rootfs / name).read_text() == said
        assert (bsp.rootfs / name).stat().st_uid == (bsp.folder / payload.LIST).stat().st_uid
    payload.take_out(bsp)
    payload.take_out(bsp)
    after = tree_of(bench.bsp)
    assert after.keys() == before.keys()
    assert after == before


def test_what_a_killed_flash_left_goes_before_the_next_comes(bench: Bench, image: Path) -> None:
    """Also what the next one has not; a list that was cut off names nothing."""
    bsp = bsp_of(bench.bsp)
    old = bsp.rootfs / "usr/lib/gonogo/old.py"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    left = ["usr/", "usr/lib/", "usr/lib/gonogo/", "usr/lib/gonogo/old.py"]
    (bsp.folder / payload.LIST).write_text(json.dumps(left))
    with closing(opened(bench, image)) as found:
        payload.put_in(found, bsp)
        assert not old.exists()
        payload.put_in(found, bsp)
        payload.take_out(bsp)
    assert not (bsp.rootfs / "usr").exists()
    (bsp.folder / payload.LIST).write_text('["usr/"')
    assert payload.listed(bsp) == []


def test_nothing_is_written_over_a_file_of_the_bsp(bench: Bench, image: Path) -> None:
    """It is named, and nothing comes; a link out of the root is not followed."""
    bsp = bsp_of(bench.bsp)
    own = bsp.rootfs / "etc/systemd/system/gonogo.service"
    own.parent.mkdir(parents=True)
    own.symlink_to("/dev/null")
    with closing(opened(bench, image)) as found:
        with pytest.raises(BspUnfit, match=r"gonogo\.service is there already"):
            payload.check_place(found, bsp)
        own.unlink()
        (bsp.rootfs / "usr").symlink_to("/usr")
        with pytest.raises(BspUnfit, match="a link there leads out of"):
            payload.check_place(found, bsp)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("/etc/passwd", tarfile.REGTYPE), ("../x", tarfile.REGTYPE), ("usr/../../x", tarfile.REGTYPE),
     ("dev/sda", tarfile.BLKTYPE), ("usr/hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE)],
)  # fmt: skip
def test_a_tar_that_reaches_out_is_refused(bench: Bench, name: str, kind: bytes) -> None:
    """However well it is signed."""
    tar = stand_in.evil_tar(bench.folder, name, kind)
    with pytest.raises(ImageUnfit, match="expected files, folders and symbolic links"):
        opened(bench, stand_in.bundle_of(tar, bench.signer))


def test_what_is_no_image_for_a_jetson_says_what_it_lacks(bench: Bench) -> None:
    """The program; a tar; the file's name; the bytes that the manifest names."""
    folder, by = bench.folder, bench.signer
    other = stand_in.bundle(folder, by, {"etc/x": ""})
    with pytest.raises(ImageUnfit, match="no station starts from it"):
        opened(bench, other)
    found = images.checked(other, by.keyring, folder)
    with pytest.raises(ImageDamaged, match="is not the one that its manifest names"):
        payload.unpacked(found._replace(sha256="0" * 64), by.keyring, folder)
    for name, says in (("rootfs.tar", "expected a plain tar"), ("rootfs.ext4", "expected rootfs")):
        (folder / name).write_bytes(b"no tar" * 1000)
        with pytest.raises(ImageUnfit, match=says):
            opened(bench, stand_in.bundle_of(folder / name, by, f"gonogo-{name[-4:]}"))


def test_an_image_for_another_box_is_refused(bench: Bench, image: Path) -> None:
    """By what it says it is for."""
    found = images.checked(image, bench.signer.keyring, bench.folder)
    assert payload.for_jetson(found) == payload.COMPATIBLE
    with pytest.raises(ImageUnfit, match="takes 'gonogo-aarch64-jetpack6'"):
        payload.for_jetson(found._replace(compatible="gonogo-x86_64-debian12"))
