"""Whose records are asked, and which engines are known by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest

from gonogo.base.errors import GonogoError
from gonogo.commands.recorded import engine_wish, engines_of, recorded
from gonogo.console.known_engines import kept_names, maker_of
from gonogo.console.show.part import Maker
from gonogo.engines.card import read_card
from gonogo.ipc.engine_names import MODEL_FILE, NamedEngine, beside_records, note_names
from gonogo.ipc.journal import Journal
from gonogo.tests.stations import small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


def test_recorded_takes_a_records_file_for_itself(tmp_path: Path) -> None:
    """An archived month, say; no engine is known there."""
    path = tmp_path / "records-2023-11.db"
    path.touch()
    assert recorded(str(path)) == (path, (), None)


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
    assert recorded(station) == (path, (), None)
    note_names(beside_records(path), [NamedEngine(f"{7:016x}", "bolt", "1.0.0", "AB-CD")])
    assert recorded(station).engines == {f"{7:016x}": Maker("bolt", "1.0.0", "signed by AB-CD")}
    note_names(beside_records(path), [NamedEngine(f"{7:016x}", "bolt", "1.1.0", "")])
    note_names(beside_records(path), [NamedEngine(f"{7:016x}", "bolt", "1.0.0", "AB-CD")])
    (both,) = recorded(station).engines.values()
    assert str(both) == "bolt 1.0.0, signed by AB-CD or bolt 1.1.0, NOT SIGNED"
    journal.close()


def test_engines_are_those_of_the_station_file(tmp_path: Path) -> None:
    """A model file by its card; one that is gone is left out, and its id stands for it."""
    model = tiny_engine(tmp_path / "eyes.onnx")
    view = {"name": "top", "camera": synthetic(), "engine": {"model": str(model)}}
    station = small_station(tmp_path, view)
    engine_id = f"{read_card(model).engine_id:016x}"
    (found,) = engines_of(station)
    assert found == (engine_id, "eyes", MODEL_FILE, "")
    assert maker_of(found) == Maker("eyes", "", "a model file, not signed")
    model.unlink()
    assert engines_of(station) == []


def test_maker_says_who_signed() -> None:
    """A model file has no version."""
    assert str(Maker("eyes", "1.2", "signed by ab12")) == "eyes 1.2, signed by ab12"
    assert str(Maker("eyes", "", "not signed")) == "eyes, not signed"


BOLTS = (
    NamedEngine(f"{1:016x}", "bolt", "1.0.0", "AB-CD"),
    NamedEngine(f"{2:016x}", "bolt", "1.1.0", ""),
    NamedEngine(f"{3:016x}", "eyes", MODEL_FILE, ""),
)


@pytest.mark.parametrize("typed", ["bolt@1.1.0", "bolt-1.1.0", "bolt 1.1.0"])
def test_engine_wish_takes_a_version_as_people_write_it(typed: str) -> None:
    """That one alone."""
    assert engine_wish(typed, BOLTS) == {"engine": None, "engines": (f"{2:016x}",)}


def test_engine_wish_takes_every_version_of_a_name() -> None:
    """And a model file, which has none."""
    assert engine_wish("bolt", BOLTS)["engines"] == (f"{1:016x}", f"{2:016x}")
    assert engine_wish("eyes", BOLTS)["engines"] == (f"{3:016x}",)
    assert engine_wish(None, BOLTS) == {"engine": None, "engines": None}


def test_engine_wish_takes_the_beginning_of_an_id() -> None:
    """Large or small; of an engine that nobody has a name for."""
    assert engine_wish("00AB", BOLTS) == {"engine": "00ab"}
    with pytest.raises(click.BadParameter, match=r"or one of bolt@1.0.0, bolt@1.1.0, eyes; got 'n"):
        engine_wish("nut", BOLTS)
    with pytest.raises(click.BadParameter, match="or one of no name at all"):
        engine_wish("bolt@1.0.0", ())


def test_maker_of_says_where_nobody_signed() -> None:
    """In the words in which a bundle is described."""
    assert str(maker_of(BOLTS[1])) == "bolt 1.1.0, NOT SIGNED"


def test_kept_names_are_found_beside_a_file_of_a_month(tmp_path: Path) -> None:
    """Of the path of the station file, of one of its files, and of none."""
    records = tmp_path / "records.sqlite"
    note_names(beside_records(records), BOLTS)
    for name in ("records", "records-2026-11", "records-2026-11.2"):
        assert kept_names(tmp_path / f"{name}.sqlite") == BOLTS
    assert kept_names(tmp_path / "other.sqlite") == ()
