"""A card on the disk: once it was said to be written, no power cut takes it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.engines.card import replace_file
from gonogo.tests.fakes import watch_syncs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_replace_file_syncs_the_file_and_then_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the system call itself: bytes first, the name afterwards."""
    synced = watch_syncs(monkeypatch)
    replace_file(tmp_path / "card.toml", b"new")
    file, folder = synced
    assert file.parent == folder == tmp_path
    assert file.name.endswith(".new")
    assert (tmp_path / "card.toml").read_bytes() == b"new"
