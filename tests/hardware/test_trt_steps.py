"""The steps of TensorRT run here on the stand-ins: their figures say nothing of a device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.tests.engines.backends.tensorrt.boxes import trt_box
from gonogo.tests.hardware.steps import STEPS
from gonogo.tests.hardware.trt_steps import alike, built, timed

if TYPE_CHECKING:
    from pathlib import Path


def test_steps_of_tensorrt_run_on_the_stand_ins(tmp_path: Path) -> None:
    """Built with its layers told, alike in its scores, timed both ways."""
    with trt_box(tmp_path) as box:
        lines = built(box.here())
        assert any(line.startswith("plan built") for line in lines)
        assert "FP32" in lines[-1]
        (apart,) = alike(box.here())
        assert "over 10 frames" in apart
        assert len(timed(box.here(), 5, budget_ms=60_000.0)) == 2


def test_steps_of_tensorrt_stand_behind_those_of_cuda() -> None:
    """In the order in which a board is brought up."""
    modules = [step.function.partition(":")[0].rpartition(".")[2] for step in STEPS]
    first = modules.index("trt_steps")
    assert modules[first : first + 4] == ["trt_steps"] * 4
    assert set(modules[:first]) == {"cuda_steps", "cuda_figures"}
    assert "trt_steps" not in modules[first + 4 :]
