"""Another station on the same PLC, while the first one works.

    second-station   one of another name that sees good parts only: it would pass every bad one
    second-copy      the same station file again (under another name: its own is locked)

What must not happen ends the campaign: that one of the two does not latch FAULT in time,
that the fault can be cleared while both are there, or that it cannot afterwards.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ProcessFailed, SegmentError
from gonogo.base.words import FaultBit
from gonogo.config.station import Station
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.launch.running_station import RunningStation

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

LATCH_S = 1.0  # from the moment that the second line begins
AGAIN_S = 0.5  # after a command to clear the fault that must not do it
GONE_S = 2.5  # the first one is sure by then that it is alone
PATIENCE_S = 10.0
POLL_S = 0.001


class Neighbour:
    """Starts a second station on the PLC of a running one, and sees both out of it again."""

    def __init__(self, running: RunningStation, plc: subprocess.Popen[str]) -> None:
        self._running, self._plc = running, plc

    def another(self) -> int:
        """A station of another name; the moment when its line began, monotonic ns."""
        fields = self._fields("another")
        view = fields["view"][0]
        # rules alone, and parts without defects: its verdict is ACCEPT for each
        view["engine"] = None
        view["camera"]["defect_pct"] = 0
        return self._meet(Station.model_validate(fields))

    def copy(self) -> int:
        """The same station once more; the moment when its line began, monotonic ns."""
        return self._meet(Station.model_validate(self._fields("copy")))

    def _fields(self, what: str) -> dict[str, Any]:
        station = self._running.station
        fields = station.model_dump()
        # names are locked on a box: the copy stands for one on another box
        fields["station"] |= {"name": f"{station.station.name}.{what}", "warm_spare": False}
        fields["records"]["path"] = station.records.path.with_name(f"{what}.sqlite")
        fields["realtime"] |= {"enabled": False}  # a box of its own takes no time from the first
        return fields

    def _meet(self, station: Station) -> int:
        watch = Watch(station.station.name)
        # on the same PLC: both write the same words
        with RunningStation(station):
            watch.join(PATIENCE_S)
            # each for itself: one that stays quiet would go on passing parts
            latched = self._soon(self._latched, watch.began_ns / 1e9 + LATCH_S)
            if not (latched and watch.latched):
                who = "the first" if watch.latched else "the second"
                raise ProcessFailed(f"{who} of two stations did not latch FAULT in {LATCH_S:g} s")
            self._clear()
            time.sleep(AGAIN_S)
            if not self._latched():  # it must come back at once: the other one still writes
                raise ProcessFailed("FAULT was cleared while two stations wrote to one PLC")
        # so that a command to clear is not given too soon, which would prove nothing
        time.sleep(GONE_S)
        self._clear()
        if not self._soon(lambda: not self._latched(), time.monotonic() + PATIENCE_S):
            raise ProcessFailed("FAULT could not be cleared when the second station was gone")
        return watch.began_ns

    def _clear(self) -> None:
        self._plc.send_signal(signal.SIGUSR2)  # the simulator's operator

    def _latched(self) -> bool:
        return bool(self._running.heartbeat.faults & FaultBit.STRANGER)

    def _soon(self, met: Callable[[], bool], end_s: float) -> bool:
        while not met() and time.monotonic() < end_s:
            time.sleep(POLL_S)
        return met()


class Watch(threading.Thread):
    """Sees the line of a station begin, and whether it latches FAULT in time; starts itself."""

    def __init__(self, name: str) -> None:
        # begun before the station: it must be there when its line begins
        super().__init__(name=f"watch {name}", daemon=True)
        self._station = name
        self.began_ns = time.monotonic_ns()
        self.latched = False
        self.start()

    def run(self) -> None:
        """Until it has latched, or its time is over."""
        heartbeat = self._attached()
        # a line counts itself here when it begins
        while not heartbeat.takeovers:
            time.sleep(POLL_S)
        self.began_ns = time.monotonic_ns()
        while not self.latched and time.monotonic_ns() < self.began_ns + LATCH_S * 1e9:
            self.latched = bool(heartbeat.faults & FaultBit.STRANGER)
            time.sleep(POLL_S)
        heartbeat.close()

    def _attached(self) -> HeartbeatView:
        while True:
            # the station makes its memory in its own time
            with contextlib.suppress(SegmentError):
                return HeartbeatView.attach(self._station)
            time.sleep(POLL_S)
