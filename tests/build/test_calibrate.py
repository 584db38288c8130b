"""The range of every tensor on some frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.build.calibrate import calibrate, tensors_data
from gonogo.engines.backends.model import open_model
from gonogo.tests.build.calibrated import named_filters, ranges_of
from gonogo.tests.build.parts import good_part, quiet

if TYPE_CHECKING:
    from pathlib import Path


def test_calibrate_sees_the_range_of_each_tensor(tmp_path: Path) -> None:
    """The image's range is that of its pixels; behind a Relu nothing is below 0."""
    named_filters(tmp_path / "m.onnx")
    ranges = ranges_of(tmp_path / "m.onnx")
    frames = [good_part(k, 32) for k in range(4)]
    assert ranges["planes"] == (min(f.min() for f in frames), max(f.max() for f in frames))
    assert ranges["r0"][0] >= 0
    assert ranges["r0"][1] == ranges["c0"][1] > 0


def test_calibrate_reports_progress(tmp_path: Path) -> None:
    """From none to all frames, so that remaining time can be told."""
    path = tmp_path / "m.onnx"
    named_filters(path)
    seen: list[tuple[str, int, int]] = []
    frames = [good_part(k, 32) for k in range(3)]
    calibrate(path, open_model(path), frames, lambda *step: seen.append(step))
    assert seen == [("calibrating", done, 3) for done in range(4)]


def test_calibrate_covers_each_frame_alone(tmp_path: Path) -> None:
    """More frames never make a range narrower, whatever their order."""
    path = tmp_path / "m.onnx"
    named_filters(path)
    frames = [good_part(k, 32) for k in range(3)]
    whole = calibrate(path, open_model(path), frames, quiet)
    assert calibrate(path, open_model(path), frames[::-1], quiet) == whole
    alone = calibrate(path, open_model(path), frames[:1], quiet)
    assert alone != whole
    for name, (lowest, highest) in alone.items():
        assert whole[name][0] <= lowest <= highest <= whole[name][1]


def test_tensors_data_holds_the_same_ranges() -> None:
    """As ONNX Runtime's quantizer takes them: arrays of one float32 each."""
    data = tensors_data({"c0": (-1.5, 2.25), "r0": (0.0, 2.25)})
    assert set(data.keys()) == {"c0", "r0"}
    lowest, highest = data["c0"].range_value
    assert (lowest.dtype, lowest.shape) == (np.float32, (1,))
    assert (float(lowest[0]), float(highest[0])) == (-1.5, 2.25)
