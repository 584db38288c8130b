"""Where the outputs of a model land: in the result area itself, or beside it when reduced.

Common to all backends: it says which array each output is bound to, and does what
is left to do after the inference.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gonogo.engines.backends.preprocess import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.engines.backends.backend import Outputs
    from gonogo.engines.backends.model import Contract, Value

    Make = Callable[[tuple[int, ...], type[np.generic]], NDArray[np.generic]]


class OutputBinding:
    """The output arrays of one slot; `arrays` maps output names to memory of their exact shape.

    A score that is not finite stays what it is: it is for the line to judge. `make` gives the
    memory of what is not written where the line reads it, zeroed, in a shape of float32.
    """

    def __init__(self, contract: Contract, outputs: Outputs, make: Make = aligned) -> None:
        self._outputs = outputs
        self._raw = _array(contract.score, make)
        self.arrays: dict[str, NDArray[np.float32]] = {contract.score.name: self._raw}
        self._reduce: _MapReduction | None = None
        if contract.map is not None:
            self._land_map(contract, contract.map, make)
        if contract.embedding is not None:
            shape = contract.embedding.shape
            # as the map without reduction: the runtime writes where the line reads
            flat = outputs.embedding[: math.prod(shape)]
            self.arrays[contract.embedding.name] = flat.reshape(shape)

    def _land_map(self, contract: Contract, value: Value, make: Make) -> None:
        rows, columns, _ = contract.shapes
        target = self._outputs.anomaly_map[: rows * columns]
        if contract.pool == 1 and contract.classes == 1:  # as large as its room: nothing to copy
            self.arrays[value.name] = target.reshape(value.shape)
            return
        raw = _array(value, make)
        self._reduce = _MapReduction(contract, raw, target.reshape(rows, columns))
        self.arrays[value.name] = self._reduce.raw

    def clear(self) -> None:
        """Before the inference: a score that the runtime does not write is not an old one."""
        self._raw.fill(np.nan)

    def finish(self) -> None:
        """After the inference: reduce classes to the worst, and a large map to its room."""
        # max() hands on what is not a number, whichever class it is of
        self._outputs.score[0] = self._raw.max()
        if self._reduce is not None:
            self._reduce.run()


class _MapReduction:
    """The worst over classes and over squares of `pool` x `pool` cells."""

    def __init__(
        self, contract: Contract, raw: NDArray[np.float32], target: NDArray[np.float32]
    ) -> None:
        self.raw = raw
        rows, columns = target.shape
        pool = contract.pool
        self._height, self._width = raw.shape[-2:]
        self._stack = self.raw.reshape(contract.classes, self._height, self._width)
        # whole squares also at the right and lower edge; what lies beyond never is the worst
        self._padded = np.full((rows * pool, columns * pool), -np.inf, np.float32)
        self._inside = self._padded[: self._height, : self._width]
        self._squares = self._padded.reshape(rows, pool, columns, pool)
        self._target = target

    def run(self) -> None:
        # both into memory that was made before: once a part, and nothing is allocated
        np.max(self._stack, axis=0, out=self._inside)
        np.max(self._squares, axis=(1, 3), out=self._target)


def _array(value: Value, make: Make) -> NDArray[np.float32]:
    return make(value.shape, np.float32).view(np.float32)
