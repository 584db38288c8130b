"""Active and previous version in one small file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_folder import FOLDERS
from gonogo.base.errors import RegistryError
from gonogo.engines.installed.selection import FILE, Selection, read_selection, write_selection

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """The folder of bolt."""
    folder = tmp_path / "bolt"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    "selection", [Selection(), Selection("1.0.0"), Selection("1.1.0", "1.0.0")]
)
def test_selection_is_read_as_it_was_written(engine: Path, selection: Selection) -> None:
    """Over whatever stood there before."""
    write_selection(engine, Selection("9.0.0", "8.0.0"), FOLDERS)
    write_selection(engine, selection, FOLDERS)
    assert read_selection(engine) == selection
    assert [path.name for path in engine.iterdir()] == [FILE]


def test_nothing_is_selected_where_nobody_has_chosen(engine: Path) -> None:
    """An engine that was installed and never activated."""
    assert read_selection(engine) == Selection(None, None)


def test_selection_of_another_engine_is_refused(engine: Path, tmp_path: Path) -> None:
    """A folder that somebody copied and renamed: its versions may not be this one's."""
    write_selection(engine, Selection("1.0.0"), FOLDERS)
    nut = engine.rename(tmp_path / "nut")
    with pytest.raises(RegistryError, match=r"another engine.*gonogo engines activate nut VERSION"):
        read_selection(nut)


def test_every_changed_byte_is_noticed(engine: Path) -> None:
    """By its seal: a bad sector makes no other version active."""
    write_selection(engine, Selection("1.1.0", "1.0.0"), FOLDERS)
    path = engine / FILE
    raw = path.read_bytes()
    for at in range(len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(RegistryError, match="is damaged"):
            read_selection(engine)


def test_mark_says_what_a_version_is() -> None:
    """Nothing for one that is neither; a version that is both counts as active."""
    selection = Selection("1.1.0", "1.0.0")
    assert [selection.mark(version) for version in ("1.1.0", "1.0.0", "0.9.0")] == [
        "active", "previous", ""
    ]  # fmt: skip
    assert Selection("1.0.0", "1.0.0").mark("1.0.0") == "active"
