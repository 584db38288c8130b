"""A backend that shows the faults of the board; without one it only passes on."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import AcceleratorLost
from gonogo.engines.backends.backend import run_until_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.engines.backends.backend import Backend, Outputs
    from gonogo.ipc.fault_table import FaultsToShow

MB = 1 << 20


class FaultyBackend:
    """The backend inside, and what the board makes of its scores."""

    def __init__(self, inner: Backend, board: FaultsToShow) -> None:
        self.shapes = inner.shapes
        self._inner = inner
        self._run_until = run_until_of(inner)
        self._board = board
        self._outputs: dict[int, Outputs] = {}
        self._leaked: list[bytes] = []

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """As the backend inside."""
        self._outputs[slot] = outputs
        self._inner.bind(slot, pixels, outputs)

    def run(self, slot: int) -> None:
        """Run, then spoil the score as the board says; AcceleratorLost where it is lost."""
        self._before()
        self._inner.run(slot)
        self._spoil(slot)

    def run_until(self, slot: int, deadline_ns: int) -> None:
        """As run; what the backend inside knows of deadlines, it honours."""
        self._before()
        self._run_until(slot, deadline_ns)
        self._spoil(slot)

    def _before(self) -> None:
        board = self._board
        # each of these counts on the board as shown: a campaign sees that its fault was played
        if board.show("engine-lost"):
            raise AcceleratorLost("the accelerator is lost (a fault that was asked for)")
        if board.show("engine-slow"):
            time.sleep(board.amount("engine-slow") / 1000)
        if board.show("engine-leak"):
            # written to, and not with zeros: pages that are only claimed take no memory
            self._leaked.append(b"\1" * round(board.amount("engine-leak") * MB))

    def _spoil(self, slot: int) -> None:
        """After the inference, in the very word that the line reads."""
        board, score = self._board, self._outputs[slot].score
        if board.show("engine-nan"):
            score[0] = math.nan
        if board.show("engine-inf"):
            score[0] = math.inf
        if board.show("engine-constant"):
            score[0] = board.amount("engine-constant")

    def close(self) -> None:
        """Unload the backend inside."""
        self._inner.close()
