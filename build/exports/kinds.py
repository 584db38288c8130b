"""What an export seems to be that judges no parts, and what would make it usable.

Told by names of outputs, by types and by shapes; the message says by which.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import OtherKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.build.exports.seen import Output, Seen

_WORDS_MIN = 1000  # columns of a vocabulary
_PYRAMID_MIN = 2  # levels of a head
_UNIT = 1e-3
_SHOWN_MAX = 10
_PLAIN_TASK = "train a detection, segmentation, classification or anomaly model instead"


class _Kind(NamedTuple):
    """Names of outputs that tell it, what it is, and what to do."""

    names: re.Pattern[str]
    what: str
    instead: str


_KINDS = (
    _Kind(
        re.compile(r"depth|disparity|stereo|surface_normal", re.IGNORECASE),
        "a model of depth",
        f"it tells how far things are, not whether a part is good; {_PLAIN_TASK}",
    ),
    _Kind(
        re.compile(r"key_?points?|kpts?$|landmark|simcc|heat_?map", re.IGNORECASE),
        "a model of keypoints",
        f"it tells where points lie, not whether a part is good; {_PLAIN_TASK}",
    ),
    _Kind(
        re.compile(r"flow", re.IGNORECASE),
        "a model of motion between pictures",
        _PLAIN_TASK,
    ),
    _Kind(
        re.compile(
            r"last_hidden_state|pooler|hidden_states|image_embeds|embed|features?$", re.IGNORECASE
        ),
        "features or an embedding",
        "they tell no good part from a bad one by themselves; `gonogo teach` makes an engine from "
        "good parts, or export the whole model with its head",
    ),
    _Kind(
        re.compile(r"tokens?$|sequences|caption|text|input_ids", re.IGNORECASE),
        "a model of text",
        _PLAIN_TASK,
    ),
)
_TASKS = {
    "pose": "where keypoints lie",
    "depth": "how far things are",
    "track": "what moved where",
    "caption": "what a picture shows in words",
}
_SAY = (
    "say which one is: --score NAME for one number, --map NAME for a map, --score NAME "
    "--good-class CLASS for probabilities of classes, --columns WORDS for a list of detections"
)
_HEAD = (
    (
        "it seems to be a detector's head that is not decoded, for its outputs are planes of "
        "several grids: "
    ),
    (
        "export the model with its decoding (Ultralytics: model.export(format='onnx'); YOLOv5: "
        "export.py; YOLOX: --decode_in_inference), as one list of boxes and confidences"
    ),
)
_LABELS = (
    "all of them are labels or numbers of classes, which cannot be ranked: ",
    "export what stands in front of the argmax or the threshold, probabilities or logits",
)


def refuse_task(task: str) -> None:
    """OtherKind for what the file itself says to be another kind."""
    what = _TASKS.get(task)
    if what:
        raise OtherKind(
            f"the file says of itself that it is a {task} model (task={task}): it tells {what}, "
            f"not whether a part is good; {_PLAIN_TASK}"
        )


def unmapped(seen: Seen) -> str:
    """The message for outputs of which none is a score or a map."""
    outputs = seen.outputs
    what, instead = _seems(seen)
    there = ", ".join(map(str, outputs[:_SHOWN_MAX]))
    more = f" and {len(outputs) - _SHOWN_MAX} more" if len(outputs) > _SHOWN_MAX else ""
    return f"no output is known as a score or a map: {there}{more}; {what}{instead}"


def seems_other(seen: Seen, output: Output) -> str:
    """Why an output that could be read as a score or a map by its shape is none; "" if nothing."""
    kind = next((one for one in _KINDS if one.names.search(output.name)), None)
    if kind is not None:
        return f"output {output} seems to be {kind.what}, by its name: {kind.instead}"
    if output.classes and _is_of_length_one(seen, output):
        return (
            f"output {output} seems to be an embedding, for its length is 1 on every picture: it "
            "tells no good part from a bad one by itself; `gonogo teach` makes an engine from good "
            "parts, or export the whole model with its head"
        )
    return ""


def _is_of_length_one(seen: Seen, output: Output) -> bool:
    """Normalised to it, with values of both signs: no probabilities."""
    found = [np.ravel(value).astype(np.float64) for value in seen.values(output.name)]
    return all(abs(np.linalg.norm(v) - 1) <= _UNIT and v.min() < 0 for v in found)


def _seems(seen: Seen) -> tuple[str, str]:
    outputs = seen.outputs
    for output in outputs:
        why = seems_other(seen, output)
        if why:
            return why, ""
    if _is_pyramid(outputs):
        return _HEAD
    if any(not output.is_real for output in outputs) and not any(o.is_real for o in outputs):
        return _LABELS
    wide = next((o for o in outputs if len(o.shape) == 3 and o.shape[-1] >= _WORDS_MIN), None)  # noqa: PLR2004 - 1 x words x vocabulary
    if wide is not None:
        return f"output {wide} seems to be text, for it has a vocabulary's width: ", _PLAIN_TASK
    return "", _SAY


def _is_pyramid(outputs: Sequence[Output]) -> bool:
    """Planes of several grids, each twice as fine as the next."""
    grids = {o.shape[-2:] for o in outputs if o.is_real and len(o.shape) == 4}  # noqa: PLR2004 - planes
    grids |= {o.shape[2:4] for o in outputs if o.is_real and len(o.shape) == 5}  # noqa: PLR2004 - with anchors
    fine = sorted(grids)
    halves = [a[0] * 2 in {b[0], b[0] + 1, b[0] - 1} for a, b in pairwise(fine)]
    return len(fine) >= _PYRAMID_MIN and all(halves)
