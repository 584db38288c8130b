"""The station file of a start, as it was then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import StationFileError
from gonogo.config.started_by import START
from gonogo.console.started import started
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.last_good_file import digest, last_good, marked
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

EDITED = PLAIN_FILE.replace("high = 50.0", "high = 7.0").encode()


def made(folder: Path) -> tuple[Path, Path]:
    """Where records and file of a station lie that was started with it."""
    file, records = folder / "cell.toml", folder / "parts.sqlite"
    file.write_text(PLAIN_FILE)
    new = {"sha256": digest(file.read_bytes()), "file": str(file)}
    Trail(beside_records(records)).append(Entry(START, "asked", None, new))
    return records, file


def test_started_is_the_file_itself_while_nobody_has_edited_it(tmp_path: Path) -> None:
    """Its paths start where it lies."""
    records, file = made(tmp_path)
    found = started(records)
    assert (found.file, found.edited) == (file, False)
    assert found.station.records.path == records


def test_started_is_the_kept_copy_once_it_was_edited(tmp_path: Path) -> None:
    """Where that is the one of this start."""
    records, file = made(tmp_path)
    last_good(file).write_bytes(marked(file.read_bytes()))
    file.write_bytes(EDITED)
    found = started(records)
    assert found.edited
    assert found.station.view[0].rule[0].high == 50.0
    assert found.station.records.path == records


def test_started_is_not_known_where_no_copy_is_of_this_start(tmp_path: Path) -> None:
    """An older one is none, and a damaged one neither."""
    records, file = made(tmp_path)
    file.write_bytes(EDITED)
    with pytest.raises(StationFileError, match="edited since"):
        started(records)
    last_good(file).write_bytes(marked(b"an older one"))
    with pytest.raises(StationFileError, match="edited since"):
        started(records)
    last_good(file).write_bytes(b"damaged")
    with pytest.raises(StationFileError):
        started(records)


def test_started_is_not_known_without_a_start(tmp_path: Path) -> None:
    """No row, or one whose file is gone."""
    with pytest.raises(StationFileError, match="not known"):
        started(tmp_path / "none.sqlite")
    records, file = made(tmp_path)
    file.unlink()
    with pytest.raises(StationFileError, match="not known"):
        started(records)
