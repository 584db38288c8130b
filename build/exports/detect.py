"""Whether an export is a detector, told by its metadata, by shapes, operators and values.

    1 x columns x N, or 1 x N x columns    all candidates (YOLO; N follows from the picture)
    1 x M x 6, 7, 6 + masks                what is left of them: end to end, or behind NMS
    boxes, scores or logits, labels        as outputs of their own (torchvision, TensorFlow, DETR)

What is found is checked by the values of trial runs (gonogo.build.exports.detection).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import OtherKind
from gonogo.build.exports import detection as found_by
from gonogo.build.exports.classes import defect_classes
from gonogo.build.exports.columns import EXAMPLES, Columns, check_words, columns
from gonogo.build.exports.detection import Detection, Take, gathered
from gonogo.build.exports.metadata import ULTRALYTICS
from gonogo.build.exports.seen import like_the_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.build.exports.metadata import Said
    from gonogo.build.exports.seen import Export, Output, Seen

TASKS = {"detect", "obb", "segment"}
# sets of strides of the levels of a head
_STRIDES = (
    *((8, 16, 32), (8,), (16,), (32,), (8, 16), (16, 32), (4, 8, 16, 32), (8, 16, 32, 64)),
    *((4,), (4, 8), (4, 8, 16), (8, 16, 32, 64, 128)),
)
_ANCHORS = (1, 3)  # for each place of a level
_BOX, _LEAST = 4, 5  # a box and one class
_LEFT_MAX = 1000  # detections that are left of all candidates
_END_TO_END = 6
_LIST = 2  # axes of a list of candidates
_SMOOTH = 1e-3


class _Shape(NamedTuple):
    """How a list lies in an output: columns, candidates, which of them comes first."""

    width: int
    candidates: int
    by_rows: bool
    anchors: int  # for each place, as far as the picture tells; 0: not told


def find_detector(export: Export) -> Detection | None:
    """The detections of one output that holds boxes and confidences; None: it is no detector.

    OtherKind when it is one that cannot be used as it is, or may be read in more than one way.
    """
    check_words(export.options.columns)
    for output in export.seen.outputs:
        shape = _shape(export, output)
        if shape is None:
            continue
        _refuse_keypoints(export.said, output)
        protos = _protos(export.seen, output)
        known = _columns(export, output, shape, protos)
        return of_columns(export, output, known, protos, by_rows=shape.by_rows)
    return None


def of_columns(
    export: Export, output: Output, known: Columns, protos: Output | None, *, by_rows: bool
) -> Detection:
    """The detections of an output whose columns are known, checked by their values."""
    seen, said, options = export
    takes = {
        word: Take(output, first, last, by_rows) for word, (first, last) in known.places.items()
    }
    box, label = takes[known.corners], takes.get("class")
    confidence = takes.get("classes") or takes.get("score")
    if confidence is None:
        raise OtherKind(f"--columns {known.text}: neither classes nor score is among them")
    shown = f"output {output}, read as {known.text}"
    if label is not None and not found_by.are_whole(gathered(seen, label)):
        raise OtherKind(f"{shown}: numbers of classes are not whole; say --columns WORDS")
    boxes = gathered(seen, box)
    count = 0 if label is not None else confidence.stop - confidence.start
    return Detection(
        box,
        _written(export, known) or found_by.corners(boxes, seen.size_px, shown),
        found_by.normalised(boxes),
        confidence,
        seen.size_px,
        defect_classes(options, count, said.names),
        takes.get("objectness"),
        label,
        takes.get("angle"),
        takes.get("masks") if protos is not None else None,
        protos if "masks" in takes else None,
        _how(export, takes, shown),
    )


def _written(export: Export, known: Columns) -> str:
    """How the corners of a box are written, where more than its values tells; "" else."""
    # what goes round its centre has no corners
    if export.options.columns or "angle" in known.places:
        return known.corners
    # boxes of a head without DFL may have negative sizes where there is nothing
    if export.said.tool == ULTRALYTICS and "classes" in known.places and export.said.task:
        return "xyxy" if export.said.end_to_end else "xywh"
    return ""


def _how(export: Export, takes: Mapping[str, Take], shown: str) -> str:
    """What makes probabilities of classes and objectness, which a head gives out alike."""
    parts = [takes[word] for word in ("classes", "score", "objectness") if word in takes]
    asked = export.options.activation
    return max(found_by.activation(gathered(export.seen, part), shown, asked) for part in parts)


def anchor_counts(size_px: tuple[int, int]) -> dict[int, int]:
    """How many candidates a picture of this size has, to how many there are for each place."""
    height, width = size_px
    counts: dict[int, int] = {}
    # the plainest head counts where two come to the same
    for each, strides in product(_ANCHORS, _STRIDES):
        places = sum(-(-height // stride) * -(-width // stride) for stride in strides)
        counts.setdefault(each * places, each)
    return counts


def _shape(export: Export, output: Output) -> _Shape | None:
    """How the list lies in it, if it is one; by metadata or options first, then by numbers."""
    seen, said, options = export
    core = output.shape[1:] if len(output.shape) > _LIST and output.shape[0] == 1 else output.shape
    core = core[1:] if len(core) > _LIST and core[0] == 1 else core
    if len(core) != _LIST or not output.is_real or (core[0] == 1 and not output.varies):
        return None
    first, second = core
    is_told = bool(options.columns) or said.task in TASKS or said.end_to_end or said.nms
    like_a_map = like_the_picture(core, seen.size_px)
    rows = _Shape(second, first, by_rows=True, anchors=0)
    if _is_left(seen, output, rows, said) and (is_told or not like_a_map):
        return rows
    counts = anchor_counts(seen.size_px)
    if min(core) >= _LEAST and not like_a_map:
        for places, width, by_rows in ((second, first, False), (first, second, True)):
            if places in counts and width < places:
                return _Shape(width, places, by_rows, counts[places])
    if not is_told or max(core) < _LEAST:
        return None
    # fewer columns than candidates, unless one of both is what the classes make
    made = _BOX + len(said.names)
    turned = (first < second and second != made) or first == made
    if turned and not output.varies:
        return _Shape(first, second, by_rows=False, anchors=0)
    return rows


def _is_left(seen: Seen, output: Output, shape: _Shape, said: Said) -> bool:
    """Rows of a box, a confidence and a class number: M x 6 and more, the surest first."""
    if shape.width < _END_TO_END or (shape.candidates > _LEFT_MAX and not output.varies):
        return False
    rows = gathered(seen, Take(output, 0, shape.width, by_rows=True))
    score, label = rows[4], rows[5]
    if not found_by.are_whole(label) or not ((score >= 0) & (score <= 1 + _SMOOTH)).all():
        return False
    # nothing sure enough was seen: only the file itself tells
    if not score.any():
        return said.nms or said.end_to_end or not rows.any()
    runs = [Take(output, 4, 5, by_rows=True).of(run[output.name])[0] for run in seen.runs]
    return all(bool((np.diff(one) <= _SMOOTH).all()) for one in runs)


def _refuse_keypoints(said: Said, output: Output) -> None:
    if said.keypoints:
        raise OtherKind(
            f"output {output}: the file says of itself that it tells where {said.keypoints} "
            "keypoints lie (kpt_shape), not whether a part is good; train a detection, "
            "classification or anomaly model instead"
        )


def _protos(seen: Seen, output: Output) -> Output | None:
    """The planes that masks are made of, beside a list of detections."""
    return next(
        (
            other
            for other in seen.outputs
            if other.name != output.name
            and other.is_real
            and other.planes > _LEAST
            and like_the_picture(other.shape[-2:], seen.size_px)
        ),
        None,
    )


def _columns(export: Export, output: Output, shape: _Shape, protos: Output | None) -> Columns:
    """What its columns are: as told, as its metadata has it, or as its shape."""
    seen, said, options = export
    masks = protos.planes if protos is not None else 0
    if options.columns:
        words, known = options.columns, columns(options.columns, shape.width, masks)
    elif shape.by_rows and _is_left(seen, output, shape, said):
        words = _left_words(export, output, shape, masks)
        known = columns(words, shape.width, masks)
    else:
        words = _dense_words(export, output, shape, masks) + ("+masks" if masks else "")
        known = columns(words, shape.width, masks)
    if known is None:
        raise OtherKind(_unfit(output, shape, said, words))
    return known


def _left_words(export: Export, output: Output, shape: _Shape, masks: int) -> str:
    """Of M x 6 and more: a box, a confidence, a class, and what a task adds."""
    if shape.width != _END_TO_END + 1 or masks:
        return "xyxy+score+class" + ("+masks" if masks else "")
    if _is_rotated(export, output):
        return "xywh+score+class+angle"
    raise OtherKind(
        f"output {output}: detections of 7 columns may have an angle or a number of the picture; "
        "say --columns xywh+score+class+angle or --columns batch+xyxy+class+score"
    )


def _dense_words(export: Export, output: Output, shape: _Shape, masks: int) -> str:
    """Of all candidates: with objectness or without, with an angle or without."""
    said = export.said
    askew = _is_rotated(export, output) and not masks
    angle = "+angle" if askew else ""
    left = shape.width - _BOX - masks - askew
    if said.names:
        with_objectness = left == len(said.names) + 1
        # an angle that no operator shows would be one column more
        if not with_objectness and left != len(said.names):
            raise OtherKind(_unfit(output, shape, said, "xywh+classes" + angle))
    elif shape.anchors != 1 or not shape.by_rows:
        with_objectness = shape.anchors != 1
    else:
        raise OtherKind(
            f"output {output}: a detector whose rows may hold objectness or not, and no names of "
            "classes in the file to tell; say --columns xywh+objectness+classes (YOLOX, YOLOv6) "
            "or --columns xywh+classes (YOLOv8 and later, turned round)"
        )
    return ("xywh+objectness+classes" if with_objectness else "xywh+classes") + angle


def _is_rotated(export: Export, output: Output) -> bool:
    if export.said.task:
        return export.said.task == "obb"
    return {"Cos", "Sin"} <= {node.op_type for node in export.seen.operators_before(output.name)}


def _unfit(output: Output, shape: _Shape, said: Said, words: str) -> str:
    names = f"{len(said.names)} classes" if said.names else "an unknown number of classes"
    hint = ""
    if said.names and shape.width - _BOX - len(said.names) > _LEAST:
        hint = ": keypoints or mask coefficients, perhaps"
    return (
        f"output {output}: a detector with {shape.width} columns for each of {shape.candidates} "
        f"candidates, which {words} of {names} does not make{hint}; say what they are: --columns "
        f"WORDS, as {EXAMPLES}"
    )
