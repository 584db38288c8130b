"""Who comes as far as a file: held against what the kernel lets a process of that user."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.launch.reach import READ, WRITE, Who, not_writable, out_of_reach, who_is

if TYPE_CHECKING:
    from pathlib import Path

_ASK = "import os, sys; print(os.access(sys.argv[1], os.R_OK), os.access(sys.argv[2], os.W_OK))"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that anybody may enter, whatever pytest keeps to itself."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        if folder.stat().st_uid == os.getuid():
            folder.chmod(0o755)
    return tmp_path


@pytest.mark.skipif(os.getuid() != 0, reason="only root can ask as another user")
@pytest.mark.parametrize("folder_mode", [0o700, 0o711, 0o755, 0o777, 0o070, 0o007])
@pytest.mark.parametrize("file_mode", [0o600, 0o640, 0o604, 0o644, 0o044])
def test_reach_says_what_the_kernel_lets(place: Path, folder_mode: int, file_mode: int) -> None:
    """Of a file below a folder to be read, and of that folder to be written."""
    folder = place / "f"
    folder.mkdir()
    file = folder / "a"
    file.touch()
    file.chmod(file_mode)
    folder.chmod(folder_mode)
    command = [sys.executable, "-I", "-S", "-c", _ASK, str(file), str(folder)]
    daemon = who_is("daemon")
    found = subprocess.run(
        ["setpriv", "--reuid=daemon", "--regid=daemon", "--init-groups", *command],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if found.returncode:
        pytest.skip(f"no process of another user here: {found.stderr}")
    reads, writes = (word == "True" for word in found.stdout.split())
    assert (list(out_of_reach(daemon, [file])) == []) is reads
    # a folder into which nobody may enter takes no file, whatever its other bits say
    assert (list(not_writable(daemon, [folder])) == []) <= writes


def test_reach_tells_a_place_once_and_of_what_is_not_there_nothing(place: Path) -> None:
    """Its folders are asked, as far as there are any."""
    shut = place / "shut"
    shut.mkdir(0o700)
    some = [shut / "a", shut / "b", place / "none" / "c"]
    assert list(out_of_reach(Who(4242, frozenset()), some)) == [(shut / "a", shut)]


def test_reach_goes_by_the_first_class_that_applies(place: Path) -> None:
    """An owner whom the mode shuts out is shut out, though anybody else may."""
    file = place / "a"
    file.touch()
    file.chmod(0o046)
    found = file.stat()
    owner, group, other = found.st_uid or 4242, found.st_gid, 4243
    its = os.stat_result((found.st_mode, 0, 0, 1, owner, group, 0, 0, 0, 0))
    assert not Who(owner, frozenset({group})).may(its, READ)
    assert not Who(other, frozenset({group})).may(its, WRITE)
    assert Who(other, frozenset()).may(its, READ | WRITE)
    assert Who(0, frozenset()).may(its, READ | WRITE)
