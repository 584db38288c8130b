"""backend = "auto": what is measured, and what is left out."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.base.errors import ModelError
from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.backend import Outputs, Shapes
from gonogo.engines.backends.catalogue import cpu_backends
from gonogo.engines.backends.choose import (
    WARM_UPS,
    ModelFiles,
    choose_backend,
    measure,
    proven_among,
)
from gonogo.engines.card import Card, sha256_of, write_card
from gonogo.tests.engines import tiny

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

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Notes nothing."""

    def run(self, slot: int) -> None:
        """Notes the call."""
        self._calls.append(Call(self._name, slot))

    def close(self) -> None:
        """Nothing to release."""


def _card(model: Path, proven: tuple[str, ...]) -> None:
    card = Card(
        name="m",
        sha256=sha256_of(model),
        method="quantize",
        source="a test",
        good_parts=5,
        reject_above=2.0,
        recheck_above=1.0,
        good_scores=(0.5,),
        proven=proven,
    )
    write_card(model, card)


def test_measure_takes_turns() -> None:
    """After the warm-ups the backends run alternately, so that load slows all alike."""
    calls: list[Call] = []
    found = measure({name: RecordingBackend(name, calls) for name in "ab"}, FRAME, runs=3)
    assert "".join(call.name for call in calls) == "a" * WARM_UPS + "b" * WARM_UPS + "ababab"
    assert set(found) == {"a", "b"}


def test_choose_backend_names_the_smallest_median(tmp_path: Path) -> None:
    """The choice is the minimum of its own table, which holds every backend installed."""
    choice = choose_backend(files_of(tiny.brightest(tmp_path / "m.onnx")), FRAME, 1)
    installed = {name for name in cpu_backends() if find_spec(name) is not None}
    assert set(choice.medians_ms) == installed
    assert choice.medians_ms[choice.name] == min(choice.medians_ms.values())
    assert all(median_ms > 0 for median_ms in choice.medians_ms.values())


def files_of(model: Path, *proven: str) -> ModelFiles:
    """The same file for each backend in which it was proven; none named: all."""
    names = proven_among(proven)
    return ModelFiles(model, names, dict.fromkeys(names, model))


def test_choose_backend_takes_only_what_was_proven(tmp_path: Path) -> None:
    """A backend in which the engine was not proven is not even measured."""
    model = tiny.brightest(tmp_path / "m.onnx")
    files = files_of(model, "onnxruntime")
    assert list(choose_backend(files, FRAME, 1).medians_ms) == ["onnxruntime"]


def test_choose_backend_says_why_none_can_run_it(tmp_path: Path) -> None:
    """What each backend said of the file is in the message."""
    path = tmp_path / "m.onnx"
    path.write_bytes(b"no model at all")
    with pytest.raises(ModelError, match=r"no backend can run it.*ONNX file"):
        choose_backend(files_of(path), FRAME, 1)
