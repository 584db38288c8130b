"""`gonogo check` says where the memory will lie, and whether it fits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gonogo.base.runtime_dir import runtime_dir
from gonogo.commands.check_memory import BESIDE_MB, check_memory
from gonogo.commands.report import Report
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_check_says_where_the_memory_lies_and_what_it_takes(tmp_path: Path) -> None:
    """Eight small frames and the tables fit anywhere."""
    said: list[str] = []
    report = Report(said.append)
    check_memory(report, small_station(tmp_path))
    assert report.findings == []
    assert said[0].startswith(f"memory in {runtime_dir()}: {BESIDE_MB + 1} of ")


def test_check_refuses_frames_that_do_not_fit(tmp_path: Path) -> None:
    """Before the start, with what can be done."""
    station = small_station(tmp_path)
    camera = station.view[0].camera.model_copy(update={"width_px": 8192, "height_px": 8192})
    view = station.view[0].model_copy(update={"camera": camera})
    report = Report(lambda _: None)
    check_memory(report, station.model_copy(update={"view": (view,) * 10_000}))
    assert re.fullmatch(
        r"memory: the frames need \d+ MB, .* has \d+ MB free; take fewer frame_slots.*",
        report.findings[0],
    )


def test_check_names_a_place_that_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the start would."""
    monkeypatch.setenv("GONOGO_RUNTIME_DIR", "/proc/no/such")
    report = Report(lambda _: None)
    check_memory(report, small_station(tmp_path))
    assert report.findings[0].startswith("GN502: ")
