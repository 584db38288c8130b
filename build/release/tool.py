"""Running the programs that make a release: what they lack, or say, becomes one sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
from typing import TYPE_CHECKING

from gonogo.base.errors import ReleaseNotBuilt, ReleaseNotWritten, ReleaseToolMissing
from gonogo.base.plain_text import harmless
from gonogo.build.programs import PACKAGES, bring

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_FULL = os.strerror(errno.ENOSPC)


def run(words: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> str:
    """What a program prints; ReleaseNotBuilt has its last words where it fails."""
    done = ended(words, folder, env)
    if done.returncode:
        raise ReleaseNotBuilt(f"{what(words)} failed (exit code {done.returncode}): {last(done)}")
    return done.stdout


def ended(
    words: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A program that ran to its end, however that was; a full disk is said as such."""
    name = words[0]
    try:
        done = subprocess.run(
            words, cwd=folder, env=env, check=False, capture_output=True, text=True,
            errors="replace", stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        raise missing(name) from None
    if done.returncode and _FULL in done.stdout + done.stderr:
        raise no_room(folder)
    return done


def missing(program: str) -> ReleaseToolMissing:
    """A program that is not there, and what brings it where that is known."""
    how = f"; {bring([program])}" if program in PACKAGES else ""
    return ReleaseToolMissing(f"{program}: a release needs this program, and it is not there{how}")


def what(words: Sequence[str]) -> str:
    """How a call is named in a message: a module of Python by its own name."""
    return words[words.index("-m") + 1] if "-m" in words else words[0]


def last(done: subprocess.CompletedProcess[str]) -> str:
    """The last line that it said."""
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return harmless(lines[-1].strip()) if lines else "it said nothing"


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """A disk that takes no more, or a folder that takes nothing, is said with what to do."""
    try:
        yield
    except ReleaseNotBuilt:  # some of which are OSErrors, too
        raise
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise no_room(folder) from error
        raise ReleaseNotWritten(
            f"{error.filename or folder}: cannot be written: {error.strerror}; "
            "take another --out, or mend its rights"
        ) from error


def no_room(folder: Path) -> ReleaseNotWritten:
    """A full disk, and how much is wanted of it."""
    return ReleaseNotWritten(
        f"{folder}: the disk is full; what was begun there is removed. A release for a box needs "
        "some 2000 MB while it is built: make room, or take another --out"
    )
