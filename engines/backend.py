"""What an inference backend is, its station-file section, and the table of those there are.

A backend lives in the engine process only; this module imports none of them.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Protocol

from pydantic import Field, model_validator

from gonogo.base.errors import MissingExtra, ModelError, UnknownDriver
from gonogo.base.section import Section
from gonogo.engines.bundles.manifest import NAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape


class PrepareSection(Section):
    """How the engine of a view is made on the box when `model` is not there yet.

    `teach`: from good images alone. `quantize`: INT8 from `source`, an FP32 ONNX file.
    `good` is a folder of good images; left out, a synthetic camera photographs `parts`
    good parts itself. `side_px`: what a taught engine sees; more find smaller flaws, and
    take longer.
    """

    method: Literal["teach", "quantize"]
    good: Path | None = None
    parts: Annotated[int, Field(ge=5, le=1000)] = 50
    source: Path | None = None
    side_px: Literal[256, 384, 512] = 256

    @model_validator(mode="after")
    def _complete(self) -> PrepareSection:
        if self.method == "quantize" and self.source is None:
            raise ValueError("source: expected the FP32 ONNX file to quantize, got none")
        return self


class EngineSection(Section):
    """The engine of one view: a `model` file, or the installed engine that `bundle` names.

    Scores above `reject_above` reject, above `recheck_above` ask for a recheck; both
    are in the model's own unit. Left out, they are the ones that were proposed from
    good parts when the engine was made (the .json beside the model). A bundle brings its
    own, with its self-test; nothing is set or made for it here.
    """

    model: Path | None = None
    bundle: Annotated[str, Field(pattern=f"^{NAME}$")] | None = None
    backend: Literal["auto", "onnxruntime", "openvino"] = "auto"
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    reject_above: float | None = None
    recheck_above: float | None = None
    prepare: PrepareSection | None = None

    @model_validator(mode="after")
    def _one_source(self) -> EngineSection:
        if (self.model is None) == (self.bundle is None):
            got = "neither" if self.model is None else "both"
            raise ValueError(
                f"expected either model (an ONNX file) or bundle (an installed engine), got {got}"
            )
        if self.bundle is not None:
            self._check_bundle()
        return self

    def _check_bundle(self) -> None:
        for key in ("reject_above", "recheck_above"):
            if getattr(self, key) is not None:
                raise ValueError(
                    f"{key}: expected none with bundle, got one: limits come with the bundle"
                )
        if self.prepare is not None:
            raise ValueError(
                "prepare: expected none with bundle, got one: a bundle is made already"
            )

    @property
    def file(self) -> Path:
        """The model file; ModelError where a bundle is named instead."""
        if self.model is None:
            raise ModelError(
                f"bundle '{self.bundle}' is an installed engine, expected a model file here; "
                "bundles are made elsewhere, see `gonogo engines`"
            )
        return self.model


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


# backend name -> (module, class, extra that brings its package or "")
BACKENDS: dict[str, tuple[str, str, str]] = {
    "onnxruntime": ("gonogo.engines.ort", "OrtBackend", ""),
    "openvino": ("gonogo.engines.ov", "OvBackend", "openvino"),
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
