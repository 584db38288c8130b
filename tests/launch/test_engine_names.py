"""The names of the engines that a station starts with, beside its records."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gonogo.engines.card import read_card
from gonogo.ipc.engine_names import MODEL_FILE, beside_records, read_names
from gonogo.launch.engine_names import keep_names
from gonogo.tests.engines.bundles.parcels import MAKER
from gonogo.tests.engines.loading.stage import install, section_of
from gonogo.tests.stations import bundled_station, small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


def test_keep_names_notes_bundles_with_their_signers(tmp_path: Path) -> None:
    """The active version; the line stays when the bundle is gone, and then nothing new is told."""
    section = section_of(tmp_path)
    install(tmp_path, section, "1.0.0", "1.1.0")
    station = bundled_station(tmp_path, section)
    keep_names(station)
    (found,) = read_names(beside_records(station.records.path))
    assert found[1:] == ("bolt", "1.0.0", MAKER.public.fingerprint)
    shutil.rmtree(section.folder)
    keep_names(station)
    assert read_names(beside_records(station.records.path)) == [found]


def test_keep_names_notes_model_files_of_every_recipe(tmp_path: Path) -> None:
    """By their cards; one that cannot be read is told of elsewhere."""
    first, other = (tiny_engine(tmp_path / f"{name}.onnx") for name in ("eyes", "nose"))
    view = {"name": "top", "camera": synthetic(), "engine": {"model": str(first)}}
    second = {"name": "top", "engine": {"model": str(other)}}
    station = small_station(
        tmp_path, view, recipe=({"number": 2, "name": "two", "view": [second]},)
    )
    keep_names(station)
    found = read_names(beside_records(station.records.path))
    assert [each.name for each in found] == ["eyes", "nose"]
    assert found[0].engine_id == f"{read_card(first).engine_id:016x}"
    assert {each.version for each in found} == {MODEL_FILE}
    first.unlink()
    keep_names(station)
    assert read_names(beside_records(station.records.path)) == found
