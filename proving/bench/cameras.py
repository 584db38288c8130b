"""What the way of a network camera's frame costs beyond the library that receives it.

The camera is Aravis' fake one, a process on the same cores over loopback. The control is the
library alone: trigger, and wait for the buffer, at the same pace and rank.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.doorbell import make_bell
from gonogo.base.errors import CameraError, ProcessFailed
from gonogo.base.handover import hand_over
from gonogo.base.realtime import RealtimeSection, may_schedule, permitted
from gonogo.base.shm import sweep
from gonogo.config.station import Station
from gonogo.drivers.cameras.aravis.binding import binding
from gonogo.drivers.cameras.aravis.device import Device
from gonogo.drivers.cameras.aravis.features import order
from gonogo.drivers.cameras.aravis.section import AravisSection
from gonogo.drivers.cameras.aravis.stream import Stream
from gonogo.drivers.cameras.process import CameraPlan
from gonogo.drivers.cameras.remote import RemoteCamera
from gonogo.ipc.camera_port import CameraPort, bells_of
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.process_table import ProcessTable
from gonogo.proving.bench.part_time import Timed, lower, run_parts
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import PITCH_MS, as_in_the_station, percentile
from gonogo.proving.campaign.ground import campaign_station
from gonogo.proving.campaign.network_camera import receivers_of
from gonogo.proving.peers.network_camera import ADDRESS, MISSING, fake_camera
from gonogo.proving.rehearse import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

NAMES = ("camera_slot_ready_p50", "part_time_network_camera_p50")
TURNS, FRAMES = 3, 60  # of each side in turn: a shared box is not as fast in every minute
PARTS = 100
BEYOND_MS = 0.2  # from a buffer that is complete to a slot that the line may read
SLOTS, SEED = 8, 7
FRAME_NS, OPEN_S = 1_000_000_000, 20.0
RANK = RealtimeSection().priority  # of the line; what works for it has one less


class Waits(NamedTuple):
    """Milliseconds from the trigger until a frame is there: to the library, to the line."""

    bare_ms: list[float]
    line_ms: list[float]


def measure() -> list[Row]:
    """Both rows of this file."""
    if MISSING:
        why = f"not run: needs {', '.join(MISSING)} (tests/peers/install.sh)"
        limits = zip(NAMES, (1.0, 1.05), strict=True)
        return [Row(name, None, None, "lower", "ms", limit, why) for name, limit in limits]
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name, fake_camera():
        waits = measure_waits(camera_section(), FRAMES, TURNS)
        return [slot_row(waits), _part_row(Path(name))]


def camera_section() -> AravisSection:
    """As large as the frames of the simulated camera beside it, in colour."""
    return AravisSection.model_validate(
        {
            "driver": "aravis",
            "address": ADDRESS,
            "width_px": 640,
            "height_px": 480,
            "source_format": "RGB8",
            "exposure_us": 5000.0,  # it waits for no light, but with less its pictures grow dark
            "trigger": "software",
            "socket_buffer_kb": 2048,
            "frame_retention_ms": 500.0,  # the fake camera may have to wait for a core in a frame
        }
    )


def measure_waits(section: AravisSection, frames: int, turns: int) -> Waits:
    """Each side `turns` times, one after the other: only one client can have the camera."""
    found = Waits([], [])
    for _ in range(turns):
        found.bare_ms.extend(bare_library(section, frames))
        with camera_process(section) as (camera, ring):
            found.line_ms.extend(asked_by_the_line(camera, ring, frames))
    return found


def slot_row(waits: Waits) -> Row:
    """The difference of the medians, over what it may be."""
    bare_ms, line_ms = percentile(waits.bare_ms, 50), percentile(waits.line_ms, 50)
    note = (
        f"p50 from trigger to frame of {len(waits.line_ms)}: the line's slot {line_ms:.3f} ms, "
        f"the library's buffer {bare_ms:.3f} ms; with the question to the camera's process, "
        f"the conversion of 640 x 480 RGB8, and the answer; {permitted()}"
    )
    return lower(NAMES[0], line_ms - bare_ms, BEYOND_MS, 1.0, note)


def bare_library(section: AravisSection, frames: int) -> list[float]:
    """The library alone: nothing is converted, and nothing checked but that it is whole."""
    device = Device(binding(), "bench", section.address)
    source = order(device, section)
    pixels = np.zeros(source.size_bytes(section.geometry), np.uint8)
    stream = Stream(device, section)
    device.ask("camera_start_acquisition")
    try:
        with as_in_the_station(RANK - 1), _receivers_ranked():
            took_ms = [_bare(device, stream, pixels) for _ in range(frames)]
            return [each for each in took_ms if each is not None]
    finally:
        device.ask("camera_stop_acquisition")
        stream.close()
        device.close()


@contextlib.contextmanager
def _receivers_ranked() -> Iterator[None]:
    """As those of a camera's process."""
    if may_schedule():
        for thread in receivers_of(os.getpid()):
            policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
            os.sched_setscheduler(thread, policy, os.sched_param(RANK - 1))
    yield


