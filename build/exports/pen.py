"""Writes nodes at the end of a graph: each gets a name of its own, and gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto

from gonogo.build.exports.graph import hold, node

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx
    from numpy.typing import NDArray


_AXES_AS_INPUT = 18  # from this operator set on reductions take their axes as an input


def opset_of(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that it is written in."""
    return max(
        int(entry.version) for entry in model.opset_import if entry.domain in {"", "ai.onnx"}
    )


class Pen:
    """`topic` stands in front of every name that it makes."""

    def __init__(self, model: onnx.ModelProto, topic: str) -> None:
        self._graph = model.graph
        self._opset = opset_of(model)
        self._topic = topic
        self._count = 0

    def add(self, op: str, inputs: Sequence[str], **settings: Any) -> str:  # noqa: ANN401 - ONNX attributes
        """One node; returns the name of its output."""
        name = self._name(op)
        self._graph.node.append(node(op, inputs, name, **settings))
        return name

    def top(self, values: str, count: int) -> tuple[str, str]:
        """The `count` largest of 1 x N, from the largest on, 1 x count, and where they stand."""
        name = self._name("TopK")
        made = node("TopK", [values, self.whole(count)], name, axis=-1)
        made.output.append(f"{name}_places")
        self._graph.node.append(made)
        return name, f"{name}_places"

    def real(self, values: NDArray[Any] | Sequence[float] | float) -> str:
        """A constant of float32."""
        return hold(self._graph, self._name("real"), np.asarray(values, np.float32))

    def whole(self, *values: int) -> str:
        """A constant row of int64."""
        return hold(self._graph, self._name("whole"), np.asarray(values, np.int64))

    def as_real(self, name: str) -> str:
        """The same as float32."""
        return self.add("Cast", [name], to=TensorProto.FLOAT)

    def cut(self, name: str, start: int, stop: int, axis: int = 0) -> str:
        """Entries start .. stop of an axis."""
        bounds = [self.whole(start), self.whole(stop), self.whole(axis)]
        return self.add("Slice", [name, *bounds])

    def most(self, name: str, axis: int) -> str:
        """The largest along an axis, which stays with the size of 1."""
        if self._opset < _AXES_AS_INPUT:
            return self.add("ReduceMax", [name], axes=[axis], keepdims=1)
        return self.add("ReduceMax", [name, self.whole(axis)], keepdims=1)

    def or_odd(self, score: str, values: str) -> str:
        """The score, or what is not a number where any of `values` is not.

        A maximum drops it or not, as it happens to stand; a sum hands it on.
        """
        total = self.add("ReduceSum", [values], keepdims=0)
        return self.add("Add", [score, self.add("Mul", [total, self.real(0.0)])])

    def shaped(self, name: str, *sizes: int) -> str:
        """In another shape; -1 for what follows."""
        return self.add("Reshape", [name, self.whole(*sizes)])

    def _name(self, what: str) -> str:
        self._count += 1
        return f"{self._topic}_{what.lower()}_{self._count}"
