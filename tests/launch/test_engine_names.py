"""The names of the engines that a station starts with, beside its records."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NoReturn

import pytest

from gonogo.engines.card import read_card
from gonogo.ipc.engine_names import MODEL_FILE, NamedEngine, beside_records, read_names
from gonogo.launch.engine_names import keep_names
from gonogo.launch.run import run_station
from gonogo.tests.engines.bundles.parcels import MAKER
from gonogo.tests.engines.loading.stage import install, section_of
from gonogo.tests.launch.test_audit_start import Became
from gonogo.tests.stations import (
    PLAIN_FILE,
    bundled_station,
    small_station,
    synthetic,
    tiny_engine,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.launch.told import Origin


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


def test_start_keeps_the_names_before_anything_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `gonogo run` does, up to the moment at which it becomes the supervisor."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    install(tmp_path, section_of(tmp_path), "1.0.0")
    engine = '[view.engine]\nbundle = "bolt"\nbackend = "onnxruntime"\n[[view.rule]]'
    keys = f'\n[engines]\nfolder = "{section_of(tmp_path).folder}"\ntrust = ["maker.pub"]\n'
    file = tmp_path / "station.toml"
    file.write_text(PLAIN_FILE.replace("[[view.rule]]", engine) + keys)
    (tmp_path / "maker.pub").write_text(f"{MAKER.public.line} the maker\n")
    kept: list[list[NamedEngine]] = []

    def become(station: Station, _: Origin) -> NoReturn:
        kept.append(read_names(beside_records(station.records.path)))
        raise Became

    with pytest.raises(Became):
        run_station(file, become)
    assert [each.name for each in kept[0]] == ["bolt"]
