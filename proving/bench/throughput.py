"""Frames per second with the engine kept busy, over what the engine alone could do.

The real engine process is fed through ring, mailbox and eventfds as the line feeds it,
with the next frame written and asked for while the one before is judged. The control
is the bare engine call on the same pixels, back to back, in turns with the stream.
"""

from __future__ import annotations

import os
import select
import signal
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.doorbell import make_bell, open_bell, quiet, ring
from gonogo.base.errors import EngineTimeout
from gonogo.base.realtime import RealtimeSection
from gonogo.base.shm import sweep
from gonogo.engines.serving.hostplan import HostPlan, ViewPlan
from gonogo.ipc.engine_choices import served
from gonogo.ipc.engine_queue import Mailbox, Request
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.frame_ring import FrameRing, Slot, State
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.station_lock import StationLock
from gonogo.launch.memory import BELLS
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import bare_engine, bench_station, pictures
from gonogo.watchdog.process import Process

if TYPE_CHECKING:
    from gonogo.config.station import Station

NAME = "bench-throughput"
# two in flight keep it busy, four slots keep them apart
FRAMES, TURNS, SLOTS, IN_FLIGHT = 100, 4, 4, 2
PATIENCE_S = 60  # a first engine may be choosing its backend by measure


def measure() -> list[Row]:
    """The one row."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder, ExitStack() as stack:
        station = bench_station(Path(folder), "timer")
        stream = Stream(station, stack)
        rates, bare_ms = [], []
        for _ in range(TURNS):
            # in turns with the stream, and with nothing between two calls
            bare_ms += bare_engine(station, stream.engine, FRAMES, 0.0)
            rates.append(stream.rate_hz(FRAMES))
    rate_hz, most_hz = float(np.median(rates)), 1000 / float(np.median(bare_ms))
    note = f"{stream.engine}, {TURNS} turns of {FRAMES} frames, two in flight"
    return [Row("throughput", rate_hz, most_hz, "higher", "frames/s", 0.90, note)]


class Stream:
    """The engine process, with the next frame in its queue while it works on the last."""

    def __init__(self, station: Station, stack: ExitStack) -> None:
        lock = StationLock(NAME)
        stack.callback(lock.close)
        self._ring = FrameRing.create(NAME, 0, station.view[0].camera.geometry, SLOTS)
        self._mailbox = Mailbox.create(NAME, 0)
        for memory in (self._ring, self._mailbox):
            stack.callback(memory.close)
            stack.callback(memory.segment.unlink)
        # what the station would have made: host and line share nothing else
        for bell in BELLS:
            make_bell(NAME, bell)
        # last made, first undone: names go while the memory is still mapped
        stack.callback(sweep, NAME)
        self._bells = open_bell(NAME, "ask0"), open_bell(NAME, "done0")
        for fd in self._bells:
            stack.callback(os.close, fd)
        self._beats = ProcessTable.create(NAME)
        stack.callback(self._beats.close)
        self._beats.rows[0].beat()  # a host without a supervisor ends by itself
        stack.callback(FaultBoard.create(NAME).close)
        stack.callback(Heartbeat.create(NAME).close)
        # its row in the process table is 1; row 0 stands for the supervisor, who beats here by hand
        host = Process.spawn(
            "gonogo.engines.serving.host", _plan(station), ("1", "active", NAME), 2
        )
        # as the supervisor does once it has started a process
        self._beats.rows[1].occupy(host.pid)
        stack.callback(host.reap)
        # undone in reverse: asked, waited for, reaped
        stack.callback(host.wait, PATIENCE_S)
        stack.callback(host.send, signal.SIGTERM)
        end_s = time.monotonic() + PATIENCE_S
        while not self._mailbox.ready:
            time.sleep(0.05)
            self._beats.rows[0].beat()
            if time.monotonic() > end_s:
                raise EngineTimeout(f"the engine did not serve within {PATIENCE_S} s")
        self.engine = served(self._mailbox, 0)
        self._pictures = pictures(station)
        self._request = 0

    def rate_hz(self, frames: int) -> float:
        """Frames per second from the first frame that is asked for to the last score."""
        self._beats.rows[0].beat()
        start_ns = time.monotonic_ns()
        waiting: deque[tuple[Slot, int]] = deque()
        for k in range(frames):
            waiting.append(self._ask(k))
            # the oldest first: answers come in order
            if len(waiting) > IN_FLIGHT:
                self._await(*waiting.popleft())
        while waiting:
            self._await(*waiting.popleft())
        return frames / ((time.monotonic_ns() - start_ns) / 1e9)

    def _ask(self, k: int) -> tuple[Slot, int]:
        """Write a frame into the next slot, as a camera does, and ask for its score."""
        slot = self._ring.slots[k % SLOTS]
        self._request += 1
        slot.begin(k + 1, k + 1, time.monotonic_ns())
        np.copyto(slot.pixels, self._pictures[k % len(self._pictures)])
        slot.commit(State.READY, time.monotonic_ns())
        deadline_ns = time.monotonic_ns() + PATIENCE_S * 10**9
        # after the commit: whoever is asked must find the frame whole
        self._mailbox.put(Request(self._request, 0, slot.index, deadline_ns))
        ring(self._bells[0])
        return slot, self._request

    def _await(self, slot: Slot, request_id: int) -> None:
        # the bell may have rung for the one before
        while not slot.results[0].whole(request_id):
            if not select.select([self._bells[1]], [], [], PATIENCE_S)[0]:
                raise EngineTimeout(f"no score within {PATIENCE_S} s")
            quiet(self._bells[1])


def _plan(station: Station) -> str:
    view = station.view[0]
    height, width, channels = view.camera.geometry
    if view.engine is None:
        raise ValueError("the bench station has an engine")
    one = ViewPlan(
        view=0,
        height_px=height,
        width_px=width,
        channels=channels,
        model=view.engine.model,
        backend=view.engine.backend,
        threads=view.engine.threads,
    )
    return HostPlan(
        station=NAME,
        place=0,
        views=(one,),
        realtime=RealtimeSection(),
    ).model_dump_json()
