"""The product itself in the root of a box: unpacked to /usr/lib/gonogo."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gonogo.base.errors import BoxProgramUnfit
from gonogo.build.box.tool import run

if TYPE_CHECKING:
    from pathlib import Path

PLACE = "usr/lib/gonogo"
_SQUASHFS = b"hsqs"


def put(program: Path, root: Path) -> None:
    """A folder is copied, a squashfs unpacked; BoxProgramUnfit for anything else.

    A signature of the squashfs is looked at by whoever hands it over.
    """
    place = root / PLACE
    if program.is_dir():
        shutil.copytree(program, place, symlinks=True)
    elif _begins(program) == _SQUASHFS:
        place.parent.mkdir(parents=True, exist_ok=True)
        run(["unsquashfs", "-quiet", "-no-progress", "-dest", place, program])
    else:
        raise BoxProgramUnfit(
            f"{program}: expected a folder with bin/gonogo and site/, or a squashfs of one"
        )
    for wanted in ("bin/gonogo", "site/gonogo/commands/cli.py"):
        if not (place / wanted).is_file():
            raise BoxProgramUnfit(f"{program}: expected {wanted} in it, which is not there")


def compiled(place: Path) -> bool:
    """Whether its byte code is there, which nobody could write at run time."""
    return any((place / "site" / "gonogo" / "commands" / "__pycache__").glob("*.pyc"))


def _begins(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQUASHFS))
    except OSError as error:
        raise BoxProgramUnfit(f"{path}: {error.strerror}") from error
