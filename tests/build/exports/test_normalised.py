"""Scores that were brought to 0..1 and cut off."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from gonogo.build.exports.normalised import (
    as_exported,
    in_words,
    note_down,
    still_cut,
    take_raw,
)
from gonogo.build.exports.trial import Runner, pictures
from gonogo.tests.build.exports import made

THRESHOLD, SPAN, SIDE = 0.9, 0.1, 8


def post_processed(
    *, cut: str = "Clip", middle: float = 0.5, label: bool = True
) -> onnx.ModelProto:
    """As anomalib's post-processor ends; a label reads the normalised score."""
    net = made.Net("image", 1)
    net.add("ReduceMax", ["image"], "raw", keepdims=0)
    less = net.add("Sub", ["raw", net.hold("threshold", THRESHOLD)], "less")
    share = net.add("Div", [less, net.hold("span", SPAN)], "share")
    x = net.add("Add", [share, net.hold("middle", middle)], "moved")
    low, high = net.hold("low", 0.0), net.hold("high", 1.0)
    if cut == "Clip":
        net.add("Clip", [x, low, high], "pred_score")
    elif cut == "Min":
        net.add("Max", [net.add("Min", [x, high], "below"), low], "pred_score")
    else:
        net.add("Identity", [x], "pred_score")
    net.output("pred_score", ())
    if label:
        net.add("Greater", ["pred_score", net.hold("half", 0.5)], "pred_label")
        net.output("pred_label", (), onnx.TensorProto.BOOL)
    return net.model(side=SIDE, opset=17)


@pytest.mark.parametrize("cut", ["Clip", "Min"])
def test_take_raw_gives_what_stood_in_front(cut: str) -> None:
    """Under the same name; the label is what it was."""
    model = post_processed(cut=cut)
    picture = pictures((1, 3, SIDE, SIDE))[1]
    before = Runner(model).run(picture).values
    (found,) = take_raw(model.graph)
    after = Runner(model).run(picture).values
    assert after["pred_score"] == pytest.approx(picture.max())
    assert after["pred_label"] == before["pred_label"]
    assert (found.threshold, found.span) == pytest.approx((THRESHOLD, SPAN))
    assert "threshold 0.9, span 0.1" in in_words((found,))[0]


@pytest.mark.parametrize("settings", [{"cut": "none"}, {"middle": 0.0}])
def test_take_raw_leaves_what_is_no_normalisation(settings: dict[str, object]) -> None:
    """A score that is not cut off ranks; one that is cut otherwise is not known."""
    model = post_processed(**settings)  # type: ignore[arg-type]  # one of its own
    before = model.SerializeToString()
    assert take_raw(model.graph) == ()
    assert model.SerializeToString() == before
    assert in_words(()) == ()


def test_take_raw_keeps_a_difference_that_runs_the_other_way() -> None:
    """A threshold less a score is not the score: the difference is taken as it is."""
    model = post_processed()
    less = model.graph.node[1]
    less.input[:] = [less.input[1], less.input[0]]
    (found,) = take_raw(model.graph)
    assert (found.raw, found.threshold) == ("less", 0.0)


def test_take_raw_ranks_parts_that_were_all_1() -> None:
    """That is what it is for."""
    model = post_processed(label=False)
    bright = [np.full((1, 3, SIDE, SIDE), value, np.float32) for value in (2.0, 3.0)]
    before = [Runner(model).run(one).values["pred_score"].item() for one in bright]
    take_raw(model.graph)
    after = [Runner(model).run(one).values["pred_score"].item() for one in bright]
    assert before == [1.0, 1.0]
    assert after == [2.0, 3.0]


def test_as_exported_gives_what_the_export_gave() -> None:
    """Who compares with the training tool's own scores needs them."""
    model = post_processed()
    images = [np.full((1, 3, SIDE, SIDE), value, np.float32) for value in (0.5, 0.88, 0.93, 2.0)]
    before = [Runner(model).run(one).values["pred_score"].item() for one in images]
    note_down(model, take_raw(model.graph))
    raw = np.array([Runner(model).run(one).values["pred_score"].item() for one in images])
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert as_exported(metadata, raw) == pytest.approx(before, abs=1e-5)
    assert as_exported({}, raw) is None


def test_note_down_says_nothing_of_a_plain_score() -> None:
    """There is nothing to undo."""
    model = post_processed(cut="none")
    note_down(model, take_raw(model.graph))
    assert not model.metadata_props


@pytest.mark.parametrize(
    ("settings", "cut"),
    [({"middle": 0.25}, True), ({"cut": "none"}, False), ({"cut": "Min", "middle": 0.25}, True)],
)
def test_still_cut_names_the_setting_where_nothing_can_be_undone(
    settings: dict[str, object], *, cut: bool
) -> None:
    """A cut that is none of anomalib's; nothing is said of a score that is not cut."""
    model = post_processed(**settings)  # type: ignore[arg-type]  # one of its own
    assert take_raw(model.graph) == ()
    notes = still_cut(model.graph)
    assert bool(notes) == cut
    assert all("enable_normalization = False" in note for note in notes)


def test_still_cut_is_silent_where_it_was_undone() -> None:
    """The cut is not in front of the output any more."""
    model = post_processed()
    take_raw(model.graph)
    assert still_cut(model.graph) == ()
