"""The steps of Hailo run here on the stand-in: their figures say nothing of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.engines import tiny
from gonogo.tests.hardware import hailo_steps
from gonogo.tests.hardware.bench import Bench
from gonogo.tests.hardware.report import MissingError, run_all
from gonogo.tests.hardware.steps import STEPS
from gonogo.tests.vendors.hailo_fake.fixture import chip_here
from gonogo.tests.vendors.hailo_fake.hef import compiled

if TYPE_CHECKING:
    from pathlib import Path

HAILO = [step for step in STEPS if "hailo_steps" in step.function]


def test_steps_of_hailo_run_on_the_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them, in their order, the last of all steps."""
    said: list[str] = []
    with chip_here(tmp_path) as bench:
        hef = compiled(tiny.brightest(tmp_path / "m.onnx"))
        monkeypatch.setenv(hailo_steps.VARIABLE, str(hef))
        bench.play(power_w=2.5)
        assert run_all(HAILO, Bench(quick=True, budget_ms=60_000.0), said.append) == 0, said
    text = "\n".join(said)
    assert f"{len(HAILO)} done, 0 skipped, 0 FAILED" in text
    assert "41.5 degC, throttled False, 2.5 W" in text
    assert "beside a load" in text
    assert list(STEPS[-len(HAILO) :]) == HAILO


def test_steps_of_hailo_name_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A HEF, or all of HailoRT."""
    monkeypatch.delenv(hailo_steps.VARIABLE, raising=False)
    with chip_here(tmp_path), pytest.raises(MissingError, match="no HEF: GONOGO_HEF=FILE"):
        hailo_steps.hef_loads(Bench())
    with pytest.raises(MissingError, match=r"GN38\d"):
        hailo_steps.hef_loads(Bench())
