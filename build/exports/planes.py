"""Segmentation: one plane for each class, made into a score and a map.

    softmax over planes    one of them is the background: by its name, else the first
    sigmoid of each        every plane is a defect, but one that is called background
    logits                 get their softmax or sigmoid first
    classes by argmax      what stands in front of it is taken: labels cannot be ranked

The map is the largest of the defects' probabilities in each place. The score is the highest
mean of 3 x 3 neighbours in it: one hot pixel is no defect.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import ClassesUnsaid, OtherKind
from gonogo.build.exports.classes import defect_classes, is_good, is_nothing, shown, told
from gonogo.build.exports.makers import maker
from gonogo.build.exports.pen import Pen
from gonogo.build.exports.seen import Output

if TYPE_CHECKING:
    from collections.abc import Mapping

    import onnx
    from numpy.typing import NDArray

    from gonogo.build.exports.options import Options
    from gonogo.build.exports.seen import Export, Seen

_NEAR = 3  # cells on a side of the square whose mean counts
_TOGETHER = 1e-2
_COLOURS = 3
# names that segmentations give their planes: "out" is torchvision's
_OF_CLASSES = re.compile(r"^out$|logit|seg|mask|class", re.IGNORECASE)
_CLASSES_MAX = 32  # of planes that nobody named


class Segmentation(NamedTuple):
    """`source` with a plane for each class; `activation`: "", sigmoid or softmax."""

    source: Output
    defects: tuple[int, ...]
    activation: str
    notes: tuple[str, ...]

    @property
    def sources(self) -> set[str]:
        """Names of the outputs it is made of."""
        return {self.source.name}


def find_segmentation(export: Export, output: Output) -> Segmentation | None:
    """What the planes of an output are; None: a map of one plane that is no probability.

    OtherKind where it may be something else, ClassesUnsaid where a plane may mean good.
    """
    seen, said, options = export
    values = np.concatenate([_planes(one) for one in seen.values(output.name)], axis=1)
    how = _activation(seen, output, values, options)
    if how is None:
        return None
    if not said.names and not _is_told(options):
        _refuse_many(output)
        _refuse_picture(seen, output)
    together = how == "softmax" or (not how and _are_shared(values))
    nothing = _background(output, said.names, options) if together else ()
    defects = (
        (0,) if output.planes == 1 else defect_classes(options, output.planes, said.names, nothing)
    )
    made = Segmentation(output, defects, how, ())
    return made._replace(notes=_notes(made, nothing, said.names))


def are_shared(seen: Seen, output: Output) -> bool:
    """Whether its planes are shares of 1 in each place, as softmax makes them."""
    return output.planes > 1 and all(_are_shared(_planes(v)) for v in seen.values(output.name))


def write_segmentation(model: onnx.ModelProto, found: Segmentation) -> tuple[Output, Output]:
    """Nodes from planes to score, 1 x 1, and map, 1 x 1 x rows x columns."""
    pen = Pen(model, "planes")
    source = found.source
    rows, columns = source.shape[-2:]
    here = source.name if source.dtype == "float" else pen.as_real(source.name)
    here = pen.shaped(here, 1, source.planes, rows, columns)
    if found.activation:
        axis = {"axis": 1} if found.activation == "softmax" else {}
        here = pen.add(found.activation.capitalize(), [here], **axis)
    given = here
    if 0 < len(found.defects) < source.planes:
        here = pen.add("Gather", [here, pen.whole(*found.defects)], axis=1)
    if source.planes > 1 and len(found.defects) != 1:
        here = pen.most(here, 1)
    square = {"kernel_shape": [_NEAR] * 2, "strides": [1, 1], "pads": [_NEAR // 2] * 4}
    mean = pen.add("AveragePool", [here], count_include_pad=0, **square)
    score = pen.or_odd(pen.shaped(pen.add("GlobalMaxPool", [mean]), 1, 1), given)
    shape = (1, 1, rows, columns)
    return Output(score, "float", (1, 1)), Output(here, "float", shape)


def _planes(value: NDArray[np.generic]) -> NDArray[np.float64]:
    """(planes, places)."""
    stack = value if value.ndim == len("NCHW") else value[None]
    return np.asarray(stack[0].reshape(stack.shape[1], -1), np.float64)


def _activation(
    seen: Seen, output: Output, values: NDArray[np.float64], options: Options
) -> str | None:
    """What makes probabilities of them; None: one plane of something that is none."""
    if options.activation != "auto":
        return "" if options.activation == "none" else options.activation
    inside = values.min() >= -_TOGETHER and values.max() <= 1 + _TOGETHER
    last = maker(seen, output.name)
    if output.planes == 1:
        # an anomaly map may lie in 0..1 as well: only what makes it tells
        if last == "Sigmoid" and inside:
            return ""
        return "sigmoid" if last == "Conv" and values.min() < 0 else None
    if inside and (_are_shared(values) or last in {"Sigmoid", "Softmax", "HardSigmoid"}):
        return ""
    if not inside and values.min() < 0:
        return "softmax"
    raise OtherKind(
        f"output {output}: {output.planes} planes, {values.min():.4g} .. {values.max():.4g} on "
        "trial pictures, are neither probabilities nor plainly logits: features, a picture, "
        "distances?; say --activation none, sigmoid or softmax when they are classes, or export "
        "the model's score and map"
    )


def _are_shared(values: NDArray[np.float64]) -> bool:
    """Whether those of one place sum up to 1."""
    return len(values) > 1 and bool((abs(values.sum(axis=0) - 1) <= _TOGETHER).all())


def _is_told(options: Options) -> bool:
    """Whether somebody said that the planes are classes."""
    return options.activation != "auto" or bool(options.defect_classes or options.good_class)


def _refuse_many(output: Output) -> None:
    """More planes than a segmentation without names has classes."""
    if output.planes > _CLASSES_MAX:
        raise OtherKind(
            f"output {output}: {output.planes} planes without names are features, or a detector's "
            "head that is not decoded, more likely than classes; when they are classes say which "
            "are defects: --defect-class NUMBER, which may be given again"
        )


def _refuse_picture(seen: Seen, output: Output) -> None:
    """As many planes as a picture has, at its size, and nothing that says they are classes."""
    is_named = _OF_CLASSES.search(output.name) is not None
    is_one = output.planes == _COLOURS and output.shape[-2:] == seen.size_px
    if is_one and not is_named and maker(seen, output.name) != "Softmax":
        raise OtherKind(
            f"output {output}: three planes at the picture's own size are a picture made anew (an "
            "autoencoder) or three classes, and nothing in the file tells; for classes say "
            "--defect-class NUMBER; an autoencoder wants its difference from the picture in the "
            "export, as a score or a map"
        )


def _background(output: Output, names: Mapping[int, str], options: Options) -> tuple[int, ...]:
    """The plane of what is no defect: by its name, else the first, unless that has a name."""
    named = tuple(place for place, name in names.items() if is_nothing(name))
    first = names.get(0, "0")
    if named or options.defect_classes or options.good_class or is_good(first):
        return named
    # where nobody named them Ultralytics writes the numbers
    if first != "0":
        raise ClassesUnsaid(
            f"output {output} shares each place out among {shown(names)}, and none of them is "
            "called background; say which are defects: --defect-class NAME_OR_NUMBER, which may be "
            "given again, or --good-class for the one that is none"
        )
    return (0,)


def _notes(
    found: Segmentation, nothing: tuple[int, ...], names: Mapping[int, str]
) -> tuple[str, ...]:
    """What was made of it, for who built it."""
    output, planes = found.source, found.source.planes
    how = f", made probabilities by {found.activation}" if found.activation else ""
    mean = f"the score is the highest mean of {_NEAR}x{_NEAR} cells"
    if planes == 1:
        return (f"output {output} is a segmentation of one class{how}; {mean}",)
    left = [place for place in nothing if place not in found.defects]
    why = "by its name" if any(is_nothing(names.get(k, "")) for k in left) else "by custom"
    without = f"; plane {left[0]} is the background, {why}" if left else ""
    classes = told(found.defects, names, planes)
    return (
        f"output {output} is a segmentation of {planes} classes ({shown(names, planes)}){how}",
        f"{classes}{without}; {mean} of their largest plane",
    )
