"""Scores that an export brings to 0..1 around a threshold, and cuts off there: undone.

anomalib's post-processor ends in

    clip((score - threshold) / (largest - smallest) + 0.5, 0, 1)

Whatever is far above the threshold is 1 then, and far below 0: such parts cannot be ranked
any more, and no limit can be drawn between them. What stands in front is the score itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from onnx import TensorProto, helper

from gonogo.build.exports.graph import constants, node, rename
from gonogo.engines.backends.model import SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import onnx
    from numpy.typing import NDArray

    from gonogo.build.exports.graph import Graph, Node

KEY = "gonogo.normalised"  # in the metadata: threshold and span, with a space between
_ENDS = {0.0, 1.0}
_MIDDLE = 0.5  # where the threshold comes to lie
Held = dict[str, "NDArray[Any]"]


class Normal(NamedTuple):
    """What an output was made of: clip((raw - threshold) / span + 0.5, 0, 1)."""

    output: str
    raw: str
    threshold: float
    span: float


def take_raw(graph: Graph) -> tuple[Normal, ...]:
    """Outputs that were normalised hold what stood in front of that; returns which."""
    makers = {name: one for one in graph.node for name in one.output}
    held = constants(graph)
    found = [
        normal
        for value in graph.output
        if value.type.tensor_type.elem_type == TensorProto.FLOAT
        and (normal := _normal(value.name, makers, held)) is not None
    ]
    for normal in found:
        # labels and masks go on reading the normalised one
        rename(graph, normal.output, f"normalised_{normal.output}")
        value = next(v for v in graph.output if v.name == f"normalised_{normal.output}")
        value.CopyFrom(helper.make_tensor_value_info(normal.output, TensorProto.FLOAT, None))
        graph.node.append(node("Identity", [normal.raw], normal.output))
    return tuple(found)


def note_down(model: onnx.ModelProto, found: tuple[Normal, ...]) -> None:
    """Say in the model's metadata how the export's own score follows from what it gives now."""
    first = next((one for one in found if one.output in SCORES), found[0] if found else None)
    if first is not None:
        entry = model.metadata_props.add()
        entry.key, entry.value = KEY, f"{first.threshold!r} {first.span!r}"


def as_exported(
    metadata: Mapping[str, str], scores: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Scores as the export itself would have given them; None where it did not normalise."""
    said = metadata.get(KEY)
    if said is None:
        return None
    threshold, span = (float(part) for part in said.split())
    return np.asarray(np.clip((scores - threshold) / span + _MIDDLE, 0, 1), np.float64)


def in_words(found: tuple[Normal, ...]) -> tuple[str, ...]:
    """For the maker: which outputs, and by which figures."""
    if not found:
        return ()
    names = " and ".join(f"'{one.output}'" for one in found)
    first = found[0]
    note = (
        f"{names} came normalised to 0..1 and cut off there (threshold {first.threshold:.6g}, "
        f"span {first.span:.6g}): what stands in front of that is taken, so that limits are in the "
        "model's own units"
    )
    return (note,)


def still_cut(graph: Graph) -> tuple[str, ...]:
    """A remark where a score is cut off at 0 and 1 in a way that is not undone here."""
    makers = {name: one for one in graph.node for name in one.output}
    held = constants(graph)
    names = {value.name for value in graph.output}
    found = next((name for name in SCORES if name in names), None)
    if found is None or _walk_cuts(found, makers, held)[1] != _ENDS:
        return ()
    note = (
        f"'{found}' is cut off at 0 and 1: parts that lie beyond cannot be told apart; export it "
        "without that (anomalib: model.post_processor.enable_normalization = False, then "
        "engine.export)"
    )
    return (note,)


def _walk_cuts(name: str, makers: Mapping[str, Node], held: Held) -> tuple[str, set[float]]:
    """The tensor in front of all that cuts `name` off, and at which values that is."""
    here, cuts = name, set[float]()
    while (step := makers.get(here)) is not None and _hands_on(step):
        here = step.input[0]
    while (step := makers.get(here)) is not None and (cut := _cut(step, held)):
        cuts |= cut
        here = next(one for one in step.input if one and one not in held)
    return here, cuts


def _normal(name: str, makers: Mapping[str, Node], held: Held) -> Normal | None:
    """Walk back over the cut, the 0.5, the span, and the threshold, in this order."""
    here, cuts = _walk_cuts(name, makers, held)
    middle = _constant(makers.get(here), "Add", held)
    if cuts != _ENDS or middle is None or middle[1] != _MIDDLE:
        return None
    scaled = makers.get(middle[0])
    span = _constant(scaled, "Div", held) or _constant(scaled, "Mul", held)
    if span is None or not span[1] > 0:
        return None
    less = _constant(makers.get(span[0]), "Sub", held)
    # a threshold of 0 may have been folded away
    raw, threshold = less or (span[0], 0.0)
    size = span[1] if scaled is not None and scaled.op_type == "Div" else 1 / span[1]
    return Normal(name, raw, threshold, size)


def _hands_on(step: Node) -> bool:
    return step.op_type in {"Identity", "Cast"} and bool(step.input)


def _cut(step: Node, held: Held) -> set[float]:
    """Between which constants a node cuts its input off; empty where it does not."""
    if step.op_type == "Clip" and len(step.input) > 1 and step.input[0] not in held:
        return {float(held[one].reshape(-1)[0]) for one in step.input[1:] if _single(one, held)}
    if step.op_type in {"Min", "Max"} and len(step.input) == 2:  # noqa: PLR2004 - a tensor, a bound
        return {float(held[one].reshape(-1)[0]) for one in step.input if _single(one, held)}
    return set()


def _constant(step: Node | None, op: str, held: Held) -> tuple[str, float] | None:
    """The tensor that a node combines with one constant number, and that number."""
    if step is None or step.op_type != op:
        return None
    numbers = [one for one in step.input if _single(one, held)]
    tensors = [one for one in step.input if one not in held]
    # the constant behind: c - x and c / x are another thing
    if len(numbers) != 1 or len(tensors) != 1:
        return None
    if op in {"Sub", "Div"} and step.input[0] != tensors[0]:
        return None
    return str(tensors[0]), float(held[numbers[0]].reshape(-1)[0])


def _single(name: str, held: Held) -> bool:
    return name in held and held[name].size == 1
