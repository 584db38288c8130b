"""Programs of the system: which there are, and what they say, in English and bounded in time."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import FlashToolMissing
from gonogo.build.programs import bring, where

if TYPE_CHECKING:
    from collections.abc import Sequence

FOR_IMAGE = ("rauc", "unsquashfs")
FOR_DISK = ("lsblk", "partx", "wipefs", "debugfs")
FOR_WRITING = ("sgdisk", "mke2fs", "e2fsck")
_LONGEST_S = 3600.0  # a large image on a slow stick
_SHORT = ("debugfs", "mke2fs", "e2fsck")  # say their version so


class Ran(NamedTuple):
    """How a program ended, and what it said."""

    code: int
    out: bytes
    err: str

    @property
    def last(self) -> str:
        """Its last words."""
        return (self.err.strip().splitlines() or ["(it said nothing)"])[-1]


def check(tools: Sequence[str]) -> None:
    """FlashToolMissing with all packages that are wanted."""
    missing = [tool for tool in tools if where(tool) is None]
    if missing:
        raise FlashToolMissing(
            f"not installed: {', '.join(missing)} (Debian, Ubuntu: {bring(missing)})"
        )


def run(tool: str, *arguments: str, **more: str) -> Ran:
    """Run it to its end. `more`: further variables of its environment."""
    check([tool])
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC", **more}
    # a group of its own: Ctrl-C is ours to answer
    done = subprocess.run(
        [str(where(tool)), *arguments], check=False, capture_output=True, timeout=_LONGEST_S,
        stdin=subprocess.DEVNULL, env=environment, start_new_session=True,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def version(tool: str) -> str:
    """The first number with a dot that it says of itself; empty where it says none."""
    ran = run(tool, "-V" if tool in _SHORT else "--version")
    words = (ran.out.decode(errors="replace") + ran.err).split()
    return next((word.strip(",()") for word in words if word[:1].isdigit() and "." in word), "")
