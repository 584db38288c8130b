"""Segmentation: the background left out, logits made probabilities, one hot pixel no defect."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from gonogo.base.errors import ClassesUnsaid, ModelError, OtherKind
from gonogo.build.exports.options import Options
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import Planted

RNG = np.random.default_rng(6)
LOGITS = RNG.normal(0, 2, (1, 3, 16, 16)).astype(np.float32)


def softmax(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Over planes."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("name", ["output", "out", "anomaly_map", "defect_map", "whatever"])
def test_find_segmentation_leaves_the_background_out(name: str) -> None:
    """The first of planes that are shares of 1, under whatever name they come."""
    made = heads.model({name: Planted(LOGITS, through="Softmax")})
    said = heads.run(heads.rewired(made))
    defects = softmax(LOGITS)[0, 1:].max(axis=0)
    assert said["anomaly_map"][0, 0] == pytest.approx(defects, rel=1e-5)
    assert said["score"] == pytest.approx(heads.highest_mean(defects), rel=1e-5)
    assert "plane 0 is the background, by custom" in " ".join(heads.mapped(made).notes)


@pytest.mark.parametrize(
    ("metadata", "options", "planes"),
    [
        ({"names": "['scratch', 'dent', 'background']"}, {}, [0, 1]),
        ({"names": "['background', 'scratch', 'dent']"}, {"defect_classes": ("dent",)}, [2]),
        ({"names": "['part', 'scratch', 'dent']"}, {"good_class": "part"}, [1, 2]),
        ({}, {"defect_classes": ("2",)}, [2]),
        ({"names": "{0: '0', 1: '1', 2: '2'}"}, {}, [1, 2]),
        ({}, {"defect_classes": ("0", "2")}, [0, 2]),
    ],
)
def test_find_segmentation_counts_the_planes_of_defects(
    metadata: dict[str, str], options: dict[str, Any], planes: list[int]
) -> None:
    """By names in the file, or as asked."""
    made = heads.model({"output": Planted(LOGITS, through="Softmax")}, metadata)
    said = heads.run(heads.rewired(made, Options(**options)))
    wanted = softmax(LOGITS)[0, planes].max(axis=0)
    assert said["anomaly_map"][0, 0] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("opset", [13, 18])
def test_find_segmentation_makes_probabilities_of_logits(opset: int) -> None:
    """By softmax over the planes; an auxiliary output is not looked at."""
    made = heads.model({"out": Planted(LOGITS), "aux": Planted(-LOGITS)}, opset=opset)
    said = heads.run(heads.rewired(made))
    assert said["anomaly_map"][0, 0] == pytest.approx(softmax(LOGITS)[0, 1:].max(axis=0), rel=1e-5)
    ours = heads.rewired(made, Options(activation="sigmoid", defect_classes=("0",)))
    assert heads.run(ours)["anomaly_map"][0, 0] == pytest.approx(
        1 / (1 + np.exp(-LOGITS[0, 0])), abs=1e-5
    )


@pytest.mark.parametrize("planes", [1, 3])
def test_find_segmentation_brings_planes_to_the_front(planes: int) -> None:
    """Keras and TensorFlow have them last."""
    given = LOGITS[:, :planes].transpose(0, 2, 3, 1).copy()
    made = heads.model({"conv2d_9": Planted(given, through="Sigmoid")})
    said = heads.run(heads.rewired(made))
    wanted = (1 / (1 + np.exp(-LOGITS[0, :planes]))).max(axis=0)
    assert said["anomaly_map"][0, 0] == pytest.approx(wanted, abs=1e-5)


def test_find_segmentation_leaves_the_background_out_of_a_map_beside_classes() -> None:
    """A model with two heads: classes are the score, planes say where."""
    classes = Planted(np.array([[1, 3]], np.float32), "", "Softmax")
    made = heads.model({"cls": classes, "seg": Planted(LOGITS, through="Softmax")})
    ours = heads.rewired(made, Options(score="cls", good_class="1", map="seg"))
    said = heads.run(ours)
    assert said["score"] == pytest.approx(1 / (1 + np.exp(2)), rel=1e-5)
    assert said["anomaly_map"][0, 0] == pytest.approx(softmax(LOGITS)[0, 1:].max(axis=0), rel=1e-5)


def test_find_segmentation_counts_every_plane_of_sigmoids() -> None:
    """Each class for itself: there is no background among them."""
    made = heads.model({"output": Planted(LOGITS[:, :2].copy(), through="Sigmoid")})
    said = heads.run(heads.rewired(made))
    wanted = (1 / (1 + np.exp(-LOGITS[0, :2]))).max(axis=0)
    assert said["anomaly_map"][0, 0] == pytest.approx(wanted, rel=1e-5)


def test_find_segmentation_of_one_class_is_told_by_its_sigmoid() -> None:
    """A map of one plane may be anything else: an anomaly map keeps its largest value."""
    one = LOGITS[:, :1].copy()
    plane = 1 / (1 + np.exp(-one[0, 0]))
    said = heads.run(heads.rewired(heads.model({"output": Planted(one, through="Sigmoid")})))
    assert said["score"] == pytest.approx(heads.highest_mean(plane), rel=1e-5)
    plain = heads.run(heads.rewired(heads.model({"output": Planted(one)})))
    assert plain["score"] == pytest.approx(one.max())


def test_find_segmentation_takes_the_logits_of_one_class_behind_a_convolution() -> None:
    """Negative values of a last convolution, which no anomaly map has."""
    made = heads.model({"given": Planted(LOGITS)})
    weights = np.array([[[[1]], [[-1]], [[0.5]]]], np.float32)
    made.graph.initializer.append(onnx.numpy_helper.from_array(weights, "weights"))
    made.graph.node.append(helper.make_node("Conv", ["given", "weights"], ["output"]))
    made.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, (1, 1, 16, 16))
    )
    wanted = 1 / (1 + np.exp(-(LOGITS[0, 0] - LOGITS[0, 1] + LOGITS[0, 2] / 2)))
    said = heads.run(heads.rewired(made))
    assert said["anomaly_map"][0, 0] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("dtype", [onnx.TensorProto.UINT8, onnx.TensorProto.INT64])
def test_find_segmentation_takes_what_stands_before_an_argmax(dtype: int) -> None:
    """Labels cannot be ranked; the planes that they were chosen from can."""
    made = heads.model({"planes": Planted(LOGITS)})
    made.graph.node.append(helper.make_node("ArgMax", ["planes"], ["place"], axis=1, keepdims=0))
    made.graph.node.append(helper.make_node("Cast", ["place"], ["output"], to=dtype))
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("output", dtype, (1, 16, 16)))
    said = heads.run(heads.rewired(made))
    assert said["anomaly_map"][0, 0] == pytest.approx(softmax(LOGITS)[0, 1:].max(axis=0), rel=1e-5)


def test_one_hot_pixel_is_no_defect() -> None:
    """The mean of its neighbours counts; a defect of 3 x 3 has the score of each pixel."""
    plane = np.full((1, 1, 16, 16), -8, np.float32)
    plane[0, 0, 4, 4] = 8
    pixel = heads.score(heads.rewired(heads.model({"o": Planted(plane, through="Sigmoid")})))
    plane[0, 0, 8:11, 8:11] = 3
    square = heads.score(heads.rewired(heads.model({"o": Planted(plane, through="Sigmoid")})))
    assert pixel == pytest.approx(1 / 9, abs=1e-2)
    assert square == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-4)


@pytest.mark.parametrize(
    ("outputs", "metadata", "error", "message"),
    [
        (
            {"output": Planted(np.zeros((1, 16, 16), np.int64))},
            {},
            ModelError,
            "labels or numbers of classes, which cannot be ranked",
        ),
        (
            {"output": Planted(np.abs(LOGITS) + 1)},
            {},
            OtherKind,
            "neither probabilities nor plainly logits",
        ),
        (
            {"output": Planted(RNG.normal(0, 2, (1, 125, 4, 4)).astype(np.float32))},
            {},
            OtherKind,
            "features, or a detector's head that is not decoded",
        ),
        (
            {"output": Planted(RNG.normal(0, 2, (1, 3, 64, 64)).astype(np.float32), "", "Sigmoid")},
            {},
            OtherKind,
            "a picture made anew",
        ),
        (
            {"output": Planted(RNG.normal(0, 2, (1, 3, 64, 64)).astype(np.float32))},
            {},
            OtherKind,
            "a picture made anew",
        ),
        (
            {"output": Planted(LOGITS, through="Softmax")},
            {"names": "['good', 'scratch', 'dent']"},
            ClassesUnsaid,
            "'good' seems to be no defect",
        ),
        (
            {"output": Planted(LOGITS, through="Softmax")},
            {"names": "['hole', 'scratch', 'dent']"},
            ClassesUnsaid,
            "none of them is called background",
        ),
    ],
    ids=[
        "labels",
        "features",
        "many",
        "autoencoder",
        "of logits",
        "a plane of good",
        "no background",
    ],
)
def test_find_segmentation_refuses_what_it_cannot_know(
    outputs: dict[str, Planted], metadata: dict[str, str], error: type[Exception], message: str
) -> None:
    """With what it seems to be, and what would make it usable."""
    with pytest.raises(error, match=message):
        heads.mapped(heads.model(outputs, metadata))


@pytest.mark.parametrize("place", [(0, 0), (7, 9), (15, 15)])
@pytest.mark.parametrize("through", ["Softmax", "Sigmoid"])
def test_write_segmentation_hands_on_what_is_no_number(
    through: str, place: tuple[int, int]
) -> None:
    """Wherever it stands, also in the background: the line rejects on NaN."""
    made = heads.model({"output": Planted(LOGITS, through=through)})
    ours = heads.rewired(made)
    odd = LOGITS.copy()
    odd[0, 0][place] = np.nan
    for tensor in ours.graph.initializer:
        if tensor.name == "output/values":
            tensor.CopyFrom(onnx.numpy_helper.from_array(odd, tensor.name))
    assert np.isnan(heads.score(ours))


def test_planes_of_our_own_name_stay_as_they_are() -> None:
    """By our contract the largest of several counts, unless they are shares of 1."""
    given = np.abs(LOGITS)
    said = heads.run(heads.rewired(heads.model({"anomaly_map": Planted(given)})))
    assert said["anomaly_map"].tolist() == given.tolist()
    assert said["score"] == given.max()
