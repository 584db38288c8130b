"""How far a making is, as the serial port of a box reads it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import TeachError
from gonogo.build.box import port
from gonogo.commands.show.progress_file import EVERY_S, ProgressFile

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """A clock that is set by hand."""

    now_s = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


def read(path: Path) -> dict[str, Any]:
    """What it says."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_file_says_which_of_how_many_and_how_far_and_goes_at_the_end(tmp_path: Path) -> None:
    """Not with every word of a search."""
    path, clock = tmp_path / "it.json", Clock()
    with ProgressFile(path, clock) as progress:
        assert not path.exists()
        progress.begins(2, 3, "engine top")
        assert read(path)["what"] == "begins"
        progress("reading", 1, 50)
        progress("reading", 6, 50)
        assert read(path)["done"] == 1
        clock.now_s += EVERY_S
        progress("reading", 7, 50)
        assert read(path) == {
            "pid": os.getpid(), "begun_s": 100.0, "step": 2, "steps": 3, "name": "engine top",
            "what": "reading", "done": 7, "total": 50,
        }  # fmt: skip
        assert port.at_work(port.kept(path))
        # what comes next may be silent for long
        progress("reading", 50, 50)
        assert read(path)["done"] == 50
        progress("fitting: by halves", 0, 9)
        progress("fitting: again", 1, 9)
        assert (read(path)["what"], read(path)["done"]) == ("fitting: by halves", 0)
        assert [each.name for each in tmp_path.iterdir()] == ["it.json"]
    assert not path.exists()


def test_file_keeps_why_there_is_no_engine(tmp_path: Path) -> None:
    """The port says it, until the next start."""
    path = tmp_path / "it.json"
    with pytest.raises(TeachError), ProgressFile(path):
        raise TeachError("too few good parts")
    assert "too few good parts" in port.made(port.kept(path), 0.0)[0]
    with pytest.raises(MemoryError), ProgressFile(path):
        raise MemoryError
    assert read(path)["failed"] == "MemoryError"


def test_file_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    """The engines are what matters; nobody may have asked for a file at all."""
    for path in (tmp_path / "missing" / "it.json", None):
        with ProgressFile(path) as progress:
            progress.begins(1, 1, "engine top")
    assert list(tmp_path.iterdir()) == []
