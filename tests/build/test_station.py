"""What a station file says is made on the box: engines and learnt images, in every recipe."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import GonogoError, StationFileError, TeachError
from gonogo.build.station import Make, engine_is_behind, prepare_station
from gonogo.rules.seal import seal_path
from gonogo.tests.build.parts import SIDE_PX as PART_PX
from gonogo.tests.build.parts import quiet, save_good
from gonogo.tests.engines import tiny
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station

SIDE_PX = 32


def camera(folder: Path) -> dict[str, Any]:
    """Replays good plates."""
    good = save_good(folder / "good", 6, SIDE_PX)
    return {"driver": "replay", "folder": good, "width_px": SIDE_PX, "height_px": SIDE_PX}


def golden(folder: Path, name: str) -> dict[str, Any]:
    """A rule that learns an image of its own."""
    image = folder / "learnt" / f"{name}.png"
    keys = {"kind": "presence", "name": name, "method": "golden", "high": 9.0, "search_px": 2}
    return {**keys, "image": image, "learn_from": folder / "good"}


def test_prepare_learns_the_images_of_every_recipe(tmp_path: Path) -> None:
    """What a recipe needs must be there before the PLC asks for it."""
    view = {"name": "top", "camera": camera(tmp_path), "rule": (golden(tmp_path, "one"),)}
    other = {"name": "top", "rule": (golden(tmp_path, "two"), DIAMETER)}
    recipe = {"number": 2, "name": "other", "view": (other,)}
    station = small_station(tmp_path, view, recipe=(recipe,))
    prepare_station(station, quiet)
    names = sorted(path.name for path in (tmp_path / "learnt").iterdir())
    assert names == ["one.png", "one.png.seal", "two.png", "two.png.seal"]


def test_prepare_leaves_what_is_there_and_makes_it_again_when_told(tmp_path: Path) -> None:
    """An image whose seal was lost is made anew: it proves nothing."""
    view = {"name": "top", "camera": camera(tmp_path), "rule": (golden(tmp_path, "one"),)}
    station = small_station(tmp_path, view)
    image = tmp_path / "learnt" / "one.png"
    prepare_station(station, quiet)
    first = image.read_bytes()
    for path in sorted((tmp_path / "good").iterdir())[1:]:
        path.unlink()
    prepare_station(station, quiet)
    assert image.read_bytes() == first
    seal_path(image).unlink()
    prepare_station(station, quiet)
    second = image.read_bytes()
    assert second != first
    save_good(tmp_path / "good", 6, SIDE_PX)
    prepare_station(station, quiet, Make.ALL)
    assert image.read_bytes() == first


def test_prepare_makes_an_engine_from_the_folder_that_is_named(tmp_path: Path) -> None:
    """And again, from the same parts, only when told."""
    station, _ = _quantized(tmp_path)
    model = tmp_path / "engine.onnx"
    # as large as what the camera brings: other pictures are none of it
    other, _ = _quantized(tmp_path, 2 * PART_PX)
    with pytest.raises(TeachError, match=r"8 files skipped: good_000\.png, .* of the wrong size"):
        prepare_station(other, quiet)
    stages: list[str] = []
    prepare_station(station, lambda what, *_: stages.append(what))
    assert model.is_file()
    assert stages
    stages.clear()
    prepare_station(station, lambda what, *_: stages.append(what))
    assert stages == []
    prepare_station(station, lambda what, *_: stages.append(what), Make.ALL)
    assert "calibrating" in stages


def test_prepare_of_what_is_missing_leaves_a_whole_engine_whatever_became_of_its_parts(
    tmp_path: Path,
) -> None:
    """A picture more exchanges no engine, and a folder that is gone stops nobody."""
    station, good = _quantized(tmp_path)
    prepare_station(station, quiet, Make.MISSING)
    view, model = station.view[0], tmp_path / "engine.onnx"
    made = model.read_bytes()
    assert not engine_is_behind(view)
    min(good.iterdir()).unlink()
    prepare_station(station, quiet, Make.MISSING)
    assert model.read_bytes() == made
    assert engine_is_behind(view)
    shutil.rmtree(good)
    prepare_station(station, quiet, Make.MISSING)
    with pytest.raises(GonogoError):
        engine_is_behind(view)


def _quantized(folder: Path, side_px: int = PART_PX) -> tuple[Station, Path]:
    """A station whose engine is quantized from a small network, and its folder of good parts."""
    source, good = tiny.filters(folder / "fp32.onnx"), save_good(folder / "parts", 8)
    prepare = {"method": "quantize", "source": source, "good": good}
    engine = {"model": folder / "engine.onnx", "prepare": prepare}
    camera = synthetic(width_px=side_px, height_px=side_px)
    return small_station(folder, {"name": "top", "camera": camera, "engine": engine}), good


def test_prepare_wants_good_parts_of_a_camera_that_cannot_draw_them(tmp_path: Path) -> None:
    """Only parts that are known to be good teach what good is."""
    engine = {"model": tmp_path / "e.onnx", "prepare": {"method": "teach"}}
    view = {"name": "side", "camera": camera(tmp_path), "engine": engine}
    with pytest.raises(StationFileError, match=r"view 'side': engine\.prepare\.good: expected a"):
        prepare_station(small_station(tmp_path, view), quiet)
