"""The program in the root of a box."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    BoxProgramUnfit,
    ReleaseCut,
    ReleaseDamaged,
    ReleaseError,
    ReleaseOther,
    ReleaseUntrusted,
)
from gonogo.build.box.order import TARGET
from gonogo.build.box.program import compiled, put
from gonogo.build.release.footer import trailer_of
from gonogo.build.release.trust import Trust
from gonogo.tests.build.box.test_grub import needs
from gonogo.tests.build.release.fabricated import raw_manifest
from gonogo.tests.build.release.parcels import MAKER, STRANGER

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program of two files and a link."""
    for name in ("bin/gonogo", "site/gonogo/commands/cli.py"):
        path = tmp_path / "program" / name
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\n")
    (tmp_path / "program/bin/python3").symlink_to("/usr/bin/python3")
    return tmp_path / "program"


def test_folder_is_copied_with_its_links(program: Path, tmp_path: Path) -> None:
    """Those that lead out of it, too."""
    put(program, tmp_path / "root", Trust(), TARGET)
    place = tmp_path / "root/usr/lib/gonogo"
    assert (place / "bin/python3").is_symlink()
    assert not compiled(place)
    (place / "site/gonogo/commands/__pycache__").mkdir()
    (place / "site/gonogo/commands/__pycache__/cli.cpython-311.pyc").touch()
    assert compiled(place)


@pytest.fixture
def release(program: Path, tmp_path: Path) -> Path:
    """The same as a release, signed by MAKER."""
    needs("mksquashfs", "unsquashfs")
    path = tmp_path / "program.gnr"
    subprocess.run(["mksquashfs", program, path, "-quiet", "-no-progress"], check=True)
    image = path.read_bytes()
    raw = raw_manifest(image=image)
    path.write_bytes(image + raw + trailer_of(raw, MAKER).pack())
    return path


def test_release_is_unpacked(release: Path, tmp_path: Path) -> None:
    """Of whom the order trusts."""
    put(release, tmp_path / "root", Trust((MAKER.public,)), TARGET)
    assert (tmp_path / "root/usr/lib/gonogo/bin/gonogo").read_text() == "#!/bin/sh\n"


def test_release_of_a_stranger_or_for_another_box_or_damaged_is_refused(
    release: Path, tmp_path: Path
) -> None:
    """And nothing of it is in the root."""
    with pytest.raises(ReleaseUntrusted):
        put(release, tmp_path / "1", Trust((STRANGER.public,)), TARGET)
    with pytest.raises(ReleaseOther, match="made for x86_64-debian12"):
        put(release, tmp_path / "1", Trust(), "aarch64-debian12")
    changed = bytearray(release.read_bytes())
    changed[200] ^= 1
    release.write_bytes(changed)
    with pytest.raises(ReleaseDamaged):
        put(release, tmp_path / "1", Trust(), TARGET)
    assert not (tmp_path / "1/usr/lib/gonogo").exists()


def test_squashfs_that_nobody_signed_is_refused(program: Path, tmp_path: Path) -> None:
    """The end of a release is missing: it was cut off, or is none."""
    needs("mksquashfs")
    image = tmp_path / "image.squashfs"
    subprocess.run(["mksquashfs", program, image, "-quiet", "-no-progress"], check=True)
    with pytest.raises(ReleaseCut):
        put(image, tmp_path / "1", Trust(unsigned=True), TARGET)


def test_anything_else_is_refused_by_what_was_expected(program: Path, tmp_path: Path) -> None:
    """A file of another kind, a missing one, a folder without the program."""
    (tmp_path / "wheel.whl").write_bytes(b"PK\3\4" + bytes(200))
    with pytest.raises(ReleaseOther, match="a zip archive"):
        put(tmp_path / "wheel.whl", tmp_path / "1", Trust(), TARGET)
    with pytest.raises(ReleaseError, match="No such file"):
        put(tmp_path / "missing", tmp_path / "2", Trust(), TARGET)
    (program / "bin/gonogo").unlink()
    with pytest.raises(BoxProgramUnfit, match="expected bin/gonogo in it"):
        put(program, tmp_path / "3", Trust(), TARGET)
