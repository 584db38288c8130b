"""Runs of an export before anything is built of it: what it gives out, and what it cannot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import onnxruntime as ort

from gonogo.build.exports.seen import Output

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

_SAYS_MAX = 240  # characters of what a library says
_PREFIX = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : |Load model from \S+ failed:\s*")
_SEED = 20  # pictures are the same in every run


class Ran(NamedTuple):
    """What a model gave out for one input: by name, and as outputs in their order."""

    values: dict[str, NDArray[Any]]
    outputs: list[Output]


class Runner:
    """An opened model, one thread, no word of the library on the terminal.

    Raises whatever the library raises where it does not take the model: `said` makes one line
    of it. `plain`: computed node by node, as it stands.
    """

    def __init__(self, model: onnx.ModelProto, *, plain: bool = False) -> None:
        settings = ort.SessionOptions()
        settings.log_severity_level = 4  # the message comes with the error
        settings.intra_op_num_threads = 1
        if plain:
            settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._session = ort.InferenceSession(
            model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
        )

    def run(self, image: NDArray[Any] | None) -> Ran:
        """Of one input; None for a graph that has none."""
        feed = {} if image is None else {self._session.get_inputs()[0].name: image}
        quiet = ort.RunOptions()
        quiet.log_severity_level = 4
        values = self._session.run(None, feed, quiet)
        made = self._session.get_outputs()
        return Ran(
            {one.name: value for one, value in zip(made, values, strict=True)},
            [
                Output(one.name, one.type.removeprefix("tensor(").rstrip(")"), np.shape(value))
                for one, value in zip(made, values, strict=True)
            ],
        )


def said(error: Exception) -> str:
    """The first line of what a library says, without its own words around it."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return _PREFIX.sub("", lines[0])[:_SAYS_MAX]


def pictures(shape: tuple[int, ...]) -> list[NDArray[np.float32]]:
    """Two pictures in 0..1 (1, planes, height, width): a soft one, and one of noise."""
    _, planes, height, width = shape
    rng = np.random.default_rng(_SEED)
    rows, columns = np.mgrid[0:height, 0:width]
    slopes = rng.uniform(0.5, 3, (planes, 2))
    soft = np.array(
        [np.sin(a * rows / height * 6 + b * columns / width * 6) for a, b in slopes], np.float32
    )
    noise = rng.uniform(0, 1, (planes, height, width)).astype(np.float32)
    return [soft[None] / 2 + np.float32(0.5), noise[None]]
