"""By which station file a station was started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import StationFileError
from gonogo.config.started_by import START, started_by
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail

if TYPE_CHECKING:
    from pathlib import Path


def test_started_by_is_what_the_last_start_told(tmp_path: Path) -> None:
    """The newest of several."""
    trail = Trail(tmp_path / "r.audit.jsonl")
    files = [tmp_path / "old.toml", tmp_path / "new.toml"]
    for file in files:
        file.touch()
        trail.append(Entry(START, "asked", None, {"file": str(file)}))
    assert started_by("cell", trail) == files[-1]


def test_started_by_is_known_after_a_start_that_failed(tmp_path: Path) -> None:
    """As of a second one of a station that runs: its row holds what was asked."""
    trail, file = Trail(tmp_path / "r.audit.jsonl"), tmp_path / "cell.toml"
    file.touch()
    new = {"asked": {"file": str(file)}, "error": "GN501: it runs already"}
    trail.append(Entry(START, "failed", None, new))
    assert started_by("cell", trail) == file


def test_started_by_is_known_of_a_station_that_came_up(tmp_path: Path) -> None:
    """That it did is a row of the same kind, which names no file."""
    trail, file = Trail(tmp_path / "r.audit.jsonl"), tmp_path / "cell.toml"
    file.touch()
    trail.append(Entry(START, "asked", None, {"file": str(file)}))
    trail.append(Entry(START, "done", None, {"sha256": "0" * 64}))
    assert started_by("cell", trail) == file


@pytest.mark.parametrize(
    "told", [{"file": "gate3.toml"}, {"file": "/none/gate3.toml"}, {}, "x", {"asked": "cut off"}]
)
def test_started_by_does_not_guess(tmp_path: Path, told: object) -> None:
    """A path from another folder, a file that is gone, no word at all."""
    trail = Trail(tmp_path / "r.audit.jsonl")
    trail.append(Entry(START, "asked", None, told))
    for each in (trail, None):
        with pytest.raises(StationFileError, match=r"expected --station FILE\.toml"):
            started_by("cell", each)
