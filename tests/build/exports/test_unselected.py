"""Candidates in front of NMS, where the export has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from gonogo.base.errors import OtherKind
from gonogo.build.exports.options import Options
from gonogo.build.exports.unselected import find_unselected
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import PLACES, Planted

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOXES, SHARES = heads.boxes(), heads.shares()
DETECT = {"task": "detect", "names": "{0: 'scratch', 1: 'dent', 2: 'hole'}"}
MOST = 20


def _held(made: onnx.ModelProto, **values: NDArray[Any]) -> None:
    made.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()
    )


def selecting(threshold: float, *, scale: float = 1.0) -> onnx.ModelProto:
    """All candidates in a Concat; NMS picks some, whose boxes and confidences come out.

    `scale`: of the confidences that come out, against those of all.
    """
    made = heads.model(
        {
            "all_boxes": Planted(heads.written(BOXES, "xywh").T[None].copy()),
            "all_classes": Planted(SHARES.T[None].copy()),
            "corners": Planted(BOXES[None]),
        },
        DETECT,
    )
    made.producer_name = "pytorch"
    node = helper.make_node
    made.graph.node.extend(
        [
            node("Concat", ["all_boxes", "all_classes"], ["head"], axis=1),
            node("Split", ["head", "parts"], ["head_boxes", "head_classes"], axis=1),
            node("ReduceMax", ["head_classes"], ["best"], axes=[1], keepdims=1),
            node("NonMaxSuppression", ["corners", "best", "many", "overlap", "least"], ["chosen"]),
            node("Gather", ["chosen", "third"], ["places"], axis=1),
            node("Squeeze", ["head_boxes", "batch"], ["columns"]),
            node("Gather", ["columns", "places"], ["chosen_boxes"], axis=1),
            node("Transpose", ["chosen_boxes"], ["boxes"], perm=[1, 0]),
            node("Squeeze", ["best", "front"], ["flat_best"]),
            node("Gather", ["flat_best", "places"], ["unscaled"], axis=0),
            node("Mul", ["unscaled", "scale"], ["scores"]),
        ]
    )
    _held(
        made,
        parts=np.array([4, 3], np.int64),
        many=np.array([MOST], np.int64),
        overlap=np.array([0.5], np.float32),
        least=np.array([threshold], np.float32),
        third=np.array(2, np.int64),
        front=np.array([0, 1], np.int64),
        batch=np.array([0], np.int64),
        scale=np.array(scale, np.float32),
    )
    return _listing(made)


def filtering(threshold: float) -> onnx.ModelProto:
    """Those above a threshold come out, without NMS: nothing in front can be told."""
    made = heads.model({"all_boxes": Planted(BOXES), "best": Planted(SHARES[:, 0])})
    made.graph.node.extend(
        [
            helper.make_node("Greater", ["best", "least"], ["sure"]),
            helper.make_node("Compress", ["all_boxes", "sure"], ["boxes"], axis=0),
            helper.make_node("Compress", ["best", "sure"], ["scores"], axis=0),
        ]
    )
    _held(made, least=np.array(threshold, np.float32))
    return _listing(made)


def listing_columns(threshold: float) -> onnx.ModelProto:
    """The same in columns, as YOLOv7 ends: picture, corners, class, confidence."""
    made = filtering(threshold)
    nodes = [
        helper.make_node("Unsqueeze", ["scores", "last"], ["column"]),
        helper.make_node("Mul", ["column", "nil"], ["nought"]),
        helper.make_node("Concat", ["nought", "boxes", "nought", "column"], ["output"], axis=1),
    ]
    made.graph.node.extend(nodes)
    _held(made, last=np.array([1], np.int64))
    del made.graph.output[:]
    made.graph.output.append(
        helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, ("n", 7))
    )
    return made


def _listing(made: onnx.ModelProto) -> onnx.ModelProto:
    """Boxes and scores come out, as many as there are."""
    del made.graph.output[:]
    made.graph.output.extend(
        [
            helper.make_tensor_value_info("boxes", onnx.TensorProto.FLOAT, ("n", 4)),
            helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, ("n",)),
        ]
    )
    return made


@pytest.mark.parametrize("threshold", [0.0, 0.4, 1.0])
def test_find_unselected_takes_all_candidates(threshold: float) -> None:
    """Those below the threshold are ranked as well, and no size in the graph varies."""
    made = selecting(threshold)
    mapped = heads.mapped(made)
    assert "in front of NMS" in " ".join(mapped.notes)
    ours = heads.rewired(made)
    assert "NonMaxSuppression" not in {node.op_type for node in ours.graph.node}
    said = heads.run(ours)
    assert said["score"] == pytest.approx(SHARES.max())
    assert said["anomaly_map"][0, 0] == pytest.approx(heads.drawn(BOXES, SHARES.max(axis=1)))


def test_find_unselected_takes_what_nms_is_given() -> None:
    """Without names of classes nothing tells the head: boxes and scores of the node itself."""
    made = selecting(0.4)
    del made.metadata_props[:]
    ours = heads.rewired(made)
    assert "NonMaxSuppression" not in {node.op_type for node in ours.graph.node}
    assert heads.score(ours) == pytest.approx(SHARES.max())


def test_find_unselected_wants_the_confidences_that_come_out() -> None:
    """Half of them: what stands in front is another thing, and the list itself is taken."""
    made = selecting(0.0, scale=0.5)
    mapped = heads.mapped(made)
    assert "a part without any scores 0" in " ".join(mapped.notes)
    assert heads.score(heads.rewired(made)) == pytest.approx(SHARES.max() / 2)


@pytest.mark.parametrize("threshold", [0.0, 0.4, 2.0])
def test_find_unselected_leaves_a_filter_and_fills_its_list_up(threshold: float) -> None:
    """Also when nothing at all is left: score and map are 0, not an error."""
    made = filtering(threshold)
    said = heads.run(heads.rewired(made))
    left = np.where(SHARES[:, 0] > threshold, SHARES[:, 0], 0)
    assert said["score"] == pytest.approx(left.max())
    assert said["anomaly_map"][0, 0] == pytest.approx(heads.drawn(BOXES, left))


@pytest.mark.parametrize("threshold", [0.4, 2.0])
def test_columns_that_vary_are_read_as_told(threshold: float) -> None:
    """YOLOv7 end to end; without the words it is refused."""
    made = listing_columns(threshold)
    with pytest.raises(OtherKind, match="--columns"):
        heads.mapped(made)
    ours = heads.rewired(made, Options(columns="batch+xyxy+class+score"))
    left = np.where(SHARES[:, 0] > threshold, SHARES[:, 0], 0)
    assert heads.score(ours) == pytest.approx(left.max())
    assert heads.run(ours)["anomaly_map"][0, 0] == pytest.approx(heads.drawn(BOXES, left))


def test_find_unselected_leaves_a_whole_list_alone() -> None:
    """All candidates come out already."""
    parts = np.concatenate([heads.written(BOXES, "xywh"), SHARES], 1).T[None].copy()
    export = heads.export_of(heads.model({"output0": Planted(parts)}, DETECT))
    found = heads.mapped(export.seen.model).found
    assert parts.shape[2] == PLACES
    assert find_unselected(export, found) is None  # type: ignore[arg-type]
