"""Names of engines beside the records: kept for good, whatever else stands in the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.engine_names import (
    MODEL_FILE,
    NamedEngine,
    beside_records,
    note_names,
    read_names,
)
from gonogo.tests.ipc.audit.trails import FullDisk

if TYPE_CHECKING:
    from pathlib import Path

OLD = NamedEngine("00000000000000ab", "bolt", "1.0.0", "AB-CD")
NEW = NamedEngine("00000000000000cd", "bolt", "1.1.0", "")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where they are kept."""
    return beside_records(tmp_path / "records.sqlite")


def test_note_names_appends_what_is_new(path: Path) -> None:
    """Once; what was there stays, whoever starts how often."""
    note_names(path, [OLD])
    note_names(path, [OLD, NEW, NEW])
    note_names(path, [NEW])
    assert read_names(path) == [OLD, NEW]
    assert path.name == "records.engines.jsonl"


def test_note_names_tells_again_what_was_called_otherwise_meanwhile(path: Path) -> None:
    """The same model in two bundles: the newest line of an id is what judged last."""
    other = OLD._replace(version="1.0.1")
    for engine in (OLD, other, OLD):
        note_names(path, [engine])
    assert read_names(path) == [OLD, other, OLD]


def test_note_names_appends_a_name_once_that_is_read_otherwise_than_it_was_told(
    path: Path,
) -> None:
    """Too long, or not harmless: what is written is what is read."""
    odd = OLD._replace(name="a\x1b[2J" + "x" * 200)
    note_names(path, [odd])
    once = path.read_bytes()
    note_names(path, [odd])
    assert path.read_bytes() == once
    (found,) = read_names(path)
    assert json.loads(once) == found._asdict()


def test_read_names_passes_over_what_is_no_engine(path: Path) -> None:
    """A torn line, one of another program, an id that is none; and what comes after stands."""
    note_names(path, [OLD])
    with path.open("ab") as file:
        file.write(b'[]\n{"engine_id": 7}\n\xff\n')
        odd = NEW._replace(engine_id="x")
        file.write(json.dumps(odd._asdict()).encode() + b"\n" + b'{"engine_id": "00')
    note_names(path, [NEW])
    assert read_names(path) == [OLD, NEW]


def test_read_names_makes_text_harmless(path: Path) -> None:
    """It is printed on terminals."""
    path.write_text(json.dumps({**OLD._asdict(), "name": "a\x1b[2J\u202eb" + "x" * 200}) + "\n")
    (found,) = read_names(path)
    assert found.name.startswith("a?[2J?b")
    assert len(found.name) == 100


def test_read_names_of_no_file_is_nothing(path: Path) -> None:
    """A station that has never started since names are kept."""
    assert read_names(path) == []


def test_note_names_on_a_full_disk_is_told_and_stops_nobody(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A station judges without."""
    note_names(path, [OLD], FullDisk())
    assert "parts keep the ids of their engines, and lack the names" in caplog.text
    assert read_names(path) == []
    note_names(path, [OLD])
    note_names(path, [NEW], FullDisk())
    assert read_names(path) == [OLD], "half a line had room"
    note_names(path, [NEW])
    assert read_names(path) == [OLD, NEW]


def test_named_engine_is_written_as_people_write_it() -> None:
    """A model file has no version."""
    assert OLD.forms == ("bolt", "bolt@1.0.0", "bolt-1.0.0", "bolt 1.0.0")
    assert OLD._replace(version=MODEL_FILE).forms == ("bolt",)
