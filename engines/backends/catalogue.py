"""The inference backends there are, each in a file of its own, found by `backend`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gonogo.base.catalogue import Catalogue, Entry
from gonogo.base.words import BACKEND_GROUP

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Backend

# what the station file may say beside a backend's name or a number of threads: whichever is faster
AUTO: Literal["auto"] = "auto"
THREADS_MAX = 64

# the line process imports this for the names (engines/section.py), and must not load a runtime
_HERE, _SECTION = "gonogo.engines.backends", "gonogo.engines.section:EngineSection"
BACKENDS = Catalogue(
    "engine backend",
    BACKEND_GROUP,
    {
        # the order is that of their bits in shared memory (BACKEND_NAMES, ipc/engine_queue.py)
        "onnxruntime": Entry(_SECTION, f"{_HERE}.onnxruntime:OrtBackend"),
        "openvino": Entry(_SECTION, f"{_HERE}.openvino:OvBackend", "openvino"),
        "tensorrt": Entry(_SECTION, f"{_HERE}.tensorrt.backend:TrtBackend", "jetson"),
        "hailo": Entry(
            _SECTION,
            f"{_HERE}.hailo.backend:HailoBackend",
            "hailo",
            alone="hailo_platform",
            devices=("/dev/hailo0",),
        ),
    },
    key="backend",
)

# they open a form of their own; a model file only where its card says that it was proven there
ACCELERATORS = frozenset({"tensorrt", "hailo"})


def cpu_backends() -> tuple[str, ...]:
    """Those that open the form for CPUs, by name: what builds and proves that form asks these."""
    return tuple(name for name in BACKENDS if name not in ACCELERATORS)


def open_backend(name: str, model: Path, geometry: FrameShape, threads: int) -> Backend:
    """Load `model` for frames of `geometry` in the named backend (engine process only)."""
    backend: Backend = BACKENDS.open(name, model, geometry, threads)
    return backend
