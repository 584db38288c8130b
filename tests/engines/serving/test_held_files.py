"""Checked bytes in memory: opened by a path, named by where they are from, gone in the end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gonogo.engines.serving.held_files import HeldFiles

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


def test_held_files_are_named_by_their_origin() -> None:
    """Also where the path of one is the beginning of another's."""
    files = HeldFiles()
    origins = [Path(f"/engines/{number}.gng") for number in range(120)]
    held = [files.hold(origin, "cpu", b"x", "x") for origin in origins]
    assert any(str(a) != str(b) and str(b).startswith(str(a)) for a in held for b in held)
    for path, origin in zip(held, origins, strict=True):
        assert files.named(f"{path}: no") == f"{origin}: no"
    files.close()


def test_held_files_leave_no_descriptor() -> None:
    """Closed twice, too."""
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names only
    files = HeldFiles()
    for role in "abc":
        files.hold(ORIGIN, role, b"x", "x")
    files.close()
    files.close()
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
