"""A whole station with a photo-eye of its own at a chip of the kernel, which goes and comes back.

Judged by the station's journal, as no PLC is there. It needs gpio-sim: `make vmtest` has a guest.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Mode, Reason
from gonogo.ipc.journal import JournalReader
from gonogo.launch.running_station import RunningStation
from gonogo.proving.figures import Tally
from gonogo.tests.base.gpio.sim import sim_chip
from gonogo.tests.stations import remains_of, small_station

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.tests.base.gpio.sim import SimChip

pytest.importorskip("gpiod", reason="gpiod is not installed")

PITCH_S = 1.6  # an emulated processor is slow
WAIT_S = 200.0
LINE = 3


class Belt:
    """Parts that cover the eye, one after the other, while it runs."""

    def __init__(self, chip: SimChip) -> None:
        self._chip = chip
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(PITCH_S / 2):
            self._chip.set(LINE, active=True)
            self._ending.wait(PITCH_S / 2)
            self._chip.set(LINE, active=False)


def test_station_outlives_the_chip_of_its_photo_eye(tmp_path: Path) -> None:
    """SAFE while it is gone; the first part after that is rejected, and the next one judged."""
    with sim_chip() as chip:
        eye = {"driver": "gpio", "chip": chip.label, "line": str(LINE), "min_pitch_ms": 400.0}
        station = small_station(tmp_path, trigger=eye, budget_ms=1500.0, pitch_mm=200.0 * PITCH_S)
        tally = Tally()
        with RunningStation(station) as running:
            reader = JournalReader(running.journal)

            def until(what: str, done: Callable[[], bool]) -> None:
                end_s = time.monotonic() + WAIT_S
                while not done():
                    assert time.monotonic() < end_s, what
                    running.wait(0.05)
                    tally.take(reader)

            with Belt(chip):
                until("no part was judged", lambda: bool(tally.verdicts))
            chip.unplug()
            until("it has not noticed", lambda: running.heartbeat.mode is Mode.SAFE)
            before = len(tally.verdicts)
            chip.plug()
            until("it has not come back", lambda: running.heartbeat.mode is Mode.FULL)
            with Belt(chip):
                until("nobody is judged any more", lambda: len(tally.verdicts) >= before + 2)
    reasons = [tally.verdicts[k].reason for k in sorted(tally.verdicts)]
    assert reasons[before : before + 2] == [Reason.TRIGGER, Reason.OK]
    assert reasons[0] is Reason.OK
    assert remains_of(station) == []
