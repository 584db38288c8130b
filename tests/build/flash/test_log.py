"""The log of a flash."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from gonogo.base.errors import FlashLogUnwritable
from gonogo.build.flash.log import Log, default_path

NOW = datetime(2026, 11, 30, 14, 2, 7, tzinfo=timezone.utc)


def test_lines_have_their_time_and_are_added(tmp_path: Path) -> None:
    """A log that is there goes on."""
    for text in ("one", "two"):
        log = Log(tmp_path / "log")
        log.line(text)
        log.close()
        log.close()
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line.split("Z ")[1] for line in lines] == ["one", "two"]


def test_a_log_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """Before anything else is done."""
    with pytest.raises(FlashLogUnwritable, match="name another file by --log"):
        Log(tmp_path)


def test_lines_for_which_there_is_no_room_are_lost_and_said() -> None:
    """And end nothing."""
    log = Log(Path("/dev/full"))
    log.line("one")
    log.line("two")
    log.close()
    assert log.lost == "No space left on device"


def test_it_lies_in_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not beside the image, whose stick may be full; where there is no such folder, in another."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    found = default_path(NOW)
    assert found.parent == tmp_path / "gonogo"
    assert found.name.startswith("flash-20261130-140207-")
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert default_path(NOW).parent.is_dir()
