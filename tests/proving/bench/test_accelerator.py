"""The host's part of an inference: measured on the stand-ins, or said to be not run."""

from __future__ import annotations

from typing import Any

from gonogo.proving.bench.accelerator import NAMES, measure
from gonogo.tests.vendors.tensorrt_fake import figures


def test_accelerator_without_the_stand_ins_is_not_run() -> None:
    """An installed gonogo has none; the row says so, and breaks nothing."""

    def load(_: str) -> Any:  # noqa: ANN401 - never
        raise ImportError("no tests here")

    (row,) = measure(load)
    assert row.name in NAMES
    assert row.value is None
    assert row.met
    assert row.note.startswith("not run: ")


def test_figures_measure_a_run_and_its_inference() -> None:
    """Both took some time, and the run has the inference in it."""
    found = figures.host_side(runs=3)
    assert found.run_ms > 0
    assert found.inference_ms > 0


def test_growth_is_counted_over_inferences() -> None:
    """A hundred leave less behind than a thousandth of what a leaked frame each would."""
    assert figures.growth_kb(100, settled=50) < 4096
