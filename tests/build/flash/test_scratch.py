"""The private folder of a flash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import FlashNoRoom
from gonogo.build.flash.scratch import PREFIX, room_bytes, scratch

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_goes_with_its_block(tmp_path: Path) -> None:
    """With all that is in it."""
    with scratch(tmp_path) as folder:
        (folder / "x").write_text("x")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert room_bytes(folder) > 0
    assert not folder.exists()


def test_what_a_killed_flash_left_goes_and_what_another_one_holds_stays(tmp_path: Path) -> None:
    """Told apart by its lock."""
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "rootfs").write_text("x")
    with scratch(tmp_path) as first:
        assert not left.exists()
        with scratch(tmp_path):
            assert first.exists()


def test_a_folder_that_is_not_there_takes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named, with what to do; TMPDIR is obeyed."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "no"))
    with pytest.raises(FlashNoRoom, match="name another one by TMPDIR"), scratch():
        pass
