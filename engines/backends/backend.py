"""What an inference backend is.

A backend lives in the engine process only; this module imports none of them.

Beside what `Backend` asks of one that is loaded, the class (or function) that the catalogue
opens may have a

    file_role   str: which file of a bundle it is given, one of the roles in
                gonogo.engines.bundles.manifest; left out, CPU_ROLE

so that one for an accelerator is given the file that was made for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CPU_ROLE = "cpu"  # the ONNX file for CPUs, which every bundle had from the first


class Outputs(NamedTuple):
    """Where a backend leaves what it computed for one slot.

    `score` float64, one element; `anomaly_map` and `embedding` float32 flat views
    of the result area, as long as there is room: (64*64,) and (1024,).
    """

    score: NDArray[np.float64]
    anomaly_map: NDArray[np.float32]
    embedding: NDArray[np.float32]


class Shapes(NamedTuple):
    """What a model writes beside the score: map (rows, columns), or (0, 0); embedding length."""

    map_rows: int
    map_columns: int
    embedding: int


# called from one thread; run() may not allocate what grows: it is on the part's path
class Backend(Protocol):
    """One loaded model in one runtime; the constructor loads and checks it or raises ModelError."""

    shapes: Shapes

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Bind a slot once at start, frames of any size; the arrays live as long as the backend."""
        ...

    def run(self, slot: int) -> None:
        """Judge the frame in a bound slot; write score, map and embedding into its outputs."""
        ...

    def close(self) -> None:
        """Unload the model; idempotent."""
        ...


def file_role_of(opens: object) -> str:
    """Which file of a bundle a backend opens, by the class or function that the catalogue loads."""
    role: str = getattr(opens, "file_role", CPU_ROLE)
    return role
