"""How frames get to an export's size: what counts, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
import pytest

from gonogo.base.errors import ModelError
from gonogo.build.exports.adopt import adopt
from gonogo.build.exports.fitting import fitting, write_fit
from gonogo.build.exports.options import Options
from gonogo.engines.backends.fit import SQUEEZE, Cut, Fit
from gonogo.engines.backends.model import open_model
from gonogo.tests.build.exports import made

if TYPE_CHECKING:
    from pathlib import Path

ULTRALYTICS = {"description": "Ultralytics YOLO11n model", "task": "detect"}
CLASSIFY = {**ULTRALYTICS, "task": "classify"}
LETTERBOX = Fit("letterbox", "linear")
SQUARE = (64, 64)


@pytest.mark.parametrize(
    ("metadata", "outputs", "size_px", "expected"),
    [
        (CLASSIFY, ["output0"], SQUARE, Fit("centre-crop")),
        # theirs: Resize((height, width)), which cuts nothing off
        (CLASSIFY, ["output0"], (64, 96), SQUEEZE),
        (ULTRALYTICS, ["output0"], SQUARE, LETTERBOX),
        ({**ULTRALYTICS, "task": "segment"}, ["output0", "output1"], SQUARE, LETTERBOX),
        ({}, ["pred_score", "anomaly_map"], SQUARE, Fit(filter="exact")),
        ({"gonogo.fit": "letterbox", "gonogo.fill": "3"}, [], SQUARE, Fit("letterbox", fill=3)),
        ({**CLASSIFY, "gonogo.filter": "linear"}, [], SQUARE, Fit(filter="linear")),
    ],
)
def test_fitting_follows_what_stands_in_the_file(
    metadata: dict[str, str], outputs: list[str], size_px: tuple[int, int], expected: Fit
) -> None:
    """Our own keys first, then what its maker is known to do."""
    found = fitting(Options(), metadata, outputs, size_px)
    assert found.fit == expected
    assert "assumed" not in found.note


def test_fitting_says_what_it_assumes_and_how_that_is_checked() -> None:
    """Nothing in the file: squeezed into, as before, and not without a word."""
    found = fitting(Options(), {}, ["output"], SQUARE)
    assert found.fit == SQUEEZE
    assert "squeeze, antialias is assumed" in found.note
    assert "--reference" in found.note
    assert fitting(Options(fit="squeeze"), {}, ["output"], SQUARE).note == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(fit="squeeze"), SQUEEZE),
        (Options(fit="letterbox"), LETTERBOX),
        (Options(filter="antialias"), Fit("letterbox")),
        (Options(fill=0), LETTERBOX._replace(fill=0)),
        (Options(fit="centre-crop", filter="linear"), Fit("centre-crop", "linear")),
    ],
)
def test_fitting_takes_what_is_asked_for(options: Options, expected: Fit) -> None:
    """Options count more than the file; the filter of another way is not kept."""
    assert fitting(options, ULTRALYTICS, ["output0"], SQUARE).fit == expected


def test_fitting_refuses_bars_where_there_are_none() -> None:
    """A grey level that would be of no use is a mistake of somebody."""
    with pytest.raises(ModelError, match=r"--fill: squeeze leaves no bars"):
        fitting(Options(fill=0), {}, [], SQUARE)
    with pytest.raises(ModelError, match=r"gonogo\.fit is 'stretch'"):
        fitting(Options(), {"gonogo.fit": "stretch"}, [], SQUARE)


def test_adopt_writes_it_into_the_model(tmp_path: Path) -> None:
    """Ours says it itself, in both ways of its preprocessing, beside what the export says."""
    adopted = adopt(made.ultralytics(tmp_path / "m.onnx"), Options(resize_px=(80, 80)))
    for way in adopted.ways.values():
        path = tmp_path / "ours.onnx"
        path.write_bytes(way)
        contract = open_model(path)
        assert contract.image.shape == (1, 3, 80, 80)
        assert contract.fit == Fit("centre-crop", cut=Cut(8, 8, 64, 64))
        said = {entry.key for entry in onnx.load(str(path)).metadata_props}
        assert said >= {"task", "names", "gonogo.fit", "gonogo.cut"}
    assert "by centre-crop, antialias: Ultralytics classification" in " ".join(adopted.notes)


def test_write_fit_cuts_within_an_earlier_cut() -> None:
    """A model that cut already, cut anew: places are of the new input."""
    model = onnx.ModelProto()
    write_fit(model, Fit(cut=Cut(2, 3, 10, 20)), Cut(5, 5, 30, 30))
    write_fit(model, Fit(cut=Cut(7, 8, 10, 20)), None)
    assert [(entry.key, entry.value) for entry in model.metadata_props] == [
        ("gonogo.cut", "7,8,10,20")
    ]
    write_fit(model, Fit(cut=Cut(2, 3, 10, 20)), Cut(5, 5, 30, 30))
    assert [entry.value for entry in model.metadata_props] == ["7,8,10,20"]
