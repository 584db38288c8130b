"""What an inference backend is.

A backend lives in the engine process only; this module imports none of them.

Beside what `Backend` asks of one that is loaded, the class (or function) that the catalogue
opens may have a

    file_role     str: which file of a bundle it is given, one of the roles in
                  gonogo.engines.bundles.manifest; left out, CPU_ROLE
    uses_threads  bool: whether it computes on as many threads as it is told; left out, True
    run_until     (slot, deadline_ns): as run, and gives up at deadline_ns (absolute monotonic) with
                  EngineTimeout; left out, run is called whatever the deadline is
    prefer        (judges: bool): of several on one device, whether this one goes first; left out,
                  they are alike
    health        () -> DeviceHealth | None: what its device says of itself, None while there is
                  nothing new; asked in idle time, and may take a few milliseconds
    sight         (geometry) -> Sight: what it sees of frames of a geometry, and where the cells of
                  its map lie on them

so that one for an accelerator is given the file that was made for it, is not measured with
threads that it has no use for, and does not wait for a device that hangs. One that computes on
the processor, and may be late as that is, needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.placing import Sight

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


class DeviceHealth(NamedTuple):
    """What an accelerator says of itself; None for what it does not say.

    `throttled`: it runs slower than it could, to stay cool or within its power.
    """

    temperature_c: float | None = None
    throttled: bool | None = None
    power_w: float | None = None


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


def uses_threads_of(opens: object) -> bool:
    """Whether a backend computes on threads of its own, by what the catalogue loads."""
    uses: bool = getattr(opens, "uses_threads", True)
    return uses


def run_until_of(backend: Backend) -> Callable[[int, int], None]:
    """What judges the frame in a slot before a deadline (ns, absolute monotonic)."""
    own: Callable[[int, int], None] | None = getattr(backend, "run_until", None)
    if own is not None:
        return own
    return lambda slot, _deadline_ns: backend.run(slot)


def prefer(backend: Backend, *, judges: bool) -> None:
    """Have a backend go before, or behind, others on the same device, where that means anything."""
    own: Callable[..., None] | None = getattr(backend, "prefer", None)
    if own is not None:
        own(judges=judges)


def health_of(backend: Backend) -> DeviceHealth | None:
    """What the device behind a backend says of itself, where there is anything new."""
    own: Callable[[], DeviceHealth | None] | None = getattr(backend, "health", None)
    return None if own is None else own()


def sight_of(backend: Backend, geometry: FrameShape) -> Sight | None:
    """What a backend sees of frames of a geometry, where it tells."""
    own: Callable[[FrameShape], Sight] | None = getattr(backend, "sight", None)
    return None if own is None else own(geometry)
