"""What other programs lack or say, as a sentence; and a real disk that is full."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseNotBuilt, ReleaseNotWritten, ReleaseToolMissing
from gonogo.build.release.tool import run, writing

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = [sys.executable, "-I", "-c"]


def test_run_is_what_it_printed(tmp_path: Path) -> None:
    """In the folder that it was told."""
    assert run([*PYTHON, "import os; print(os.getcwd())"], tmp_path).strip() == str(tmp_path)


def test_last_words_of_a_program_that_fails_are_told(tmp_path: Path) -> None:
    """With its exit code, and nothing that drives a terminal."""
    words = [*PYTHON, "import sys; sys.exit('first\\nno \\x1b[31mroom')"]
    with pytest.raises(ReleaseNotBuilt, match=r"failed \(exit code 1\): no \?\[31mroom"):
        run(words, tmp_path)
    with pytest.raises(ReleaseNotBuilt, match="it said nothing"):
        run([*PYTHON, "raise SystemExit(3)"], tmp_path)
    with pytest.raises(ReleaseNotBuilt, match=r"^GN246: nothing_there failed"):
        run([sys.executable, "-I", "-m", "nothing_there"], tmp_path)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what brings it, where that is known."""
    with pytest.raises(ReleaseToolMissing, match="no-such-program: a release needs"):
        run(["no-such-program"], tmp_path)


def test_a_full_disk_is_said_whoever_met_it(tmp_path: Path) -> None:
    """A program, which says so in words, or we ourselves."""
    with pytest.raises(ReleaseNotWritten, match="the disk is full"):
        run([*PYTHON, "open('/dev/full', 'wb', 0).write(b'x')"], tmp_path)
    with (
        pytest.raises(ReleaseNotWritten, match="some 2000 MB while"),
        writing(tmp_path),
        open("/dev/full", "wb", buffering=0) as full,  # noqa: PTH123 - a device
    ):
        full.write(b"x")


def test_a_folder_that_takes_nothing_is_said(tmp_path: Path) -> None:
    """Our own errors go through as they are."""
    with (
        pytest.raises(ReleaseNotWritten, match="cannot be written: Permission denied"),
        writing(tmp_path),
    ):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path))
    with pytest.raises(ReleaseToolMissing, match="as it is"), writing(tmp_path):
        raise ReleaseToolMissing("as it is")
