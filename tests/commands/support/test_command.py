"""`gonogo support` as it is typed."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.tests.commands.support.planted import FORBIDDEN, plant

if TYPE_CHECKING:
    from pathlib import Path


def test_support_writes_the_file_and_says_what_is_missing(tmp_path: Path) -> None:
    """For this user alone, also the board; the process is an ordinary one again."""
    file, out = plant(tmp_path), tmp_path / "out.zip"
    found = CliRunner().invoke(main, ["support", str(file), "--out", str(out)])
    assert found.exit_code == 0, found.output
    assert "not had, as MANIFEST.txt says:" in found.output
    assert "status.json: GN5" in found.output
    assert out.stat().st_mode & 0o777 == 0o600
    assert os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_OTHER
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
        text = "".join(archive.read(name).decode() for name in names)
    assert "gonogo-support/board.json" in names
    assert not [word for word in FORBIDDEN if word in text]


def test_support_without_room_for_the_file_says_so(tmp_path: Path) -> None:
    """With its number."""
    out = tmp_path / "none" / "out.zip"
    found = CliRunner().invoke(main, ["support", str(plant(tmp_path)), "--out", str(out)])
    assert found.exit_code == 1
    assert "GN740" in found.output
