"""A classifier's classes made into one score: how likely it is that any of the defects is there.

probabilities (softmax)   those of all defects together: 1 - p(good), not rounded away near 0
logits                    get their softmax, or the sigmoid that --activation asks for
each class for itself     the likeliest of the defects (sigmoid: several may be there)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import ClassesUnsaid, OtherKind
from gonogo.build.exports.classes import defect_classes, is_good, place_of, shown, told
from gonogo.build.exports.makers import maker
from gonogo.build.exports.pen import Pen
from gonogo.build.exports.seen import Output

if TYPE_CHECKING:
    from collections.abc import Mapping

    import onnx

    from gonogo.build.exports.options import Options
    from gonogo.build.exports.seen import Export, Seen

_ONE = 1e-3  # how far from 1 the probabilities of all classes may sum up
_ONES = {"Sigmoid", "HardSigmoid"}
_LINEAR = {"Gemm", "MatMul", "Conv", "Add", "LogSoftmax"}


class Classifier(NamedTuple):
    """`source` has a value for each class; `together`: they are shares of 1 once activated."""

    source: Output
    defects: tuple[int, ...]
    activation: str
    together: bool
    notes: tuple[str, ...] = ()

    @property
    def sources(self) -> set[str]:
        """Names of the outputs it is made of."""
        return {self.source.name}


def find_classifier(export: Export, output: Output) -> Classifier:
    """How its classes become a score; ClassesUnsaid, OtherKind with the option that tells."""
    seen, said, options = export
    how = _activation(seen, output, options)
    together = how == "softmax" or (not how and _sums_to_one(seen, output))
    defects = _defects(output, said.names, options)
    notes = []
    if how:
        notes.append(f"output {output} holds logits: {how} makes probabilities of them")
    if not together:
        counted = told(defects, said.names, output.classes)
        notes.append(
            f"output {output} tells each class for itself: the likeliest defect is the score; "
            f"{counted}"
        )
    return Classifier(output, defects, how, together, tuple(notes))


def write_classifier(model: onnx.ModelProto, found: Classifier) -> Output:
    """Nodes from classes to a score, 1 x 1."""
    pen = Pen(model, "classes")
    count = found.source.classes
    here = pen.shaped(pen.as_real(found.source.name), 1, count)
    if found.activation:
        axis = {"axis": 1} if found.activation == "softmax" else {}
        here = pen.add(found.activation.capitalize(), [here], **axis)
    if found.together:
        counted = np.zeros((count, 1), np.float32)
        counted[list(found.defects)] = 1
        return Output(pen.add("MatMul", [here, pen.real(counted)]), "float", (1, 1))
    chosen = pen.add("Gather", [here, pen.whole(*found.defects)], axis=1)
    return Output(pen.or_odd(pen.most(chosen, 1), here), "float", (1, 1))


def _sums_to_one(seen: Seen, output: Output) -> bool:
    # written so that a sum that is not a number is refused, too
    return all(
        abs(float(np.sum(v, dtype=np.float64)) - 1) <= _ONE for v in seen.values(output.name)
    )


def _activation(seen: Seen, output: Output, options: Options) -> str:
    """What makes probabilities of them, told by what made them, then by values."""
    if options.activation != "auto":
        return "" if options.activation == "none" else options.activation
    values = seen.flat(output.name)
    if not np.isfinite(values).all():
        raise OtherKind(f"output {output} holds no numbers on trial pictures (NaN or infinite)")
    inside = values.min() >= -_ONE and values.max() <= 1 + _ONE
    last = maker(seen, output.name)
    if inside and (_sums_to_one(seen, output) or last in _ONES):
        return ""
    if not inside or last in _LINEAR:
        return "softmax"
    raise OtherKind(
        f"output {output} does not hold probabilities: they sum up to "
        f"{float(np.sum(seen.values(output.name)[0])):.4g} on a trial picture, expected 1; say "
        "--activation softmax, --activation none when each class stands for itself, or export "
        "the model with its softmax"
    )


def _defects(output: Output, names: Mapping[int, str], options: Options) -> tuple[int, ...]:
    count = output.classes
    if len(names) not in {0, count}:
        # of another model, or of another output of it: no name can be trusted
        names = {}
    if options.defect_classes:
        return defect_classes(options, count, names)
    if options.good_class:
        good = place_of("--good-class", options.good_class, count, names)
    else:
        # guessed only where one name is plain: the wrong class would turn good into bad
        likely = [place for place, name in names.items() if is_good(name)]
        if len(likely) != 1:
            listed = shown(names) if names else "no names in the file"
            raise ClassesUnsaid(
                f"output {output} has values of {count} classes ({listed}); say which one is good: "
                "--good-class NAME or its number, counted from 0, or which ones are defects: "
                f"--defect-class NAME{_or_embedding(names)}"
            )
        good = likely[0]
    return tuple(place for place in range(count) if place != good)


def _or_embedding(names: Mapping[int, str]) -> str:
    return "" if names else "; when it is an embedding, another output must be the score"
