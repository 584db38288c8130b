"""The table of inference backends, each loaded when it is opened."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gonogo.base.errors import MissingExtra, UnknownDriver

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Backend


# backend name -> (module, class, extra that brings its package or "")
BACKENDS: dict[str, tuple[str, str, str]] = {
    "onnxruntime": ("gonogo.engines.backends.onnxruntime", "OrtBackend", ""),
    "openvino": ("gonogo.engines.backends.openvino", "OvBackend", "openvino"),
}


def open_backend(name: str, model: Path, geometry: FrameShape, threads: int) -> Backend:
    """Load `model` for frames of `geometry` in the named backend (engine process only)."""
    try:
        module, class_name, extra = BACKENDS[name]
    except KeyError:
        raise UnknownDriver(f"engine backend '{name}'; known: {', '.join(BACKENDS)}") from None
    try:
        factory = getattr(import_module(module), class_name)
    except ImportError as error:
        hint = f"pip install 'gonogo[{extra}]'" if extra else "reinstall gonogo"
        raise MissingExtra(f"engine backend '{name}': {error}; {hint}") from error
    backend: Backend = factory(model, geometry, threads)
    return backend
