"""Paths of the folder of installed engines: what counts as an engine or a version, what not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_folder import FOLDERS
from gonogo.base.errors import EngineNotInstalled
from gonogo.engines.installed.layout import Layout
from gonogo.engines.installed.selection import Selection, write_selection

if TYPE_CHECKING:
    from pathlib import Path


def put(root: Path, name: str, version: str, size: int = 0) -> Path:
    """A version of so many bytes."""
    folder = root / name / version
    folder.mkdir(parents=True)
    (folder / "bundle.gng").write_bytes(bytes(size))
    return folder


def test_versions_are_in_order_with_their_marks(tmp_path: Path) -> None:
    """By number, not by letters; engines by name."""
    for name, version in (("nut", "1.0.0"), ("bolt", "1.10.0"), ("bolt", "1.9.0")):
        put(tmp_path, name, version)
    write_selection(tmp_path / "bolt", Selection("1.10.0", "1.9.0"), FOLDERS)
    found = Layout(tmp_path).installed()
    assert [each[:3] for each in found] == [
        ("bolt", "1.9.0", "previous"), ("bolt", "1.10.0", "active"), ("nut", "1.0.0", "")
    ]  # fmt: skip
    assert found[0].path == tmp_path / "bolt" / "1.9.0" / "bundle.gng"


def test_marks_of_a_damaged_selection_are_unknown(tmp_path: Path) -> None:
    """The versions are shown all the same."""
    put(tmp_path, "bolt", "1.0.0")
    (tmp_path / "bolt" / "selected").write_bytes(b"?")
    assert [each.mark for each in Layout(tmp_path).installed()] == ["unknown"]


def test_only_what_is_named_like_one_is_an_engine_or_a_version(tmp_path: Path) -> None:
    """Notes and hidden folders are left alone."""
    put(tmp_path, "bolt", "1.0.0")
    put(tmp_path, "bolt", "notes")
    put(tmp_path, ".new", "1.0.0")
    (tmp_path / "README").write_text("ask Ann")
    at = Layout(tmp_path)
    assert at.engines() == [tmp_path / "bolt"]
    assert [each.version for each in at.installed()] == ["1.0.0"]


@pytest.mark.parametrize(
    ("name", "version"), [("nut", "1.0.0"), ("bolt", "2.0.0"), ("../bolt", "1.0.0"), ("bolt", "..")]
)
def test_paths_lead_only_to_what_is_there(tmp_path: Path, name: str, version: str) -> None:
    """No word of a request becomes a path before it is known as a name."""
    put(tmp_path, "bolt", "1.0.0")
    at = Layout(tmp_path)
    for path in (at.version, at.bundle):
        with pytest.raises(EngineNotInstalled, match="gonogo engines list"):
            path(name, version)
    assert at.bundle("bolt", "1.0.0") == tmp_path / "bolt" / "1.0.0" / "bundle.gng"


def test_used_bytes_count_half_copies_too(tmp_path: Path) -> None:
    """They lie on the same disk."""
    put(tmp_path, "bolt", "1.0.0", 1000)
    (put(tmp_path, "nut", "1.0.0", 20) / "notes").write_bytes(bytes(5))
    (tmp_path / ".new").mkdir()
    (tmp_path / ".new" / "bundle.gng").write_bytes(bytes(300))
    assert Layout(tmp_path).used_bytes() == 1320


def test_tidy_removes_leftovers_and_nothing_else(tmp_path: Path) -> None:
    """Half an install, half a removal, half a selection, an engine without a version."""
    kept = put(tmp_path, "bolt", "1.0.0")
    for folder in (".new", ".gone"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "bundle.gng").write_bytes(b"half")
    (tmp_path / "bolt" / "selected.new").write_bytes(b"{")
    (tmp_path / "nut").mkdir()
    Layout(tmp_path).tidy(FOLDERS)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "bolt", "bolt/1.0.0", "bolt/1.0.0/bundle.gng"
    ]  # fmt: skip
    assert kept.is_dir()
