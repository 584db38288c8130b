"""Detections of an export: where boxes, confidences and classes stand, and checked by values.

Nothing here is believed by its name: corners must lie in order, confidences between 0 and 1,
class numbers must be whole. So no column of coordinates is ever taken for a score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.base.errors import OtherKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.build.exports.seen import Output, Seen

NORMALISED_MAX = 2.0  # corners up to here are shares of the picture; a box may reach beyond it
IN_ORDER = 0.999  # of all boxes: corners that are corners are in order but for rounding
MOSTLY = 0.9
_BELOW, _ABOVE = -1e-4, 1 + 1e-4  # confidences may be rounded
_LOGITS_MAX = 60.0  # beyond it sigmoid is 1 in float32 several times over: no head learns that
_TOGETHER = 1e-2  # how far from 1 the probabilities of all classes may sum up


class Take(NamedTuple):
    """Columns `start` .. `stop` of an output, a row for each candidate or a column for each."""

    source: Output
    start: int
    stop: int
    by_rows: bool

    def of(self, value: NDArray[Any]) -> NDArray[np.float64]:
        """(columns, candidates)."""
        flat = value.reshape(value.shape[-2:]) if value.ndim > 1 else value[None]
        return np.asarray((flat.T if self.by_rows else flat)[self.start : self.stop], np.float64)


class Detection(NamedTuple):
    """A list of candidates, each with a box and a confidence.

    `corners`: xyxy, xywh (of the centre) or yxyx; `normalised`: shares of the picture, else its
    px. `confidence`: a column for each class, or one beside a `label`. `activation`: what
    makes probabilities of it: "", sigmoid or softmax. `defects`: numbers of the classes that
    count; empty: all. `masks` with `protos`: coefficients of the planes that make up masks.
    """

    box: Take
    corners: str
    normalised: bool
    confidence: Take
    size_px: tuple[int, int]
    defects: tuple[int, ...] = ()
    objectness: Take | None = None
    label: Take | None = None
    angle: Take | None = None
    masks: Take | None = None
    protos: Output | None = None
    activation: str = ""

    @property
    def sources(self) -> set[str]:
        """Names of the outputs it is made of."""
        takes = (self.box, self.confidence, self.objectness, self.label, self.angle, self.masks)
        outputs = [take.source for take in takes if take is not None] + [self.protos]
        return {output.name for output in outputs if output is not None}

    @property
    def varies(self) -> bool:
        """Whether the number of candidates is not always the same."""
        return self.box.source.varies or self.confidence.source.varies


def gathered(seen: Seen, take: Take) -> NDArray[np.float64]:
    """(columns, candidates of all trial runs)."""
    found = [take.of(value) for value in seen.values(take.source.name)]
    return np.concatenate(found, axis=1)


def best(seen: Seen, detection: Detection) -> list[float]:
    """The highest confidence in each trial run, of whichever class; 0 where nothing is."""
    take, most = detection.confidence, []
    for run in seen.runs:
        values = activated(take.of(run[take.source.name]), detection.activation)
        if detection.objectness is not None:
            found = detection.objectness.of(run[take.source.name])
            values = values * activated(found, detection.activation)
        most.append(float(values.max(initial=0.0)))
    return most


def activated(values: NDArray[np.float64], how: str) -> NDArray[np.float64]:
    """Probabilities of what a head gives out, over the first axis."""
    if how == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-values)), np.float64)
    if how == "softmax":
        raised = np.exp(values - values.max(axis=0, initial=-np.inf))
        return np.asarray(raised / raised.sum(axis=0), np.float64)
    return values


def activation(
    values: NDArray[np.float64], shown: str, asked: str, *, all_of_them: bool = True
) -> str:
    """What makes probabilities of confidences, (classes, candidates): "", sigmoid or softmax.

    `all_of_them`: every class for itself, of every candidate: nearly everywhere there is none.
    OtherKind when they can be no confidences at all.
    """
    if asked != "auto":
        return "" if asked == "none" else asked
    if not np.isfinite(values).all():
        raise OtherKind(f"{shown}: confidences that are no numbers; export the model in float32")
    if _are_shares(values):
        _refuse_numbers(values, shown)
        return ""
    odd = [row for row in range(len(values)) if not _are_shares(values[row])]
    typical = np.median(values[odd], axis=1) if all_of_them else values[odd].min(axis=1)
    # a head of logits is one throughout
    if len(odd) < len(values) or not (typical < 0).all() or abs(values).max() > _LOGITS_MAX:
        low, high = values.min(), values.max()
        raise OtherKind(
            f"{shown}: {len(odd)} of {len(values)} columns that should be confidences lie outside "
            f"0 .. 1 ({low:.4g} .. {high:.4g}): coordinates, keypoints, angles or mask "
            "coefficients; say what each column is: --columns WORDS"
        )
    return "sigmoid"


def _refuse_numbers(values: NDArray[np.float64], shown: str) -> None:
    """Confidences that are 0 or 1 and nothing between: numbers of two classes."""
    numbers = [one for one in values if are_whole(one) and one.max(initial=0) > one.min(initial=1)]
    if numbers:
        raise OtherKind(
            f"{shown}: a column that should be confidences holds 0 and 1 alone, as numbers of "
            "classes do; say what each column is: --columns WORDS"
        )


def _are_shares(values: NDArray[np.float64]) -> bool:
    return bool(((values >= _BELOW) & (values <= _ABOVE)).all())


def are_probabilities(values: NDArray[np.float64]) -> bool:
    """Whether they lie in 0..1 and those of all classes, the first axis, sum up to 1."""
    together = values.sum(axis=0)
    return _are_shares(values) and bool((abs(together - 1) <= _TOGETHER).all()) and values.size > 0


def are_whole(values: NDArray[np.float64]) -> bool:
    """Whether they can be numbers of classes."""
    return bool((values >= 0).all() and (values == np.round(values)).all())


def corners(boxes: NDArray[np.float64], size_px: Sequence[int], shown: str, given: str = "") -> str:
    """How corners are written, by the values of (4, candidates); OtherKind when they are none."""
    height, width = (1.0, 1.0) if normalised(boxes) else (float(size_px[0]), float(size_px[1]))
    # padding of a list that is not full
    boxes = boxes[:, boxes.any(axis=0)]
    if boxes.size == 0:
        return given or "xyxy"
    ordered = float(((boxes[2] >= boxes[0]) & (boxes[3] >= boxes[1])).mean())
    if given in {"xyxy", "yxyx"} or (not given and ordered >= IN_ORDER):
        found, share = given or "xyxy", ordered
    else:
        inside = (abs(boxes[0] / width - 0.5) <= 1) & (abs(boxes[1] / height - 0.5) <= 1)
        found, share = "xywh", float((inside & (boxes[2] >= 0) & (boxes[3] >= 0)).mean())
    if not share >= MOSTLY:
        raise OtherKind(
            f"{shown}: boxes are not decoded: {1 - share:.0%} of them have negative sizes or lie "
            f"outside the {size_px[1]}x{size_px[0]} px picture; export the model with its decoding "
            "of boxes (Ultralytics: model.export(format='onnx'); YOLOX: --decode_in_inference), or "
            "say how they are written, as --columns xywh+classes"
        )
    return found


def normalised(boxes: NDArray[np.float64]) -> bool:
    """Whether (4, candidates) are shares of the picture; of none at all: px are assumed."""
    return bool(boxes.size) and bool(abs(boxes).max() <= NORMALISED_MAX)
