"""Detections as one score and a map, in plain operators that every runtime has.

    score   the highest confidence among the classes that are defects, of all candidates
    map     the TOP candidates' boxes filled with their confidence: in each cell the highest of
            those that touch it; with masks, each box times its mask

A maximum needs no NMS: what NMS drops lies under a box of higher confidence. There is no loop
and no size that depends on the picture, where the export has none itself; a list that varies
is filled up with boxes of no size and no confidence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gonogo.build.exports.pen import Pen
from gonogo.build.exports.seen import Output
from gonogo.ipc.frame_ring import MAP_MAX

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

    from gonogo.build.exports.detection import Detection, Take

TOP = 64  # candidates that are drawn; more lie upon one another
STRIDE_PX = 8  # of a cell of the map, unless that makes more cells than a result has room for
_SIDE_MAX = math.isqrt(MAP_MAX)
_BOX = 4
# from what a box is written as to x1, y1, x2, y2
_TO_CORNERS = {
    "xyxy": ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)),
    "yxyx": ((0, 1, 0, 0), (1, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0)),
    "xywh": ((1, 0, -0.5, 0), (0, 1, 0, -0.5), (1, 0, 0.5, 0), (0, 1, 0, 0.5)),
}


def write_detections(model: onnx.ModelProto, found: Detection) -> tuple[Output, Output]:
    """Nodes from the outputs of a detector to its score, 1 x 1, and map, 1 x 1 x rows x columns."""
    pen = Pen(model, "detections")
    shares = [
        _activated(pen, _columns(pen, take), found.activation)
        for take in (found.confidence, found.objectness)
        if take is not None
    ]
    confidence = _confidence(pen, found, shares)
    boxes = _columns(pen, found.box)
    extra = {"angle": found.angle, "masks": found.masks}
    beside = {name: _columns(pen, take) for name, take in extra.items() if take is not None}
    if found.varies:
        confidence, boxes = _filled(pen, confidence, 1), _filled(pen, boxes, _BOX)
        beside = {k: _filled(pen, name, _width(extra[k])) for k, name in beside.items()}
    candidates = TOP if found.varies else min(TOP, _candidates(found.box))
    best, places = pen.top(confidence, candidates)
    # what Gather picks by has one axis
    places = pen.shaped(places, candidates)
    chosen = {k: pen.add("Gather", [name, places], axis=1) for k, name in beside.items()}
    boxes = pen.add("Gather", [boxes, places], axis=1)
    if "angle" in chosen:
        boxes = _enclosing(pen, boxes, chosen["angle"])
    score = pen.cut(best, 0, 1, axis=1)
    for share in shares:
        score = pen.or_odd(score, share)
    if found.protos is not None and "masks" in chosen:
        drawn, size = _masked(pen, found, boxes, best, chosen["masks"])
    else:
        size = map_size(found.size_px)
        touched = _touched(pen, found, boxes, size, _cell_px(found.size_px))
        drawn = pen.add("Mul", [touched, pen.shaped(best, -1, 1, 1)])
    anomaly = pen.shaped(pen.most(drawn, 0), 1, 1, *size)
    return Output(score, "float", (1, 1)), Output(anomaly, "float", (1, 1, *size))


def map_size(size_px: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of the map: cells of STRIDE_PX, or larger where they would be too many."""
    cell_px = _cell_px(size_px)
    return -(-size_px[0] // cell_px), -(-size_px[1] // cell_px)


def _cell_px(size_px: tuple[int, int]) -> int:
    return max(STRIDE_PX, *(-(-side // _SIDE_MAX) for side in size_px))


def _columns(pen: Pen, take: Take) -> str:
    """Columns x candidates, as float32."""
    source = take.source
    name = source.name if source.dtype == "float" else pen.as_real(source.name)
    rank = len(source.shape)
    if rank == 1:
        return pen.add("Unsqueeze", [name, pen.whole(0)])
    # the batch, and whatever else has the size of 1 in front
    if rank > len(("rows", "columns")):
        name = pen.add("Squeeze", [name, pen.whole(*range(rank - 2))])
    if take.by_rows:
        name = pen.add("Transpose", [name], perm=[1, 0])
    whole = source.shape[-1] if take.by_rows else source.shape[-2]
    return name if _width(take) == whole else pen.cut(name, take.start, take.stop)


def _width(take: Take | None) -> int:
    return 0 if take is None else take.stop - take.start


def _candidates(take: Take) -> int:
    return take.source.shape[-2] if take.by_rows else take.source.shape[-1]


def _confidence(pen: Pen, found: Detection, shares: list[str]) -> str:
    """1 x candidates: of the likeliest defect; `shares`: of classes, and of any object at all."""
    here = shares[0]
    if found.label is not None:
        return _labelled(pen, found, here)
    classes = _width(found.confidence)
    if found.defects and len(found.defects) < classes:
        here = pen.add("Gather", [here, pen.whole(*found.defects)], axis=0)
    if classes > 1 and len(found.defects) != 1:
        here = pen.most(here, 0)
    return here if found.objectness is None else pen.add("Mul", [here, shares[1]])


def _activated(pen: Pen, name: str, how: str) -> str:
    if how == "softmax":
        return pen.add("Softmax", [name], axis=0)
    return pen.add("Sigmoid", [name]) if how else name


def _labelled(pen: Pen, found: Detection, confidence: str) -> str:
    """The confidence where the class is a defect, else 0."""
    if found.label is None or not found.defects:
        return confidence
    numbers = pen.real(np.array(found.defects, np.float32)[:, None])
    is_one = pen.as_real(pen.add("Equal", [_columns(pen, found.label), numbers]))
    return pen.add("Mul", [confidence, pen.most(is_one, 0)])


def _filled(pen: Pen, name: str, width: int) -> str:
    """With TOP more of nothing, so that there are never too few."""
    nothing = pen.real(np.zeros((width, TOP), np.float32))
    return pen.add("Concat", [name, nothing], axis=1)


def _enclosing(pen: Pen, boxes: str, angle: str) -> str:
    """Upright boxes, of the same centres, around those that lie askew."""
    middle, sides = pen.cut(boxes, 0, 2), pen.cut(boxes, 2, _BOX)
    turned = pen.add("Gather", [sides, pen.whole(1, 0)], axis=0)
    parts = [
        pen.add("Mul", [side, pen.add("Abs", [pen.add(op, [angle])])])
        for side, op in ((sides, "Cos"), (turned, "Sin"))
    ]
    return pen.add("Concat", [middle, pen.add("Add", parts)], axis=0)


def _to_cells(found: Detection, cell_px: float) -> NDArray[np.float64]:
    """Matrix from a box to corners in cells of the map."""
    height, width = found.size_px if found.normalised else (1, 1)
    scale = np.array([width, height] * 2) / cell_px
    return np.array(_TO_CORNERS[found.corners], np.float64) * scale[:, None]


def _touched(pen: Pen, found: Detection, boxes: str, size: tuple[int, int], cell_px: float) -> str:
    """Boxes x rows x columns: 1 where a box touches a cell, which is a square."""
    rows, columns = size
    matrix = pen.real(_to_cells(found, cell_px))
    corners = pen.add("MatMul", [matrix, boxes])
    down = _spans(pen, corners, (1, 3), rows)
    across = _spans(pen, corners, (0, 2), columns)
    return pen.add("Mul", [pen.shaped(down, -1, rows, 1), pen.shaped(across, -1, 1, columns)])


def _spans(pen: Pen, corners: str, ends: tuple[int, int], cells: int) -> str:
    """Boxes x cells of one axis: 1 where they overlap."""
    first, last = (pen.shaped(pen.cut(corners, end, end + 1), -1, 1) for end in ends)
    left = pen.real(np.arange(cells, dtype=np.float32)[None])
    right = pen.real(np.arange(1, cells + 1, dtype=np.float32)[None])
    begins = pen.add("Less", [first, right])
    ends_behind = pen.add("Greater", [last, left])
    return pen.as_real(pen.add("And", [begins, ends_behind]))


def _masked(
    pen: Pen, found: Detection, boxes: str, best: str, masks: str
) -> tuple[str, tuple[int, int]]:
    """Boxes x rows x columns: the confidence times the mask, inside its box."""
    protos = found.protos
    assert protos is not None  # noqa: S101 - the caller asks
    count, height, width = protos.shape[1:]
    name = protos.name if protos.dtype == "float" else pen.as_real(protos.name)
    pool = max(-(-side // _SIDE_MAX) for side in (height, width))
    size = (-(-height // pool), -(-width // pool))
    if pool > 1:
        # linear, so that the mean of the planes is that of the masks; the rest of the last
        # cells is not counted
        pads = [0, 0, size[0] * pool - height, size[1] * pool - width]
        square = {"kernel_shape": [pool] * 2, "strides": [pool] * 2, "pads": pads}
        name = pen.add("AveragePool", [name], count_include_pad=0, **square)
    flat = pen.shaped(name, count, size[0] * size[1])
    whole = pen.add("MatMul", [pen.add("Transpose", [masks], perm=[1, 0]), flat])
    inside = pen.shaped(pen.add("Sigmoid", [whole]), -1, *size)
    cell_px = pool * found.size_px[0] / height
    within = _touched(pen, found, boxes, size, cell_px)
    return pen.add("Mul", [pen.add("Mul", [within, inside]), pen.shaped(best, -1, 1, 1)]), size
