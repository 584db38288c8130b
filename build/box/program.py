"""The product itself in the root of a box: unpacked to /usr/lib/gonogo."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gonogo.base.errors import BoxProgramUnfit
from gonogo.build.release.read import Release
from gonogo.build.release.unpacking import unpack

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.release.trust import Trust

PLACE = "usr/lib/gonogo"


def put(program: Path, root: Path, trust: Trust, target: str) -> None:
    """A folder is copied as it is; a release is verified, whole and by `trust`, and unpacked.

    ReleaseError for a file that is none, or not for `target`; BoxProgramUnfit.
    """
    place = root / PLACE
    if program.is_dir():
        shutil.copytree(program, place, symlinks=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        with Release(program, trust, target) as release:
            unpack(release, place)
    for wanted in ("bin/gonogo", "site/gonogo/commands/cli.py"):
        if not (place / wanted).is_file():
            raise BoxProgramUnfit(f"{program}: expected {wanted} in it, which is not there")


def compiled(place: Path) -> bool:
    """Whether its byte code is there, which nobody could write at run time."""
    return any((place / "site" / "gonogo" / "commands" / "__pycache__").glob("*.pyc"))
