"""`gonogo support` as it is typed: in a process of its own, which stays behind all others."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from gonogo.tests.commands.support.planted import FORBIDDEN, plant

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = """
import os, sys
from gonogo.commands.cli import main
try:
    main()
finally:
    print("policy", os.sched_getscheduler(0))
"""


def typed(*words: str | Path) -> tuple[int, str]:
    """Exit code and output."""
    command = [sys.executable, "-c", COMMAND, "support", *map(str, words)]
    found = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    return found.returncode, found.stdout + found.stderr


def test_support_writes_the_file_and_says_what_is_missing(tmp_path: Path) -> None:
    """For this user alone, the board too, and in the idle class: it disturbs nobody."""
    file, out = plant(tmp_path), tmp_path / "out.zip"
    code, said = typed(file, "--out", out)
    assert code == 0, said
    assert "not had, as MANIFEST.txt says:" in said
    assert "status.json: GN5" in said
    assert f"policy {os.SCHED_IDLE}\n" in said
    assert out.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
        text = "".join(archive.read(name).decode() for name in names)
    assert "gonogo-support/board.json" in names
    assert not [word for word in FORBIDDEN if word in text]


def test_support_without_room_for_the_file_says_so(tmp_path: Path) -> None:
    """With its number."""
    code, said = typed(plant(tmp_path), "--out", tmp_path / "none" / "out.zip")
    assert code == 1
    assert "GN740" in said
