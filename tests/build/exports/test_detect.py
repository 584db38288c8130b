"""Detectors are told by metadata, shapes and values; a score is a confidence, never a corner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.base.errors import ClassesUnsaid, ModelError, OtherKind
from gonogo.build.exports.detect import anchor_counts
from gonogo.build.exports.options import Options
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import PLACES, Planted

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

NAMES = "{0: 'scratch', 1: 'dent', 2: 'hole'}"
DETECT = {"task": "detect", "names": NAMES, "description": "Ultralytics YOLO11n model"}
BOXES, SHARES = heads.boxes(), heads.shares()


def rows(*parts: NDArray[Any]) -> NDArray[np.float32]:
    """1 x candidates x columns, of boxes and what stands beside them."""
    flat = [np.reshape(part, (len(part), -1)) for part in parts]
    return np.concatenate(flat, 1)[None].astype(np.float32)


def dense(*parts: NDArray[Any], first: bool = False) -> NDArray[np.float32]:
    """All candidates; columns first, as YOLOv8 has them, or candidates `first`."""
    whole = rows(*parts)
    return whole if first else np.ascontiguousarray(whole.transpose(0, 2, 1))


def detector(
    parts: list[NDArray[Any]],
    metadata: dict[str, str] | None = None,
    *,
    first: bool = False,
    opset: int = 17,
) -> onnx.ModelProto:
    """A model with one list."""
    return heads.model({"output0": Planted(dense(*parts, first=first))}, metadata, opset=opset)


@pytest.mark.parametrize("opset", [13, 17, 18])
@pytest.mark.parametrize("metadata", [DETECT, {}], ids=["told", "by its shape"])
def test_find_detector_reads_yolov8(metadata: dict[str, str], opset: int) -> None:
    """1 x 4 + C x N: the highest confidence is the score, and boxes make the map."""
    made = detector([heads.written(BOXES, "xywh"), SHARES], metadata, opset=opset)
    said = heads.run(heads.rewired(made))
    assert said["score"] == pytest.approx(SHARES.max(), rel=1e-6)
    assert said["anomaly_map"][0, 0] == pytest.approx(heads.drawn(BOXES, SHARES.max(axis=1)))


@pytest.mark.parametrize("metadata", [{"names": NAMES, "stride": "32"}, {}])
def test_find_detector_reads_yolov5(metadata: dict[str, str]) -> None:
    """1 x 3 N x 5 + C: objectness times class."""
    boxes, shares = heads.boxes(3 * PLACES), heads.shares(3 * PLACES)
    sure = heads.shares(3 * PLACES, 1, seed=5)
    made = detector([heads.written(boxes, "xywh"), sure, shares], metadata, first=True)
    assert heads.score(heads.rewired(made)) == pytest.approx((sure * shares).max())


def test_find_detector_takes_an_angle_for_no_class() -> None:
    """OBB: 1 x 4 + C + 1 x N, the upright box around the turned one is drawn."""
    boxes = np.array([[8, 24, 56, 40]] * PLACES, np.float32)
    angle = np.full(PLACES, np.pi / 2, np.float32)
    made = detector([heads.written(boxes, "xywh"), SHARES, angle], {**DETECT, "task": "obb"})
    said = heads.run(heads.rewired(made))
    assert said["score"] == pytest.approx(SHARES.max())
    upright = np.array([[24 + 0.01, 8 + 0.01, 40 - 0.01, 56 - 0.01]] * PLACES, np.float32)
    assert said["anomaly_map"][0, 0] == pytest.approx(heads.drawn(upright, SHARES.max(axis=1)))


@pytest.mark.parametrize("how", ["xyxy", "xywh"])
@pytest.mark.parametrize("metadata", [{**DETECT, "end2end": "True"}, {}])
@pytest.mark.parametrize("scale", [1, 1 / heads.SIDE_PX], ids=["px", "shares"])
def test_find_detector_reads_what_is_left_of_all(
    metadata: dict[str, str], how: str, scale: float
) -> None:
    """1 x M x 6: corners or a centre, a confidence and a class number, the surest first."""
    boxes, sure = heads.boxes(20), -np.sort(-heads.shares(20, 1), axis=0)
    made = detector(
        [heads.written(boxes, how) * scale, sure, np.arange(20) % 3], metadata, first=True
    )
    said = heads.run(heads.rewired(made, Options(defect_classes=("1",))))
    counted = np.where(np.arange(20) % 3 == 1, sure[:, 0], 0)
    assert said["score"] == pytest.approx(counted.max())
    assert said["anomaly_map"][0, 0] == pytest.approx(heads.drawn(boxes, counted), abs=1e-6)


@pytest.mark.parametrize(("end_to_end", "how"), [("False", "xywh"), ("True", "xyxy")])
def test_find_detector_believes_ultralytics_how_boxes_are_written(
    end_to_end: str, how: str
) -> None:
    """Of a head without DFL most boxes of nothing may have negative sizes."""
    sure = np.arange(PLACES) % 4 == 0
    boxes = np.where(sure[:, None], heads.written(BOXES, how), -BOXES)
    shares = np.where(sure[:, None], SHARES, np.float32(1e-4))
    made = detector([boxes, shares], {**DETECT, "end2end": end_to_end})
    cells = heads.run(heads.rewired(made))["anomaly_map"][0, 0]
    assert cells.max() == pytest.approx(shares.max())
    wanted = heads.drawn(BOXES[sure], shares[sure].max(axis=1))
    assert np.where(cells > 2e-4, cells, 0) == pytest.approx(np.where(wanted > 2e-4, wanted, 0))


def test_find_detector_draws_masks() -> None:
    """Instance segmentation: coefficients times protos, inside the box."""
    protos = np.random.default_rng(3).normal(0, 2, (1, 8, 16, 16)).astype(np.float32)
    masks = np.random.default_rng(4).normal(0, 1, (PLACES, 8)).astype(np.float32)
    parts = dense(heads.written(BOXES, "xywh"), SHARES, masks)
    made = heads.model(
        {"output0": Planted(parts), "output1": Planted(protos)}, {**DETECT, "task": "segment"}
    )
    said = heads.run(heads.rewired(made))
    assert said["score"] == pytest.approx(SHARES.max())
    best = SHARES.max(axis=1)
    cells = np.zeros((16, 16))
    for place in np.argsort(-best)[:64]:
        inside = 1 / (1 + np.exp(-np.tensordot(masks[place], protos[0], 1)))
        row, column = np.mgrid[0:16, 0:16] * 4.0
        x1, y1, x2, y2 = BOXES[place]
        touched = (x1 < column + 4) & (x2 > column) & (y1 < row + 4) & (y2 > row)
        cells = np.maximum(cells, best[place] * inside * touched)
    assert said["anomaly_map"][0, 0] == pytest.approx(cells, abs=1e-5)


def test_find_detector_makes_probabilities_of_logits() -> None:
    """A head without its sigmoid: negative values."""
    logits = np.log(SHARES / (1 - SHARES) + 1e-6)
    made = detector([heads.written(BOXES, "xywh"), logits], DETECT)
    assert heads.score(heads.rewired(made)) == pytest.approx(SHARES.max(), rel=1e-3)


def test_find_detector_counts_the_classes_that_are_defects() -> None:
    """By name or number; the others are not seen."""
    made = detector([heads.written(BOXES, "xywh"), SHARES], DETECT)
    ours = heads.rewired(made, Options(defect_classes=("dent", "2")))
    assert heads.score(ours) == pytest.approx(SHARES[:, 1:].max())
    others = heads.rewired(made, Options(good_class="hole"))
    assert heads.score(others) == pytest.approx(SHARES[:, :2].max())


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("xywh+objectness+classes", [heads.written(BOXES, "xywh"), SHARES[:, :1], SHARES]),
        ("xywh+classes", [heads.written(BOXES, "xywh"), SHARES]),
        ("xyxy+classes", [BOXES, SHARES]),
        ("batch+xyxy+class+score", [np.zeros(PLACES), BOXES, np.ones(PLACES), SHARES[:, :1]]),
        ("class+score+yxyx", [np.ones(PLACES), SHARES[:, :1], heads.written(BOXES, "yxyx")]),
    ],
)
def test_find_detector_reads_columns_as_told(words: str, parts: list[Any]) -> None:
    """Where nothing in the file tells, words do."""
    made = detector(parts, first=True)
    said = heads.run(heads.rewired(made, Options(columns=words)))
    sure = SHARES[:, 0] if "classes" not in words else SHARES.max(axis=1)
    sure = SHARES[:, 0] * sure if "objectness" in words else sure
    assert said["score"] == pytest.approx(sure.max())
    assert said["anomaly_map"][0, 0] == pytest.approx(heads.drawn(BOXES, sure), abs=1e-6)


@pytest.mark.parametrize(
    ("parts", "metadata", "options", "message"),
    [
        ([BOXES, SHARES], {**DETECT, "kpt_shape": "[17, 3]"}, {}, "where 17 keypoints lie"),
        ([BOXES, SHARES], {"task": "pose"}, {}, "GN305: .* it is a pose model"),
        (
            [heads.written(BOXES, "xywh"), SHARES, BOXES, BOXES, BOXES],
            DETECT,
            {},
            "keypoints or mask coefficients",
        ),
        ([heads.written(BOXES, "xywh"), SHARES, BOXES], {}, {}, r"GN305: .* outside 0 \.\. 1"),
        ([-BOXES, SHARES], {"names": NAMES}, {}, "boxes are not decoded"),
        ([heads.written(BOXES, "xywh"), SHARES], DETECT, {"columns": "xywh"}, "does not make"),
        ([heads.written(BOXES, "xywh"), SHARES], DETECT, {"columns": "wh"}, "'wh' is not known"),
        ([heads.written(BOXES, "xywh"), SHARES], DETECT, {"score": "output0"}, "--score output0"),
        ([heads.written(BOXES, "xywh"), SHARES], DETECT, {"map": "output0"}, "--map output0: it"),
        (
            [heads.written(BOXES, "xywh"), SHARES],
            DETECT,
            {"defect_classes": ("rust",)},
            "--defect-class rust: expected one of 0 scratch, 1 dent, 2 hole",
        ),
    ],
)
def test_find_detector_refuses_with_what_it_seems_to_be(
    parts: list[Any], metadata: dict[str, str], options: dict[str, Any], message: str
) -> None:
    """And with what would make it usable."""
    with pytest.raises(ModelError, match=message):
        heads.mapped(detector(parts, metadata), Options(**options))


def test_find_detector_asks_of_a_class_that_means_good() -> None:
    """A detector of good parts would score them highest."""
    names = {**DETECT, "names": "{0: 'scratch', 1: 'OK', 2: 'hole'}"}
    made = detector([heads.written(BOXES, "xywh"), SHARES], names)
    with pytest.raises(ClassesUnsaid, match=r"'OK' seems to be no defect .* --defect-class"):
        heads.mapped(made)


def test_find_detector_asks_where_rows_may_hold_objectness() -> None:
    """YOLOX, or YOLOv8 turned round: nothing tells, so nothing is guessed."""
    made = detector([heads.written(BOXES, "xywh"), SHARES], first=True)
    with pytest.raises(OtherKind, match=r"say --columns xywh\+objectness\+classes"):
        heads.mapped(made)


def test_anchor_counts_follow_from_the_picture() -> None:
    """640 px: 8400 candidates, or 25200 with three for each place."""
    counts = anchor_counts((640, 640))
    assert (counts[8400], counts[25200]) == (1, 3)
    assert anchor_counts((96, 96))[144] == 1


LAYOUTS = st.fixed_dictionaries(
    {
        "corners": st.sampled_from(["xyxy", "xywh", "yxyx"]),
        "px": st.booleans(),
        "first": st.booleans(),
        "objectness": st.booleans(),
        "classes": st.integers(1, 6),
        "named": st.booleans(),
        "extra": st.integers(0, 5),
        "logits": st.booleans(),
        "left": st.booleans(),
        "name": st.sampled_from(["output0", "output", "boxes", "1234", "scores", "out"]),
        "seed": st.integers(0, 99),
    }
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(layout=LAYOUTS)
def test_find_detector_never_scores_by_a_coordinate(layout: dict[str, Any]) -> None:
    """Whatever lies in which order: it is refused, or the score is one of its confidences."""
    count = 20 if layout["left"] else PLACES
    corners = heads.boxes(count, layout["seed"]) * (1 if layout["px"] else 1 / heads.SIDE_PX)
    shares = heads.shares(count, layout["classes"], layout["seed"])
    sure = heads.shares(count, 1, layout["seed"] + 1)
    parts = [heads.written(corners.astype(np.float32), layout["corners"])]
    if layout["left"]:
        parts += [-np.sort(-sure, axis=0), np.arange(count) % layout["classes"]]
    else:
        head = [sure, shares] if layout["objectness"] else [shares]
        parts += [np.log(part + 1e-6) for part in head] if layout["logits"] else head
    # what may stand behind: angles, keypoints, coefficients of masks; values of any size
    parts.append(heads.boxes(count, 7)[:, :1].repeat(layout["extra"], axis=1))
    names = {k: f"c{k}" for k in range(layout["classes"])}
    made = heads.model(
        {layout["name"]: Planted(dense(*parts, first=layout["first"]))},
        {"names": str(names)} if layout["named"] else {},
    )
    try:
        found = heads.score(heads.rewired(made))
    except ModelError:
        return
    assert 0 <= found <= 1
    given_out = [sure, shares, sure * shares, 1 / (1 + 1 / (shares + 1e-6))]
    given_out += [1 / (1 + 1 / (sure + 1e-6)), given_out[-1] / (1 + 1 / (sure + 1e-6))]
    apart = min(np.abs(one - found).min() for one in given_out)
    assert apart < 1e-4, "a number that is no confidence of any candidate"
