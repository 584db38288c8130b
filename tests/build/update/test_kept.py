"""How far an update is, on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import UpdateNotKept
from gonogo.build.update.kept import Phase, Update, load, save, seen

if TYPE_CHECKING:
    from pathlib import Path

IT = Update(phase=Phase.WAITING, source="stick", version="0.3.0", slot="B", says="written")


def test_what_is_kept_is_read_again_by_whoever_asks(tmp_path: Path) -> None:
    """Other users, too: nothing of it is secret."""
    assert load(tmp_path) is None
    assert save(tmp_path, IT) == load(tmp_path) == IT
    assert (tmp_path / "update.json").stat().st_mode & 0o777 == 0o644
    assert IT.in_words() == "waiting: 0.3.0 from a stick, slot B: written"


def test_a_file_that_the_disk_lost_is_as_if_there_was_none(tmp_path: Path) -> None:
    """The server offers again, a stick is plugged in again; nothing that runs depends on it."""
    (tmp_path / "update.json").write_text('{"phase": "wai')
    assert load(tmp_path) is None
    with pytest.raises(UpdateNotKept, match=r"update\.json: damaged .*plug the stick in again"):
        seen(tmp_path)


def test_a_disk_that_takes_or_gives_nothing_is_an_error(tmp_path: Path) -> None:
    """By its number."""
    with pytest.raises(UpdateNotKept, match="room on the data partition"):
        save(tmp_path / "no", IT)
    (tmp_path / "update.json").mkdir()
    with pytest.raises(UpdateNotKept):
        load(tmp_path)
