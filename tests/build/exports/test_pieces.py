"""Boxes, confidences and classes as outputs of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.base.errors import ModelError, OtherKind
from gonogo.build.exports.options import Options
from gonogo.build.exports.pieces import find_pieces
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import PLACES, Planted

if TYPE_CHECKING:
    from gonogo.build.exports.options import Activation

BOXES, SHARES = heads.boxes(20), heads.shares(20)
SURE = -np.sort(-SHARES[:, 0])
NUMBERS = np.arange(20, dtype=np.int64) % 3 + 1
TURNED = heads.written(BOXES, "yxyx") / heads.SIDE_PX
CENTRES = heads.written(heads.boxes(), "xywh") / heads.SIDE_PX
TENSORFLOW = {
    "detection_boxes": Planted(TURNED[None]),
    "detection_classes": Planted(NUMBERS[None].astype(np.float32)),
    "detection_scores": Planted(SURE[None]),
    "num_detections": Planted(np.array([20], np.float32)),
}


def logits(classes: int) -> np.ndarray[Any, Any]:
    """Of DETR's kind: 1 x queries x classes, of which the last means nothing."""
    rng = np.random.default_rng(8)
    return rng.normal(-3, 2, (1, PLACES, classes)).astype(np.float32)


@pytest.mark.parametrize(
    ("outputs", "counts"),
    [
        ({"boxes": BOXES, "labels": NUMBERS, "scores": SURE}, SURE),
        # whatever they are called, and in whatever order
        # a name that is that of one number elsewhere
        ({"boxes": BOXES, "labels": NUMBERS, "score": SURE}, SURE),
        ({"2037": BOXES, "2007": SURE, "2006": NUMBERS}, SURE),
        ({"dets": np.concatenate([BOXES, SURE[:, None]], 1)[None], "labels": NUMBERS[None]}, SURE),
        ({"boxes": BOXES[None], "scores": SHARES[None]}, SHARES.max(axis=1)),
        ({"boxes": BOXES[None], "scores": SHARES.T[None].copy()}, SHARES.max(axis=1)),
    ],
    ids=["torchvision", "score", "without names", "mmdeploy", "each class", "classes first"],
)
def test_find_pieces_puts_together_what_belongs_together(
    outputs: dict[str, Any], counts: np.ndarray[Any, Any]
) -> None:
    """By shapes and types; the highest confidence is the score, boxes are drawn."""
    made = heads.model({name: Planted(values) for name, values in outputs.items()})
    said = heads.run(heads.rewired(made))
    assert said["score"] == pytest.approx(counts.max())
    assert said["anomaly_map"][0, 0] == pytest.approx(heads.drawn(BOXES, counts))


def test_find_pieces_reads_tensorflow_with_y_before_x() -> None:
    """In shares of the picture, and class numbers that are real."""
    said = heads.run(heads.rewired(heads.model(TENSORFLOW), Options(defect_classes=("2",))))
    counted = np.where(NUMBERS == 2, SURE, 0)
    assert said["score"] == pytest.approx(counted.max())
    assert said["anomaly_map"][0, 0] == pytest.approx(heads.drawn(BOXES, counted))


def test_find_pieces_takes_the_background_of_a_softmax_for_none() -> None:
    """SSD before NMS: the first of classes that sum up to 1."""
    made = heads.model({"boxes": Planted(BOXES[None]), "scores": Planted(_shared(20)[None])})
    assert heads.score(heads.rewired(made)) == pytest.approx(_shared(20)[:, 1:].max())


