"""Small files: the old one or the new one, and the new one once it was said to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_file import SYSTEM, Files, fill, move, replace, settle
from gonogo.tests.engines.bundles.breaking import PowerCut, PowerCutFolders
from gonogo.tests.fakes import watch_syncs

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = b"the old one", b"the new one, and longer" * 200


@pytest.mark.parametrize("lose_names", [False, True])
def test_replace_leaves_old_or_new_at_whichever_call_the_current_fails(
    tmp_path: Path,
    lose_names: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Cut at the N-th system call, for N = 1, 2, 3 ... until it is done; then it is the new one."""
    found, done, nth = [], False, 0
    while not done:
        nth += 1
        folder, spare = tmp_path / f"{nth}", tmp_path / f"spare{nth}"
        folder.mkdir()
        spare.mkdir()
        path = folder / "file"
        path.write_bytes(OLD)
        files = PowerCutFolders(nth, spare, lose_names=lose_names)
        try:
            replace(path, NEW, files)
            files.cut()
            done = True
        except PowerCut:
            pass
        found.append(path.read_bytes())
    assert set(found) == {OLD, NEW}
    assert found[-1] == NEW


def test_replace_syncs_the_file_and_then_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the system call itself: bytes first, the name afterwards."""
    synced = watch_syncs(monkeypatch)
    replace(tmp_path / "file", NEW)
    assert synced == [tmp_path / "file.new", tmp_path]


def test_move_and_settle_sync_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is renamed stays renamed."""
    (tmp_path / "a").write_bytes(OLD)
    synced = watch_syncs(monkeypatch)
    move(tmp_path / "a", tmp_path / "b")
    assert synced == [tmp_path]
    settle(tmp_path)
    assert synced == [tmp_path, tmp_path]


def test_fill_writes_only_where_nothing_was(tmp_path: Path) -> None:
    """Neither over a file nor through a link to one."""
    there = tmp_path / "there"
    there.write_bytes(OLD)
    (tmp_path / "link").symlink_to(there)
    for path in (there, tmp_path / "link"):
        with pytest.raises(FileExistsError):
            fill(path, [NEW], SYSTEM)
    assert there.read_bytes() == OLD
    fill(tmp_path / "fresh", [NEW, b"", OLD], SYSTEM)
    assert (tmp_path / "fresh").read_bytes() == NEW + OLD


def test_fill_goes_on_where_the_system_took_less(tmp_path: Path) -> None:
    """As write(2) does on a disk that is nearly full, or when a signal comes."""

    class Sparing(Files):
        """Seven bytes at a time."""

        def write(self, fd: int, data: bytes) -> int:
            return super().write(fd, data[:7])

    fill(tmp_path / "file", [NEW], Sparing())
    assert (tmp_path / "file").read_bytes() == NEW
