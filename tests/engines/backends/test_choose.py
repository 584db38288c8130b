"""How fast backends are: measured in turns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.base.errors import MissingExtra
from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.backend import Outputs, Shapes
from gonogo.engines.backends.choose import ENOUGH_S, RUNS_MIN, WARM_UPS, ModelFiles, measure

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

FRAME = FrameShape(16, 16, 3)


class Call(NamedTuple):
    """One call of a RecordingBackend."""

    name: str
    slot: int


class RecordingBackend:
    """A backend that notes its calls in a list shared with others, and judges nothing."""

    def __init__(self, name: str, calls: list[Call]) -> None:
        self.shapes = Shapes(0, 0, 0)
        self._name, self._calls = name, calls
        self.takes_s = 0.0

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Notes nothing."""

    def run(self, slot: int) -> None:
        """Notes the call."""
        time.sleep(self.takes_s)
        self._calls.append(Call(self._name, slot))

    def close(self) -> None:
        """Nothing to release."""


def test_measure_takes_turns() -> None:
    """After the warm-ups the backends run alternately, so that load slows all alike."""
    calls: list[Call] = []
    found = measure({name: RecordingBackend(name, calls) for name in "ab"}, FRAME, runs=3)
    assert "".join(call.name for call in calls) == "a" * WARM_UPS + "b" * WARM_UPS + "ababab"
    assert set(found) == {"a", "b"}


def test_measure_runs_slow_ones_less_often() -> None:
    """As often as it takes for a median."""
    calls: list[Call] = []
    slow = RecordingBackend("a", calls)
    slow.takes_s = ENOUGH_S / 4
    measure({"a": slow}, FRAME)
    assert len(calls) == WARM_UPS + RUNS_MIN


def test_model_files_say_why_a_backend_has_nothing_to_open(tmp_path: Path) -> None:
    """Kept until it is asked for: another backend may have a file."""
    files = ModelFiles(tmp_path, ("a", "b"), {"a": tmp_path / "m.onnx", "b": MissingExtra("none")})
    assert files.file_of("a") == tmp_path / "m.onnx"
    with pytest.raises(MissingExtra, match="none"):
        files.file_of("b")
