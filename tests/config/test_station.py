"""Engines in a station file: a model file or a bundle, and where bundles are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.errors import StationFileError
from gonogo.config.station import Station, load_station

DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"
ENGINES = '[engines]\nfolder = "installed"\ntrust = ["maker.pub"]\n'
RECIPE = """
[[recipe]]
number = 2
name = "nuts"
[[recipe.view]]
name = "top"
engine = { bundle = "nut" }
"""


def demo(folder: Path, engine: str, more: str = "") -> Path:
    """The demo station with another [view.engine], and more sections at its end."""
    text = DEMO.read_text(encoding="utf-8")
    start, end = text.index("[view.engine]"), text.index("[[view.rule]]")
    path = folder / "station.toml"
    path.write_text(f"{text[:start]}[view.engine]\n{engine}\n{text[end:]}\n{more}")
    return path


def said(path: Path) -> str:
    """What is wrong, without the folder."""
    with pytest.raises(StationFileError) as caught:
        load_station(path)
    return str(caught.value.args[0]).replace(f"{path}:", "")


def line_of(path: Path, text: str) -> int:
    """The line of the file in which a text stands first."""
    return path.read_text(encoding="utf-8")[: path.read_text().index(text)].count("\n") + 1


def test_station_takes_engines_out_of_bundles(tmp_path: Path) -> None:
    """Paths start where the file lies; recipes name bundles of their own."""
    path = demo(tmp_path, 'bundle = "screws"\nbackend = "openvino"', ENGINES + RECIPE)
    station: Station = load_station(path)
    engine, engines = station.view[0].engine, station.engines
    assert engine is not None
    assert engines is not None
    assert (engine.bundle, engine.model, engine.backend) == ("screws", None, "openvino")
    assert (engines.folder, engines.trust) == (tmp_path / "installed", (tmp_path / "maker.pub",))
    assert not engines.allow_unsigned


EITHER = "expected either model (an ONNX file) or bundle (an installed engine), got"
NONE = "expected none with bundle, got one:"
FORM = "expected text matching ^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"


@pytest.mark.parametrize(
    ("engine", "key", "message"),
    [
        ("threads = 1", "", f"{EITHER} neither"),
        ('model = "x.onnx"\nbundle = "screws"', "", f"{EITHER} both"),
        ('bundle = "a"\nreject_above = 2', "reject_above", f"{NONE} limits come with the bundle"),
        ('bundle = "a"\nrecheck_above = 2', "recheck_above", f"{NONE} limits come with the bundle"),
        (
            'bundle = "a"\nprepare = { method = "teach" }',
            "prepare",
            f"{NONE} a bundle is made already",
        ),
        ('bundle = "../screws"', "bundle", f'{FORM}, got "../screws"'),
    ],
)
def test_station_engine_is_a_model_or_a_bundle(
    tmp_path: Path, engine: str, key: str, message: str
) -> None:
    """At its line, with what was expected."""
    path = demo(tmp_path, engine, ENGINES)
    where = f"view[0].engine{'.' * bool(key)}{key}"
    line = line_of(path, key or "[view.engine]")
    assert said(path).splitlines()[0] == f"{line}: {where}: {message}"


def test_station_with_a_bundle_needs_its_folder(tmp_path: Path) -> None:
    """A bundle in a view or in a recipe alone; and a folder that nobody needs is a slip."""
    missing = "engines: expected [engines] with the folder of installed engines for bundle"
    assert f"{missing} 'screws', got none" in said(demo(tmp_path, 'bundle = "screws"'))
    path = demo(tmp_path, 'model = "x.onnx"', RECIPE)
    assert f"{missing} 'nut', got none" in said(path)
    path = demo(tmp_path, 'model = "x.onnx"', ENGINES)
    assert said(path) == (
        f"{line_of(path, '[engines]')}: engines: expected a bundle in a [view.engine], got none: "
        "nothing would be taken from that folder"
    )
    load_station(demo(tmp_path, 'model = "x.onnx"', ENGINES + RECIPE))


def test_station_engines_section_says_what_it_expects(tmp_path: Path) -> None:
    """Ranges, units, and the folder."""
    path = demo(tmp_path, 'bundle = "screws"', "[engines]\nmemory_mb = 10\n")
    path_of = "expected the path of a file or folder"
    assert said(path).splitlines() == [
        f"{line_of(path, '[engines]')}: engines.folder: {path_of}, got nothing",
        f"{line_of(path, 'memory_mb')}: engines.memory_mb: expected 50 to 1000000 MB, got 10",
    ]
