"""The program in the root of a box."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BoxProgramUnfit
from gonogo.build.box.program import compiled, put
from gonogo.tests.build.box.test_grub import needs

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
    put(program, tmp_path / "root")
    place = tmp_path / "root/usr/lib/gonogo"
    assert (place / "bin/python3").is_symlink()
    assert not compiled(place)
    (place / "site/gonogo/commands/__pycache__").mkdir()
    (place / "site/gonogo/commands/__pycache__/cli.cpython-311.pyc").touch()
    assert compiled(place)


def test_squashfs_is_unpacked_whatever_lies_behind_it(program: Path, tmp_path: Path) -> None:
    """A program image has its manifest and signatures there."""
    needs("mksquashfs", "unsquashfs")
    image = tmp_path / "image.gnr"
    subprocess.run(["mksquashfs", program, image, "-quiet", "-no-progress"], check=True)
    with image.open("ab") as file:
        file.write(b"a footer")
    put(image, tmp_path / "root")
    assert (tmp_path / "root/usr/lib/gonogo/bin/gonogo").read_text() == "#!/bin/sh\n"


def test_anything_else_is_refused_by_what_was_expected(program: Path, tmp_path: Path) -> None:
    """A file of another kind, a missing one, a folder without the program."""
    (tmp_path / "wheel.whl").write_bytes(b"PK\3\4")
    with pytest.raises(BoxProgramUnfit, match="or a squashfs of one"):
        put(tmp_path / "wheel.whl", tmp_path / "1")
    with pytest.raises(BoxProgramUnfit, match="No such file"):
        put(tmp_path / "missing", tmp_path / "2")
    (program / "bin/gonogo").unlink()
    with pytest.raises(BoxProgramUnfit, match="expected bin/gonogo in it"):
        put(program, tmp_path / "3")