def _shared(count: int) -> np.ndarray[Any, Any]:
    raised = np.exp(np.random.default_rng(2).normal(0, 1, (count, 4)))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize(
    ("activation", "names", "how"),
    [
        ("softmax", {}, "softmax"),
        ("sigmoid", {}, "sigmoid"),
        ("auto", {"names": "['scratch', 'dent', 'hole']"}, "softmax"),
        ("auto", {"names": "['scratch', 'dent', 'hole', 'rust']"}, "sigmoid"),
    ],
)
def test_find_pieces_makes_probabilities_of_queries(
    activation: Activation, names: dict[str, str], how: str
) -> None:
    """DETR: softmax with a class for nothing; RT-DETR: sigmoid."""
    given = logits(4)
    made = heads.model({"logits": Planted(given), "pred_boxes": Planted(CENTRES[None])}, names)
    if how == "softmax":
        raised = np.exp(given[0])
        wanted = (raised / raised.sum(axis=1, keepdims=True))[:, :3]
    else:
        wanted = 1 / (1 + np.exp(-given[0]))
    said = heads.run(heads.rewired(made, Options(activation=activation)))
    assert said["score"] == pytest.approx(wanted.max(), rel=1e-5)
    assert said["anomaly_map"][0, 0] == pytest.approx(
        heads.drawn(heads.boxes(), wanted.max(axis=1)), abs=1e-5
    )


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({"logits": logits(4), "pred_boxes": CENTRES[None]}, "say --activation softmax or"),
        (
            {"boxes": BOXES, "scores": SURE, "labels": NUMBERS, "keypoints": BOXES[:, None]},
            "keypoints.* where keypoints lie",
        ),
        ({"boxes": BOXES[None], "scores": 100 * SHARES[None]}, "should be confidences lie outside"),
        ({"a": CENTRES, "b": heads.shares(PLACES, 4)}, "may each be boxes or confidences"),
    ],
)
def test_find_pieces_refuses_what_may_be_read_in_two_ways(
    outputs: dict[str, Any], message: str
) -> None:
    """With the option that tells, or what it seems to be."""
    made = heads.model({name: Planted(np.ascontiguousarray(v)) for name, v in outputs.items()})
    with pytest.raises(OtherKind, match=message):
        heads.mapped(made)


@pytest.mark.parametrize(
    "outputs",
    [
        {"output": np.full((1, 4), 0.25, np.float32)},
        {"logits": np.zeros((1, 2), np.float32), "features": np.zeros((1, 4), np.float32)},
        {"boxes": BOXES},
    ],
)
def test_find_pieces_sees_none_where_there_are_none(outputs: dict[str, Any]) -> None:
    """Four classes are no box, and boxes alone no detections."""
    made = heads.model({name: Planted(values) for name, values in outputs.items()})
    assert find_pieces(heads.export_of(made)) is None


LAYOUTS = st.fixed_dictionaries(
    {
        "corners": st.sampled_from(["xyxy", "xywh", "yxyx"]),
        "px": st.booleans(),
        "names": st.sampled_from(
            [["boxes", "scores", "labels"], ["a", "b", "c"], ["1", "2", "3"], ["o2", "o1", "o0"]]
        ),
        "order": st.permutations([0, 1, 2]),
        "batch": st.booleans(),
        "classes": st.integers(1, 5),
        "label": st.sampled_from(["int64", "int32", "float32", ""]),
        "scored": st.booleans(),
        "seed": st.integers(0, 99),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(layout=LAYOUTS)
def test_find_pieces_never_scores_by_a_coordinate(layout: dict[str, Any]) -> None:
    """Whatever it is called and however it lies: refused, or scored by one of its confidences."""
    corners = heads.written(heads.boxes(20, layout["seed"]), layout["corners"])
    sure = heads.shares(20, layout["classes"], layout["seed"])
    given_boxes = corners * np.float32(1 if layout["px"] else 1 / heads.SIDE_PX)
    if layout["scored"]:
        given_boxes = np.concatenate([given_boxes, sure[:, :1]], 1)
    numbers = np.arange(20) % 3
    label = numbers.astype(layout["label"]) if layout["label"] else None
    values = [given_boxes, sure[:, 0] if layout["classes"] == 1 else sure, label]
    parts = {layout["names"][k]: values[k] for k in layout["order"] if values[k] is not None}
    made = heads.model(
        {
            k: Planted(np.ascontiguousarray(v[None] if layout["batch"] else v))
            for k, v in parts.items()
        }
    )
    try:
        found = heads.score(heads.rewired(made))
    except ModelError:
        return
    assert np.abs(sure - found).min() < 1e-5, "a number that is no confidence of any box"
