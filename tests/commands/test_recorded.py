"""Whose records are asked, and which engines are known by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import GonogoError
from gonogo.commands.recorded import engines_of, recorded
from gonogo.commands.show.part import Maker
from gonogo.engines.card import read_card
from gonogo.ipc.journal import Journal
from gonogo.tests.stations import small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


def test_recorded_takes_a_records_file_for_itself(tmp_path: Path) -> None:
    """An archived month, say; no engine is known there."""
    path = tmp_path / "records-2023-11.db"
    path.touch()
    assert recorded(str(path)) == (path, {}, None)


def test_recorded_of_a_station_that_does_not_run_says_so() -> None:
    """A name alone names no file."""
    with pytest.raises(GonogoError, match="start the station first"):
        recorded("nobody-runs-this")


def test_recorded_of_a_station_that_runs_is_where_its_journal_says(
    station: str, tmp_path: Path
) -> None:
    """By its name alone; the station file may say another place by now."""
    path = tmp_path / "records.db"
    journal = Journal.create(station, 4, json.dumps({"path": str(path)}))
    assert recorded(station) == (path, {}, None)
    journal.close()


def test_engines_are_those_of_the_station_file(tmp_path: Path) -> None:
    """A model file by its card; one that is gone is left out, and its id stands for it."""
    model = tiny_engine(tmp_path / "eyes.onnx")
    view = {"name": "top", "camera": synthetic(), "engine": {"model": str(model)}}
    station = small_station(tmp_path, view)
    engine_id = f"{read_card(model).engine_id:016x}"
    assert engines_of(station) == {engine_id: Maker("eyes", "", "a model file, not signed")}
    model.unlink()
    assert engines_of(station) == {}


def test_maker_says_who_signed() -> None:
    """A model file has no version."""
    assert str(Maker("eyes", "1.2", "signed by ab12")) == "eyes 1.2, signed by ab12"
    assert str(Maker("eyes", "", "not signed")) == "eyes, not signed"
