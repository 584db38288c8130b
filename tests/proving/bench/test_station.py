"""The station that is measured, and its control: the bare engine on the same pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.ipc.engine_choices import Candidate
from gonogo.proving.bench.script import script_times
from gonogo.proving.bench.station import (
    BUDGET_MS,
    HEIGHT_PX,
    PITCH_MS,
    POOL,
    WIDTH_PX,
    bare_engine,
    bench_station,
    percentile,
    pictures,
)
from gonogo.tests.stations import DIAMETER, small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station


def small(folder: Path, **view: object) -> Station:
    """A small station whose engine is the brightest value of the frame."""
    engine = {"model": tiny_engine(folder / "tiny.onnx"), "backend": "onnxruntime"}
    return small_station(
        folder, {"name": "top", "camera": synthetic(), "engine": engine, "rule": (DIAMETER,)} | view
    )


def test_bench_station_is_the_one_that_is_written_of(tmp_path: Path) -> None:
    """Two megapixels in colour, 20 parts a second; an engine that is there is not taught again."""
    model = tmp_path / "bench256.onnx"
    model.write_bytes(b"taught before")
    station = bench_station(tmp_path, "timer")
    assert station.view[0].camera.geometry.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert (station.station.pitch_ms, station.station.budget_ms) == (PITCH_MS, BUDGET_MS)
    assert model.read_bytes() == b"taught before"
    assert not station.trigger.named_by_plc
    assert bench_station(tmp_path, "plc").trigger.named_by_plc


def test_pictures_are_those_of_the_first_parts(tmp_path: Path) -> None:
    """As many as the pool, each in memory of its own, and not all alike."""
    frames = pictures(small(tmp_path))
    assert [frame.shape for frame in frames] == [(120, 160, 3)] * POOL
    assert len({frame.tobytes() for frame in frames}) > 1
    assert not any(np.shares_memory(frames[0], frame) for frame in frames[1:])


def test_bare_engine_is_timed_call_by_call(tmp_path: Path) -> None:
    """In ms; a station without an engine has no control."""
    found = bare_engine(small(tmp_path), Candidate("onnxruntime", 1), 5, 0.0)
    assert len(found) == 5
    assert all(ms > 0 for ms in found)
    assert bare_engine(small(tmp_path, engine=None), Candidate("onnxruntime", 1), 5, 0.0) == []


def test_percentile_lies_between_two_values() -> None:
    """A plain float."""
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0
    assert percentile([1.0, 2.0], 75) == 1.75


@pytest.mark.parametrize("threads", [0, 1])
def test_script_inspects_the_same_parts(tmp_path: Path, threads: int) -> None:
    """A time for each, written to a PLC that is there; on every core or on one."""
    found = script_times(small(tmp_path), 3, 0.0, tmp_path, threads)
    assert len(found) == 3
    assert all(ms > 0 for ms in found)
