"""Detections whose boxes, confidences and classes are outputs of their own.

    boxes N x 4, scores N, labels N               torchvision, after its own NMS: N varies
    detection_boxes, _scores, _classes            TensorFlow: y before x, in shares of the picture
    dets N x 5, labels N                          MMDeploy: corners and a confidence
    boxes N x 4, scores N x classes               SSD before NMS
    pred_boxes N x 4, logits N x classes          DETR and its kin: centres, in shares

Told by shapes and values first: exporters leave names out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import OtherKind
from gonogo.build.exports import detection as found_by
from gonogo.build.exports.classes import defect_classes, is_nothing
from gonogo.build.exports.detection import Detection, Take, gathered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.build.exports.metadata import Said
    from gonogo.build.exports.options import Options
    from gonogo.build.exports.seen import Export, Output, Seen

_BOX, _SCORED_BOX = 4, 5
_SEVERAL = 2
_TABLE = 2  # axes of candidates and columns
_BOXES = re.compile(r"box|bbox|dets", re.IGNORECASE)
_LABELS = re.compile(r"label|class|cls", re.IGNORECASE)
_SCORES = re.compile(r"score|conf|prob", re.IGNORECASE)
_LOGITS = re.compile(r"logit", re.IGNORECASE)
_KEYPOINTS = re.compile(r"key_?points?|kpts?|landmark", re.IGNORECASE)
_TENSORFLOW = re.compile(r"^detection_boxes|^StatefulPartitionedCall|^tf2onnx", re.IGNORECASE)


class _List(NamedTuple):
    """An output that has something for each candidate: how many in each run, and columns."""

    output: Output
    counts: tuple[int, ...]
    width: int
    by_rows: bool

    def take(self, start: int = 0, stop: int | None = None) -> Take:
        """Some of its columns."""
        return Take(self.output, start, self.width if stop is None else stop, self.by_rows)


def find_pieces(export: Export) -> Detection | None:
    """The detections that several outputs hold together; None where there are none."""
    seen = export.seen
    lists = [found for output in seen.outputs if (found := _list(seen, output))]
    boxes = _boxes(seen, lists)
    if boxes is None:
        return None
    beside = [one for one in lists if one.output != boxes.output and _goes_with(one, boxes)]
    points = next((o for o in seen.outputs if _KEYPOINTS.search(o.name)), None)
    if points is not None:
        raise OtherKind(
            f"output {points} beside boxes: the model tells where keypoints lie, not whether a "
            "part is good; train a detection, classification or anomaly model instead"
        )
    label = _label(seen, beside)
    confidence = _confidence(boxes, [one for one in beside if one is not label])
    if confidence is None:
        return None
    return _made(export, boxes, _turned(confidence, boxes), label)


def _list(seen: Seen, output: Output) -> _List | None:
    shapes = [tuple(value.shape) for value in seen.values(output.name)]
    # the batch; a list that varies and has one entry once is no batch
    while len(shapes[0]) > 1 and all(shape[0] == 1 for shape in shapes):
        if len(shapes[0]) == _TABLE and output.varies and shapes[0][1] in {_BOX, _SCORED_BOX}:
            break
        shapes = [shape[1:] for shape in shapes]
    if len(shapes[0]) == 1:
        return _List(output, tuple(shape[0] for shape in shapes), 1, by_rows=False)
    if len(shapes[0]) != _TABLE:
        return None
    return _List(output, tuple(shape[0] for shape in shapes), shapes[0][1], by_rows=True)


def _boxes(seen: Seen, lists: list[_List]) -> _List | None:
    """N x 4, or N x 5 with the confidence; by name, then by values where there are several."""
    may_be = [
        one
        for one in lists
        if one.output.is_real and one.by_rows and one.width in {_BOX, _SCORED_BOX}
    ]
    named = [one for one in may_be if _BOXES.search(one.output.name)]
    if named or len(may_be) < _SEVERAL:
        return next(iter((*named, *may_be)), None)
    # classes may be as many as corners: only what no share can be is told from them
    sure = [one for one in may_be if not found_by.normalised(gathered(seen, one.take(0, _BOX)))]
    if len(sure) == 1:
        return sure[0]
    named_so = ", ".join(str(one.output) for one in may_be)
    raise OtherKind(
        f"outputs {named_so} may each be boxes or confidences of a detector; export it with names "
        "(output_names=['boxes', 'scores', 'labels'])"
    )


def _goes_with(one: _List, boxes: _List) -> bool:
    """Something for each box, a row or a column."""
    return one.counts == boxes.counts or {one.width} == set(boxes.counts)


def _label(seen: Seen, lists: list[_List]) -> _List | None:
    """Class numbers: whole, one for each box."""
    flat = [one for one in lists if one.width == 1]
    whole = [one for one in flat if found_by.are_whole(gathered(seen, one.take()))]
    by_type = [one for one in whole if not one.output.is_real]
    named = [one for one in whole if _LABELS.search(one.output.name)]
    return next(iter((*by_type, *named)), None)


def _confidence(boxes: _List, lists: list[_List]) -> _List | None:
    real = [one for one in lists if one.output.is_real]
    if boxes.width == _SCORED_BOX:
        return boxes
    for names in (_SCORES, _LOGITS, re.compile("")):
        named = [one for one in real if names.search(one.output.name)]
        if named:
            return named[0]
    return None


def _turned(confidence: _List, boxes: _List) -> _List:
    """Classes x candidates, as NMS takes them, read by columns."""
    if confidence.by_rows and confidence.counts != boxes.counts:
        return confidence._replace(by_rows=False, width=confidence.counts[0], counts=boxes.counts)
    return confidence


def _made(export: Export, boxes: _List, confidence: _List, label: _List | None) -> Detection:
    seen, said, options = export
    shown = f"outputs {boxes.output} and {confidence.output}"
    scored = boxes.width == _SCORED_BOX
    take = boxes.take(_BOX) if scored else confidence.take()
    values = gathered(seen, take)
    logits = _LOGITS.search(confidence.output.name) is not None
    how, nothing = _activation(export, values, shown, logits=logits)
    places = gathered(seen, boxes.take(0, _BOX))
    # a head of its own for each class has no numbers of classes
    numbered = label is not None and take.stop - take.start == 1
    count = 0 if numbered else len(values)
    return Detection(
        boxes.take(0, _BOX),
        found_by.corners(places, seen.size_px, shown, _written(seen, boxes, places, options)),
        found_by.normalised(places) or (not places.size and _is_tensorflow(seen, boxes)),
        take,
        seen.size_px,
        # one column without numbers: nothing to choose from
        () if count == 1 else defect_classes(options, count, said.names, nothing),
        label=label.take() if label is not None and numbered else None,
        activation=how,
    )


def _written(seen: Seen, boxes: _List, places: NDArray[np.float64], options: Options) -> str:
    """How corners are written, where something tells; "": by their values."""
    if options.columns:
        return options.columns
    if _is_tensorflow(seen, boxes):
        return "yxyx"
    # heads that ask with a fixed number of queries give centres
    is_query = _LOGITS.search(" ".join(o.name for o in seen.outputs)) is not None
    return "xywh" if is_query and found_by.normalised(places) else ""


def _is_tensorflow(seen: Seen, boxes: _List) -> bool:
    made_by = f"{seen.model.producer_name}"
    return any(_TENSORFLOW.search(name) for name in (boxes.output.name, made_by))


def _activation(
    export: Export, values: NDArray[np.float64], shown: str, *, logits: bool
) -> tuple[str, tuple[int, ...]]:
    """What makes probabilities of them, and the class that stands for nothing."""
    said, asked = export.said, export.options.activation
    count = len(values)
    if asked != "auto":
        how: str = "" if asked == "none" else asked
        return how, (_nothing(count, said, logits=logits) if how == "softmax" else ())
    if count == 1:
        return found_by.activation(values, shown, "auto"), ()
    if found_by.are_probabilities(values):
        return "", _nothing(count, said, logits=logits)
    how = found_by.activation(values, shown, "auto", all_of_them=False)
    if not how or len(said.names) == count:
        return how, ()
    # one more than there are classes: what DETR says where there is nothing
    if len(said.names) == count - 1:
        return "softmax", (count - 1,)
    raise OtherKind(
        f"{shown}: {count} logits for each box; they become probabilities by softmax, the last or "
        "first class meaning nothing (DETR, SSD), or by sigmoid, each class for itself (RT-DETR, "
        "Deformable DETR, RetinaNet), and nothing in the file tells; say --activation softmax or "
        "--activation sigmoid"
    )


def _nothing(count: int, said: Said, *, logits: bool) -> tuple[int, ...]:
    """Of classes that together make 1: the one for no object, by its name, else by custom."""
    named = tuple(place for place, name in said.names.items() if is_nothing(name))
    if named or len(said.names) == count:
        return named
    # DETR has it last, SSD first
    return (count - 1,) if logits else (0,)