def _bare(device: Device, stream: Stream, pixels: NDArray[np.uint8]) -> float | None:
    """One frame; None of one that did not come whole, as on a box that is busy."""
    stream.lend(pixels)
    time.sleep(PITCH_MS / 1000)
    start_ns = time.monotonic_ns()
    device.ask("camera_software_trigger")
    frame = stream.take(start_ns + FRAME_NS)
    took_ms = (time.monotonic_ns() - start_ns) / 1e6
    return None if frame is None or frame.fault else took_ms


@contextlib.contextmanager
def camera_process(section: AravisSection) -> Iterator[tuple[RemoteCamera, FrameRing]]:
    """The process of a camera as a station has it, and the line's side of it."""
    name = f"bench.camera.{os.getpid()}"
    with contextlib.ExitStack() as undo:
        undo.callback(sweep, name)
        table = ProcessTable.create(name)
        ring = FrameRing.create(name, 0, section.geometry, SLOTS)
        CameraPort.create(name, 0).close()
        for bell in bells_of(0):
            make_bell(name, bell)
        plan = CameraPlan(station=name, view=0, name="bench", camera=section, budget_ms=0.0)
        # nobody beats for the supervisor here: an orphan comes to an end after ten seconds
        beat = table.rows[0].beat
        child = _spawned(plan)
        undo.callback(child.wait)
        undo.callback(child.terminate)
        table.rows[1].occupy(child.pid)
        camera = RemoteCamera(name, "bench", ring)
        end_s = time.monotonic() + OPEN_S
        while not camera.ready:
            beat()
            if time.monotonic() > end_s or child.poll() is not None:
                raise ProcessFailed("the process of the camera did not open it")
            time.sleep(0.01)
        yield camera, ring


def _spawned(plan: CameraPlan) -> subprocess.Popen[bytes]:
    fd = hand_over(plan.model_dump_json())
    try:
        return subprocess.Popen(
            [
                sys.executable, "-I", "-m", "gonogo.drivers.cameras.process",
                str(fd), "1", "active", plan.station,
            ],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(fd,),
            start_new_session=True,
        )  # fmt: skip
    finally:
        os.close(fd)  # the child has its own


def asked_by_the_line(camera: RemoteCamera, ring: FrameRing, frames: int) -> list[float]:
    """Between two parts the slot of the next frame is named; then it is asked for."""
    found = []
    with as_in_the_station(RANK):
        for part_id in range(frames):
            pixels = ring.slots[part_id % SLOTS].pixels
            camera.queue(pixels)
            time.sleep(PITCH_MS / 1000)
            start_ns = time.monotonic_ns()
            with contextlib.suppress(CameraError):  # not whole: on both sides it does not count
                camera.grab(part_id, pixels, start_ns + FRAME_NS)
                found.append((time.monotonic_ns() - start_ns) / 1e6)
    return found


def _part_row(folder: Path) -> Row:
    """The same station twice: by the network camera, and by a simulated one as slow as it was.

    So slow it was in the very run before: alone, without a station on the same cores, it takes
    another time. What its way costs until the slot is the other row's.
    """
    network: list[Timed] = []
    simulated: list[Timed] = []
    waits_ms: list[float] = []
    for _ in range(TURNS):
        found = _parts(folder, lambda _: camera_section().model_dump())
        network += found
        frame_ms = percentile([part.part_ms - part.from_frame_ms for part in found], 50)
        waits_ms.append(frame_ms)
        simulated += _parts(folder, partial(_slow, exposure_ms=frame_ms))
    network_ms, simulated_ms = ([part.part_ms for part in parts] for parts in (network, simulated))
    after = (percentile([part.from_frame_ms for part in each], 50) for each in (network, simulated))
    note = (
        f"{len(network)} parts a side, 640 x 480 px in colour; until the frame "
        f"{', '.join(f'{each:.2f}' for each in waits_ms)} ms p50, on both sides; from there "
        "{:.2f} over {:.2f} ms p50; ".format(*after)
        + f"p99 {percentile(network_ms, 99):.2f} over {percentile(simulated_ms, 99):.2f}"
    )
    return lower(NAMES[1], percentile(network_ms, 50), percentile(simulated_ms, 50), 1.05, note)


def _slow(made: dict[str, object], exposure_ms: float) -> dict[str, object]:
    return made | {"exposure_ms": exposure_ms}


def _parts(folder: Path, camera: Callable[[dict[str, object]], dict[str, object]]) -> list[Timed]:
    """Of a run with that camera."""
    station, sections = part_station(folder, camera)
    return run_parts(station, PARTS, folder, sections=sections).parts


def part_station(
    folder: Path, camera: Callable[[dict[str, object]], dict[str, object]]
) -> tuple[Station, tuple[dict[str, object], ...]]:
    """The campaign's station with its own photo-eye and another camera; what the judge knows."""
    made = campaign_station(folder, SEED, lambda *_: None, PITCH_MS)
    fields = made.model_dump()
    fields["trigger"] = {"driver": "timer", "period_ms": PITCH_MS}
    fields["view"][0]["camera"] = camera(fields["view"][0]["camera"])
    return Station.model_validate(fields), known(made)
