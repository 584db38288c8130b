"""Checked bytes in memory: opened by a path, named by where they are from, gone in the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.engines.serving.held_files import HeldFiles
from gonogo.tests.descriptors import nothing_left_open

ORIGIN = Path("/engines/bolt.gng")


def test_held_file_is_read_by_its_path_and_cannot_be_changed() -> None:
    """Its name in memory is only for who looks there."""
    files = HeldFiles()
    path = files.hold(ORIGIN, "cpu", b"content", "bolt")
    assert path.read_bytes() == b"content"
    assert "bolt" in str(path.readlink())
    with pytest.raises(PermissionError):
        os.truncate(path, 0)
    files.close()


def test_held_files_are_found_by_origin_and_role() -> None:
    """Two files of one bundle are two, and of another bundle none."""
    files = HeldFiles()
    held = {role: files.hold(ORIGIN, role, role.encode(), "bolt") for role in ("cpu", "tensorrt")}
    assert {role: files.find(ORIGIN, role) for role in held} == held
    assert files.find(ORIGIN, "card") is None
    assert files.find(Path("/engines/nut.gng"), "cpu") is None
    files.close()


# in a process of its own, whose descriptors begin at 3: 12 and 120 are among them
MANY = """
from pathlib import Path
from gonogo.engines.serving.held_files import HeldFiles
files = HeldFiles()
origins = [Path(f"/engines/{number}.gng") for number in range(120)]
held = [files.hold(origin, "cpu", b"x", "x") for origin in origins]
assert any(str(a) != str(b) and str(b).startswith(str(a)) for a in held for b in held)
for path, origin in zip(held, origins, strict=True):
    assert files.named(f"{path}: no") == f"{origin}: no"
"""


def test_held_files_are_named_by_their_origin() -> None:
    """Also where the path of one is the beginning of another's."""
    done = subprocess.run([sys.executable, "-I", "-c", MANY], check=False, timeout=60)
    assert done.returncode == 0


def test_held_files_leave_no_descriptor() -> None:
    """Closed twice, too."""
    with nothing_left_open():
        files = HeldFiles()
        for role in "abc":
            files.hold(ORIGIN, role, b"x", "x")
        files.close()
        files.close()
