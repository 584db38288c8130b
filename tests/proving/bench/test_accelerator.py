"""The host's part of an inference: measured on the stand-ins, or said to be not run."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from gonogo.proving.bench.accelerator import FIGURES, NAMES, measure
from gonogo.tests.vendors.tensorrt_fake import figures


def test_accelerator_without_the_stand_ins_is_not_run() -> None:
    """An installed gonogo has none; the row says so, and breaks nothing."""

    def load(_: str) -> Any:  # noqa: ANN401 - never
        raise ImportError("no tests here")

    rows = measure(load)
    assert [row.name for row in rows] == list(NAMES)
    for row in rows:
        assert row.value is None
        assert row.met
        assert row.note.startswith("not run: ")


@pytest.mark.parametrize("module", FIGURES.values())
def test_figures_measure_a_run_and_its_inference(module: str) -> None:
    """Both took some time, and the run has the inference in it."""
    found = import_module(module).host_side(runs=3)
    assert found.run_ms > 0
    assert found.inference_ms > 0


def test_growth_is_counted_over_inferences() -> None:
    """A hundred leave less behind than a thousandth of what a leaked frame each would."""
    assert figures.growth_kb(100, settled=50) < 4096
