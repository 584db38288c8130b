"""A program of its own beside a station that is measured; it must have been at work."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class IdleDisturbance(RuntimeError):
    """The figure would be of no load."""


@contextmanager
def program(what: str, command: list[str], work: list[str]) -> Iterator[IO[bytes]]:
    """Python that runs as long as this lasts, and the file of what it says.

    `command`: what follows `python -c`. The last word that it said is appended to `work` behind
    `what`; IdleDisturbance if it said nothing, or if it has ended by itself: then nobody knows for
    how long it was at work.
    """
    # it is killed: what it writes goes with us
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryDirectory(prefix="gonogo-bench-") as scratch,
    ):
        process = subprocess.Popen(
            [sys.executable, "-c", *command],
            stdout=said,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": scratch},
        )
        try:
            yield said
        finally:
            died = process.poll() is not None
            process.kill()
            process.wait()
        said.seek(0)
        words = said.read().split()
    if died or not words:
        why = "it ended by itself" if died else "it has read nothing, and has disturbed nobody"
        raise IdleDisturbance(f"'{what}': {why}")
    work.append(f"{what} {words[-1].decode()}")
