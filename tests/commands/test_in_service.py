"""What the engines of a station promise: by their bundle's own proof, or by their card."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.in_service import promise_of, station_of
from gonogo.config.started_by import START
from gonogo.config.station import load_station
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.card import read_card, write_card
from gonogo.engines.installed.registry import Registry
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.stations import PLAIN_FILE, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.engines.card import Card

PROOF = {
    "overkill": {"share": 0.03, "low": 0.0, "high": 0.1, "events": 3, "of": 100},
    "escape": {"share": 0.2, "low": 0.1, "high": 0.3, "events": 20, "of": 100},
}
BUNDLE = '[view.engine]\nbundle = "bolt"\n[engines]\nfolder = "engines"\nallow_unsigned = true\n'
EYES = '[view.engine]\nmodel = "eyes.onnx"\n'
MADE_MS = round(parcels.MADE.timestamp() * 1000)


def station(folder: Path, engine: str) -> Station:
    """From a file as a person writes it."""
    (folder / "cell.toml").write_text(PLAIN_FILE + engine, encoding="utf-8")
    return load_station(folder / "cell.toml")


def installed(folder: Path, **contents: object) -> Station:
    """With an active bundle."""
    registry = Registry(folder / "engines")
    manifest = registry.install(parcels.make(folder, **contents), INSPECTION)  # type: ignore[arg-type]
    registry.activate(manifest.name, manifest.version, INSPECTION)
    return station(folder, BUNDLE)


def eyes(folder: Path) -> Card:
    """A model file: one of the four good parts that it was made from lies above its limit."""
    model = tiny_engine(folder / "eyes.onnx", reject_above=3.5)
    card = read_card(model).model_copy(update={"good_scores": (1.0, 2.0, 3.0, 4.0)})
    write_card(model, card)
    return card


def test_promise_of_a_bundle_is_that_of_its_histogram(tmp_path: Path) -> None:
    """Overkill and escape as its maker measured them; and since when it is, and which it is."""
    found = promise_of(installed(tmp_path, histogram=PROOF))
    assert found is not None
    assert found.overkill == pytest.approx(0.03)
    assert found.escape == 0.2
    assert (found.made_ms, found.names) == (MADE_MS, "bolt 1.0.0")
    with Registry(tmp_path / "engines").open_active("bolt", INSPECTION) as bundle:
        assert found.engines == (f"{bundle.manifest.engine_id:016x}",)


@pytest.mark.parametrize("histogram", [None, {"overkill": 1, "escape": {"share": "much"}}])
def test_promise_without_a_histogram_is_that_of_the_card(
    tmp_path: Path, histogram: dict[str, object] | None
) -> None:
    """By the scores of the good parts that it was made from: none of them lies above its limit."""
    found = promise_of(installed(tmp_path, histogram=histogram))
    assert found is not None
    assert (found.overkill, found.escape) == (0.0, None)


def test_promise_of_a_model_file_is_that_of_its_card(tmp_path: Path) -> None:
    """Made when its card was written."""
    card = eyes(tmp_path)
    os.utime(tmp_path / "eyes.json", (1_700_000_000, 1_700_000_000))
    found = promise_of(station(tmp_path, EYES))
    assert found is not None
    assert (found.overkill, found.escape, found.names) == (0.25, None, "eyes")
    assert found.made_ms == 1_700_000_000_000
    assert found.engines == (f"{card.engine_id:016x}",)


def test_promise_of_several_engines_is_that_of_all(tmp_path: Path) -> None:
    """Each view can reject a good part, also two of them with the same engine."""
    made = installed(tmp_path, histogram=PROOF)
    eyes(tmp_path)
    model = station(tmp_path, EYES).view[0]
    both = made.model_copy(update={"view": (made.view[0], model, made.view[0])})
    alone, other, found = (
        promise_of(each) for each in (made, made.model_copy(update={"view": (model,)}), both)
    )
    assert alone is not None
    assert other is not None
    assert found is not None
    assert other.overkill == 0.25
    assert found.overkill == pytest.approx(1 - 0.97 * 0.75 * 0.97)
    assert found.escape is None
    assert set(found.engines) == {*alone.engines, *other.engines}
    assert found.made_ms == max(alone.made_ms, other.made_ms)
    assert found.names == "bolt 1.0.0, eyes"


def test_promise_without_an_engine_is_none(tmp_path: Path) -> None:
    """A station of rules alone."""
    assert promise_of(station(tmp_path, "")) is None


def test_station_is_that_of_the_last_start(tmp_path: Path) -> None:
    """By the trail beside its records; None where it tells of none, or the file is gone."""
    made = station(tmp_path, "")
    records = made.records.path
    assert station_of(records) is None
    trail = Trail(beside_records(records))
    trail.append(Entry(START, "asked", new={"file": str(tmp_path / "cell.toml")}))
    trail.append(Entry(START, "done", new={"sha256": "0" * 64}))  # it came up
    found = station_of(records)
    assert found is not None
    assert found.records.path == records
    trail.append(Entry(START, "failed", new={"asked": {"file": str(tmp_path / "gone.toml")}}))
    assert station_of(records) is None
