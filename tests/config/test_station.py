"""Engines in a station file: a model file or a bundle, and where bundles are installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.base.errors import StationFileError
from gonogo.config.station import Station, load_station
from gonogo.tests.stations import DIAMETER, small_station

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


def view_of(name: str, folder: Path, **camera: Any) -> dict[str, Any]:  # noqa: ANN401 - keys
    """A view with that camera."""
    size = {"width_px": 64, "height_px": 64}
    return {"name": name, "camera": {"folder": folder} | size | camera, "rule": (DIAMETER,)}


def test_station_has_a_camera_of_pictures_as_they_come_in_its_first_view_alone(
    tmp_path: Path,
) -> None:
    """What came while another view was asked would be of the time before."""
    pictures = view_of("top", tmp_path, driver="folder")
    side = view_of("side", tmp_path, driver="replay")
    small_station(tmp_path, pictures, side)
    with pytest.raises(
        ValidationError,
        match=r"view\[1\].camera: expected driver 'folder' in the first view alone: what comes",
    ):
        small_station(tmp_path, side, pictures)


@pytest.mark.parametrize(("lead_ms", "refused"), [(157.0, False), (158.0, True), (9000.0, True)])
def test_station_s_photo_eye_at_a_camera_leads_by_less_than_a_part(
    tmp_path: Path, lead_ms: float, *, refused: bool
) -> None:
    """Else a picture of the part before would be taken for this one's; parts come in 160 ms.

    2 ms are what two clocks part by, and a frame takes 0.14 ms.
    """
    camera = {
        "driver": "aravis", "address": "192.168.7.2", "width_px": 64, "height_px": 64,
        "pixel_format": "mono8", "exposure_us": 100.0, "trigger": "hardware",
        "trigger_lead_ms": lead_ms,
    }  # fmt: skip
    view = {"name": "top", "camera": camera, "rule": (DIAMETER,)}
    if not refused:
        small_station(tmp_path, view)
        return
    said = (
        rf"view\[0\].camera: a picture of {lead_ms + 2.1:.1f} ms before the part may .*"
        rf"\(lead {lead_ms:g} ms, .*less than the 160 ms"
    )
    with pytest.raises(ValidationError, match=said):
        small_station(tmp_path, view)


@pytest.mark.parametrize(
    ("trigger", "least_ms"),
    [
        ({"driver": "gpio", "chip": "eye", "line": "17", "min_pitch_ms": 50.0}, 50.0),
        ({"driver": "gpio", "chip": "eye", "line": "17"}, 128.0),
        # debouncing: what is taken back from the stamp may be 20 ms too much
        ({"driver": "gpio", "chip": "eye", "line": "17", "debounce_ms": 1.0}, 108.0),
        ({"driver": "timer", "period_ms": 40.0}, 40.0),
    ],
    ids=["its own", "80 % of 160 ms", "debounced", "a timer"],
)
def test_station_s_photo_eye_at_a_camera_leads_by_less_than_the_closest_parts(
    tmp_path: Path, trigger: dict[str, Any], least_ms: float
) -> None:
    """Who comes as soon as that is inspected, and the picture of whoever was refused lies there."""
    camera = {
        "driver": "aravis", "address": "192.168.7.2", "width_px": 64, "height_px": 64,
        "pixel_format": "mono8", "exposure_us": 100.0, "trigger": "hardware",
    }  # fmt: skip
    below, at_it = (
        {"name": "top", "camera": camera | {"trigger_lead_ms": lead_ms}, "rule": (DIAMETER,)}
        for lead_ms in (least_ms - 3, least_ms - 2)  # two clocks part by 2 ms
    )
    small_station(tmp_path, below, trigger=trigger)
    with pytest.raises(ValidationError, match=r"expected less than the \d+ ms from one"):
        small_station(tmp_path, at_it, trigger=trigger)


@pytest.mark.parametrize(
    "keys",
    [
        {"exposure_us": 108_000.0},
        {"readout_ms": 108.0},
        {"width_px": 1200, "height_px": 1000, "link_mbit_s": 90.0},
    ],
    ids=["exposure", "read-out", "link"],
)
def test_station_s_photo_eye_at_a_camera_leads_by_less_than_a_frame_takes(
    tmp_path: Path, keys: dict[str, Any]
) -> None:
    """A frame is dated when it comes, at worst: of the part before, it would seem to be in time."""
    camera = {
        "driver": "aravis", "address": "192.168.7.2", "width_px": 64, "height_px": 64,
        "pixel_format": "mono8", "exposure_us": 1000.0, "trigger": "hardware",
    }  # fmt: skip

    def station(**more: object) -> None:
        view = {"name": "top", "camera": {**camera, **more}, "rule": (DIAMETER,)}
        small_station(tmp_path, view)

    station()
    with pytest.raises(ValidationError, match=r"lead 50 ms, what a frame takes.*less than the 160"):
        station(**keys)
    station(**keys, trigger="free-run")  # what it takes is taken off each date


def test_station_whose_camera_finds_the_parts_needs_one_that_looks(tmp_path: Path) -> None:
    """By itself, with a date of its frames, and where it stands; the gate lies in its frames."""
    gate = {
        "x_px": 0, "y_px": 0, "width_px": 64, "height_px": 64, "part_is": "darker", "level": 9,
    }  # fmt: skip
    trigger = {"driver": "camera", "gate": gate}
    looks = {
        "driver": "v4l2", "device": "/dev/video0", "width_px": 64, "height_px": 64,
        "exposure_us": 100.0,
    }  # fmt: skip
    wired = {
        "driver": "aravis", "address": "192.168.7.2", "width_px": 64, "height_px": 64,
        "exposure_us": 100.0, "trigger": "hardware",
    }  # fmt: skip

    def station(camera: dict[str, Any], **view: object) -> None:
        first = {"name": "top", "camera": camera, "rule": (DIAMETER,), **view}
        small_station(tmp_path, first, trigger=trigger)

    station(looks)
    station(wired | {"trigger": "free-run"})
    for camera in (
        wired,
        wired | {"trigger": "software"},
        {"driver": "synthetic", "width_px": 64, "height_px": 64},
    ):
        with pytest.raises(ValidationError, match='driver "camera": expected a first view whose'):
            station(camera)
    with pytest.raises(ValidationError, match=r"trigger\.gate: expected to lie within the first"):
        station(looks | {"height_px": 63})
    with pytest.raises(ValidationError, match="expected no offset_mm and no offset_ms"):
        station(looks, offset_ms=1.0)


@pytest.mark.parametrize(
    ("offsets", "said"),
    [
        (({}, {"offset_ms": 74.9}), ""),
        (({"offset_ms": 1.0}, {"offset_mm": 10.0}), ""),
        (({}, {"offset_ms": 75.0}), r"view\[1\]: its camera is asked 75 ms .* less than 75 ms"),
        (({"offset_mm": 4.0}, {}), r"view\[1\]: .* asked 0 ms .* no less than the 20 ms"),
        (({}, {"offset_ms": 1.0, "offset_mm": 1.0}), "expected offset_mm or offset_ms, got both"),
    ],
)
def test_station_has_its_views_in_the_order_in_which_a_part_meets_them(
    tmp_path: Path, offsets: tuple[dict[str, float], ...], said: str
) -> None:
    """Each by half of the budget, 150 ms here; 200 mm/s."""
    views = [
        view_of(name, tmp_path, driver="replay") | offset
        for name, offset in zip(("front", "back"), offsets, strict=True)
    ]
    if not said:
        small_station(tmp_path, *views)
        return
    with pytest.raises(ValidationError, match=said):
        small_station(tmp_path, *views)
