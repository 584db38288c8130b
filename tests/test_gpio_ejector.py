"""A whole station whose ejector hangs at a chip of the kernel, killed while the output is on.

The pin itself is the judge, looked at all the time, beside the truth of each part. It needs
gpio-sim, which lets an output that nobody has go to its resistor: pulled down, that is a chip that
drops it; pulled up, one that leaves it on. `make vmtest` has a guest.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.base.words import NS_PER_MS, VerdictKind
from gonogo.config.station import Station
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.journal_records import UnfinishedEntry, VerdictEntry
from gonogo.launch.running_station import RunningStation
from gonogo.proving.plcsim.truth import truth_of
from gonogo.tests.base.gpio.sim import sim_chip
from gonogo.tests.stations import DIAMETER, remains_of, small_station, synthetic
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typing_extensions import Self

    from gonogo.base.words import Part
    from gonogo.ipc.process_table import SupervisedRow
    from gonogo.tests.base.gpio.sim import SimChip

pytest.importorskip("gpiod", reason="gpiod is not installed")

PITCH_S = 3.2  # an emulated processor is slow
WAIT_S = 200.0
SLACK_MS = 200.0  # looks nearer to an edge of a window say nothing there
LINE = 5
KILLS = 2
EJECT = {"by": "time", "distance_mm": 800.0, "window_mm": 300.0}  # 3250 to 4750 ms
LOOK_S = 0.025
AFTER_S = 16.0

log = logging.getLogger(__name__)


class Pin:
    """Every change of the pin, seen by a thread of its own."""

    def __init__(self, chip: SimChip) -> None:
        self._chip = chip
        self.looks: list[tuple[int, bool]] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ending.wait(LOOK_S):
            self.looks.append((time.monotonic_ns(), self._chip.level(LINE)))

    @property
    def on(self) -> bool:
        """As it was seen last."""
        return bool(self.looks) and self.looks[-1][1]

    def off_since(self, at_ns: int) -> int | None:
        """When it was seen off first, from that moment on."""
        return next((seen_ns for seen_ns, on in self.looks if seen_ns >= at_ns and not on), None)

    def within(self, begin_ns: float, end_ns: float) -> list[bool]:
        """What it was seen to be."""
        return [on for at_ns, on in self.looks if begin_ns <= at_ns <= end_ns]


class Gap(NamedTuple):
    """From a kill until the pin was off."""

    killed_ns: int
    off_ns: int


def station_of(folder: Path, chip: SimChip) -> Station:
    """Half of its parts are bad; on means pass."""
    camera = synthetic(defects=("wrong_size",), defect_pct=50, seed=3)
    view = {"name": "top", "camera": camera, "rule": (DIAMETER,)}
    trigger = {"driver": "timer", "period_ms": 1000 * PITCH_S}
    made = small_station(folder, view, trigger=trigger, budget_ms=3000.0, pitch_mm=200.0 * PITCH_S)
    plc = {"driver": "gpio-io", "chip": chip.label, "line": str(LINE), "readback_ms": 2000.0}
    return Station.model_validate(made.model_dump() | {"plc": plc, "eject": EJECT})


class Watched:
    """A running station: its parts by serial, whom it accepted, and kills of its line."""

    def __init__(self, running: RunningStation, pin: Pin) -> None:
        self._running, self._pin = running, pin
        self._reader = JournalReader(running.journal)
        self.parts: dict[int, Part] = {}
        self.accepted: set[int] = set()
        self.gaps: list[Gap] = []
        self._lives: list[tuple[int, int]] = []

    def until(self, what: str, done: Callable[[], object]) -> None:
        """Wait for something, and keep what the journal says; the bound ends a test that fails."""
        end_s = time.monotonic() + WAIT_S
        while not done():
            assert time.monotonic() < end_s, what
            self._running.wait(0.05)
            self._alive()
            for entry in self._reader:
                if isinstance(entry, VerdictEntry | UnfinishedEntry):
                    self.parts[entry.part.serial] = entry.part
                if isinstance(entry, VerdictEntry) and entry.kind is VerdictKind.ACCEPT:
                    self.accepted.add(entry.part.serial)

    def _rows(self) -> list[SupervisedRow]:
        return [self._running.beats.rows[k] for k in self._running.rows["line"]]

    def _alive(self) -> None:
        """Which line lives now; 0: none."""
        pids = [row.pid for row in self._rows() if row.state == RowState.UP]
        self._lives.append((time.monotonic_ns(), pids[0] if pids else 0))

    def kill(self) -> None:
        """Its line, while the output is on for a part and a spare stands ready."""
        ready = {RowState.UP, RowState.HELD}
        self.until("no spare", lambda: {row.state for row in self._rows()} == ready)
        self.until("the pin was never off", lambda: not self._pin.on)
        self.until("the pin was never on", lambda: self._pin.on)
        killed_ns = time.monotonic_ns()
        os.kill(next(row.pid for row in self._rows() if row.state == RowState.UP), signal.SIGKILL)
        self.until("it stays on", lambda: self._pin.off_since(killed_ns))
        self.gaps.append(Gap(killed_ns, self._pin.off_since(killed_ns) or 0))

    def rest(self) -> None:
        """Some parts more, undisturbed."""
        last_ns = time.monotonic_ns()
        self.until("no end", lambda: time.monotonic_ns() > last_ns + AFTER_S * 1e9)
        self.until("the pin was never on again", lambda: self._pin.on)

    def undisturbed(self, begin_ns: float, end_ns: float) -> bool:
        """Whether one and the same line lived all that time."""
        return len({pid for at_ns, pid in self._lives if begin_ns <= at_ns <= end_ns}) == 1


def judged(station: Station, watched: Watched, pin: Pin, *, rests_on: bool) -> dict[bool, int]:
    """Good and bad parts at whose window the pin was looked at; no other one was let pass."""
    assert station.eject is not None
    begin_ms, end_ms = station.eject.window_ms(station.station.speed_mm_s)
    looked = {True: 0, False: 0}
    for serial, part in watched.parts.items():
        begin_ns = part.trigger_ns + (begin_ms + SLACK_MS) * NS_PER_MS
        end_ns = part.trigger_ns + (end_ms - SLACK_MS) * NS_PER_MS
        # a chip that leaves the output on passes whatever comes until the spare has it
        if rests_on and not watched.undisturbed(part.trigger_ns, end_ns):
            continue
        good = truth_of(station.view[0].camera, part.part_id).good
        seen = set(pin.within(begin_ns, end_ns))
        looked[good] += bool(seen)
        assert True not in seen or (good and serial in watched.accepted), (part, good)
    return looked


@pytest.mark.parametrize("rests_on", [False, True])
def test_line_that_is_killed_with_the_ejector_on_lets_no_bad_part_pass(
    tmp_path: Path,
    rests_on: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Off at once where the chip lets it go, else as soon as the spare has the line."""
    with sim_chip() as chip:
        chip.set(LINE, active=rests_on)
        station = station_of(tmp_path, chip)
        with RunningStation(station) as running, Pin(chip) as pin:
            watched = Watched(running, pin)
            for _ in range(KILLS):
                watched.kill()
            watched.rest()
    looked = judged(station, watched, pin, rests_on=rests_on)
    log.info("pulled %s: %d good and %d bad parts looked at; off after %s ms",
             "up" if rests_on else "down", looked[True], looked[False],
             [round((gap.off_ns - gap.killed_ns) / NS_PER_MS) for gap in watched.gaps])  # fmt: skip
    assert min(looked.values()) > 0, "all parts were alike"
    assert remains_of(station) == []
