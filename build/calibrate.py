"""The range of every tensor of a model on real parts: measured once, used by every INT8 form.

Ranges are the smallest and the largest value seen (MinMax). They do not depend on which
layers are quantized in the end, nor on whether INT8 is symmetric, so one calibration
serves the form for CPUs, the form for TensorRT and every set of layers that the search tries.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod
from onnxruntime.quantization.calibrate import TensorsData, create_calibrator

from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.preprocess import Preprocess, aligned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress
    from gonogo.engines.backends.model import Contract

# operators whose tensors may be quantized (gonogo.build.qdq); the ranges of others are not asked
CALIBRATED = ("Conv", "Relu", "MaxPool", "Concat")

Ranges = dict[str, tuple[float, float]]  # tensor name -> (lowest, highest)


def calibrate(
    prepared: Path,
    contract: Contract,
    frames: Sequence[NDArray[np.uint8]],
    progress: Progress,
    operators: tuple[str, ...] = CALIBRATED,
) -> Ranges:
    """Ranges of the tensors around nodes of these operators, on frames of the model's size."""
    with tempfile.TemporaryDirectory(prefix="gonogo-calibrate-") as folder:
        # the calibrator writes the model with all these tensors as outputs, and runs that file
        augmented = str(Path(folder) / "augmented.onnx")
        calibrator = create_calibrator(
            prepared, list(operators), augmented, CalibrationMethod.MinMax
        )
        calibrator.collect_data(_Reader(contract, frames, progress))
        # the extremes over all frames; nothing is smoothed, so an odd frame widens a range
        data = calibrator.compute_data()
    return {name: _span(one.range_value) for name, one in data.items()}


def tensors_data(ranges: Ranges) -> TensorsData:
    """The same as ONNX Runtime's quantizer wants it."""
    spans = {
        name: (np.array([lowest], np.float32), np.array([highest], np.float32))
        for name, (lowest, highest) in ranges.items()
    }
    # the method must be the one by which they were found: the quantizer reads them by it
    return TensorsData(CalibrationMethod.MinMax, spans)


def _span(found: tuple[NDArray[np.float32], NDArray[np.float32]]) -> tuple[float, float]:
    lowest, highest = found
    return float(np.min(lowest)), float(np.max(highest))


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # untyped base
    """Feeds each frame once, as the engine would see it."""

    def __init__(
        self, contract: Contract, frames: Sequence[NDArray[np.uint8]], progress: Progress
    ) -> None:
        self._name = contract.image.name
        self._rest = inputs_of(contract, frames, progress)

    def get_next(self) -> dict[str, NDArray[np.generic]] | None:
        """The next input, or None at the end."""
        tensor = next(self._rest, None)
        return None if tensor is None else {self._name: tensor}


def _silent(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def inputs_of(
    contract: Contract, frames: Sequence[NDArray[np.uint8]], progress: Progress = _silent
) -> Iterator[NDArray[np.generic]]:
    """Frames of the model's size as its input tensors, one after another, each its own array."""
    _, channels, height_px, width_px = contract.image.shape
    # frames are at the model's size already: nothing is resized, only planes are put in order
    prepare = Preprocess(FrameShape(height_px, width_px, 3), channels, height_px, width_px)
    for done, frame in enumerate(frames):
        progress("calibrating", done, len(frames))
        # in the engine's own way and dtype, or ranges would be of other pixels
        tensor = aligned(contract.image.shape, contract.dtype)
        prepare.into(frame, tensor)
        yield tensor
    progress("calibrating", len(frames), len(frames))
