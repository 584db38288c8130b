"""The station that is measured: 2 megapixels in colour, 20 parts a second, three kinds of rule."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base.realtime import may_schedule
from gonogo.build.goodparts import GoodImages
from gonogo.build.teach import teach
from gonogo.config.station import Station
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.cameras.synthetic import render_good
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.proving.campaign.ground import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.engines.backends.backend import Backend
    from gonogo.ipc.engine_choices import Candidate

WIDTH_PX, HEIGHT_PX = 1920, 1080
PITCH_MS = 50  # 20 parts a second
BUDGET_MS = 90.0  # two scans of 10 ms in it, and an engine of 30 ms
POOL = 8  # different parts, so that no cache holds the answer
GOOD_PARTS = 12  # enough to teach from: how well it judges is not measured here
MM_PER_PX = 96 / HEIGHT_PX  # the part's picture is 96 mm high

RULES = (
    {
        "name": "diameter",
        "kind": "dimension",
        "measure": "width",
        "mm_per_px": MM_PER_PX,
        "segment": {"object_is": "light", "threshold": 70},
        "roi": {"x_px": 480, "y_px": 60, "width_px": 960, "height_px": 960},
        "work_px": 480,
        "low": 71.0,
        "high": 73.0,
    },
    {
        "name": "ring",
        "kind": "colour",
        "measure": "delta_e",
        "reference_lab": [41.6, 6.9, -44.3],
        "roi": {"x_px": 906, "y_px": 394, "width_px": 108, "height_px": 48},
        "high": 8.0,
    },
    {
        "name": "hole",
        "kind": "presence",
        "method": "blobs",
        "roi": {"x_px": 1163, "y_px": 632, "width_px": 119, "height_px": 119},
        "segment": {"object_is": "dark", "threshold": 70, "area_min_px": 800},
        "low": 1.0,
    },
)


def bench_station(folder: Path, trigger: str, side_px: int = 256) -> Station:
    """The station, with a port that is free now; its engine is taught if it is not there.

    The engine sees `side_px` by `side_px` pixels of the frame.
    """
    model = folder / f"bench{side_px}.onnx"
    timer = {"driver": "timer", "period_ms": PITCH_MS}
    poll_ms = 5 if trigger == "timer" else 1  # our own photo-eye needs no quick poll
    view = {
        "name": "top",
        "camera": {
            "driver": "synthetic",
            "width_px": WIDTH_PX,
            "height_px": HEIGHT_PX,
            "pool": POOL,
            "noise": 0.0,  # noise would be drawn by processor, and be in the camera's time
        },
        "engine": {"model": model},
        "rule": RULES,
    }
    station = Station.model_validate(
        {
            "station": {"name": "bench", "pitch_mm": 0.2 * PITCH_MS, "budget_ms": BUDGET_MS},
            "trigger": timer if trigger == "timer" else {"driver": "plc"},
            "plc": {
                "driver": "modbus-client",
                "host": "127.0.0.1",
                "port": free_port(),  # the simulator listens there next
                "poll_ms": poll_ms,
                "atomic_writes": True,  # the simulator stores a request under one lock
            },
            "view": [view],
            "records": {"path": folder / "records.sqlite"},
        }
    )
    if not model.exists():  # taught once a size, and used by every run of it
        _teach(station, model, side_px)
    return station


def _teach(station: Station, model: Path, side_px: int) -> None:
    good = render_good(station.view[0].camera, GOOD_PARTS)  # type: ignore[arg-type]  # it is synthetic
    # by the filters, which are everywhere: the figures of two boxes are of one engine
    teach(
        GoodImages(list(good)),
        model,
        progress=lambda *_: None,
        side_px=side_px,
        method="filters",
    )


def bare_engine(
    station: Station, chosen: Candidate | None, runs: int, pace_s: float
) -> list[float]:
    """Milliseconds of the bare engine call on the camera's pixels, at the pace of the parts.

    With the priority that the engine has in the station, where that is permitted.
    """
    view = station.view[0]
    if view.engine is None or chosen is None:
        return []
    threads = chosen.computes_on
    cv2.setNumThreads(threads)  # as in the station
    # by name: the control must not choose another one
    backend = open_backend(chosen.backend, view.engine.file, view.camera.geometry, threads)
    frames = pictures(station)
    # bound as the station binds its ring: no copy in the call
    for slot, pixels in enumerate(frames):
        backend.bind(slot, pixels, result_arrays())
    # once each before the clock runs: first calls allocate
    for slot in range(len(frames)):
        backend.run(slot)
    try:
        with as_in_the_station(station.realtime.priority - 1):
            return [_timed(backend, k % len(frames), pace_s) for k in range(runs)]
    finally:
        backend.close()


@contextmanager
def as_in_the_station(priority: int) -> Iterator[None]:
    """The scheduling of the engine process for this thread; nothing where it is not permitted."""
    if not may_schedule():
        yield
        return
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def pictures(station: Station) -> list[NDArray[np.uint8]]:
    """Frames of the first POOL parts, each in memory of its own as a ring's slots are."""
    section = station.view[0].camera
    camera = open_camera(section, "bench")
    frames = [np.empty(section.geometry.shape, np.uint8) for _ in range(POOL)]
    for part_id, pixels in enumerate(frames, start=1):
        # a deadline far away: nobody waits here
        camera.grab(part_id, pixels, time.monotonic_ns() + 10**10)
    camera.close()
    return frames


def _timed(backend: Backend, slot: int, pace_s: float) -> float:
    time.sleep(pace_s)
    start_ns = time.monotonic_ns()
    backend.run(slot)
    return (time.monotonic_ns() - start_ns) / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """A percentile as a plain float."""
    return float(np.percentile(np.asarray(values), share))
