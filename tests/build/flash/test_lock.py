"""One flash of a target at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import TargetBusy
from gonogo.build.flash.lock import claim

if TYPE_CHECKING:
    from pathlib import Path

# holds the first byte of its file as QEMU holds an image, until its standard input ends
HOLDER = """
import fcntl, sys
held = open(sys.argv[1], "r+b")
fcntl.lockf(held, fcntl.LOCK_SH if sys.argv[2] == "read" else fcntl.LOCK_EX, 1)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    "who", ["writer writer", "writer reader", "reader writer", "reader reader"]
)
def test_who_writes_is_alone_and_readers_are_not(tmp_path: Path, who: str) -> None:
    """Whoever comes second is told so."""
    first, second = (each == "writer" for each in who.split())
    path = tmp_path / "disk"
    path.touch()
    fds = [os.open(path, os.O_RDWR) for _ in range(2)]
    try:
        claim(fds[0], path, writes=first)
        if not (first or second):
            claim(fds[1], path, writes=second)
            return
        with pytest.raises(TargetBusy, match="fuser -v"):
            claim(fds[1], path, writes=second)
    finally:
        for fd in fds:
            os.close(fd)


def test_an_image_that_a_virtual_machine_holds_is_busy(tmp_path: Path) -> None:
    """It locks bytes of it by fcntl(2), and knows no flock(2)."""
    path = tmp_path / "disk"
    path.write_bytes(b"x")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path, "write"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    fd = os.open(path, os.O_RDWR)
    try:
        with pytest.raises(TargetBusy):
            claim(fd, path, writes=True)
        holder.communicate()
        claim(fd, path, writes=True)
    finally:
        os.close(fd)


def test_an_error_that_is_no_lock_stays_what_it_is(tmp_path: Path) -> None:
    """A descriptor that is closed."""
    fd = os.open(tmp_path, os.O_RDONLY)
    os.close(fd)
    with pytest.raises(OSError, match="Bad file descriptor"):
        claim(fd, tmp_path, writes=False)
