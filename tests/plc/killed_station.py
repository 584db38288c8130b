"""A whole station whose ejector is killed while it is on: run by a Python that knows gpio-file.

    python -I -m gonogo.tests.plc.killed_station FOLDER keeps|drops KILLS

Says as JSON what came of it; gonogo.tests.test_gpio_ejector judges that.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS, VerdictKind
from gonogo.config.station import Station
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.journal_records import UnfinishedEntry, VerdictEntry
from gonogo.launch.running_station import RunningStation
from gonogo.proving.plcsim.truth import truth_of
from gonogo.tests.plc.filechip import FileChip
from gonogo.tests.plc.pin import Watch
from gonogo.tests.stations import DIAMETER, small_station, synthetic
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import Part

PERIOD_MS = 600
BUDGET_MS = 400.0
EJECT = {"distance_mm": 110.0, "window_mm": 40.0}  # 450 to 650 ms after the trigger
SLACK_MS = 50.0
AFTER_S = 3.0
WAIT_S = 90.0


def station_of(folder: Path, chip: FileChip, *, keeps: bool) -> Station:
    """Half of its parts are bad; on means pass."""
    camera = synthetic(defects=("wrong_size",), defect_pct=50, seed=3)
    # so tight that the rule alone catches every part that is bad
    rule = DIAMETER | {"low": 71.6, "high": 72.4}
    view = {"name": "top", "camera": camera, "rule": (rule,)}
    trigger = {"driver": "timer", "period_ms": PERIOD_MS}
    made = small_station(
        folder, view, trigger=trigger, budget_ms=BUDGET_MS, pitch_mm=0.2 * PERIOD_MS
    )
    plc = {"driver": "gpio-file", "chip": chip.name, "line": "0", "keeps": keeps}
    fields = {"plc": plc | {"readback_ms": 5000.0}, "eject": EJECT}
    return Station.model_validate(made.model_dump() | fields)


class Shift:
    """Its parts by serial, whom it accepted, and what kills of its line have cost."""

    def __init__(self, running: RunningStation, chip: FileChip, watch: Watch) -> None:
        self._running, self._chip, self._watch = running, chip, watch
        self._reader = JournalReader(running.journal)
        self.parts: dict[int, Part] = {}
        self.accepted: set[int] = set()
        self.gaps: list[tuple[int, int]] = []  # from a kill until the pin was off

    def until(self, what: str, done: Callable[[], object]) -> None:
        """Wait, and keep what the journal says; the bound only ends a run that fails."""
        end_s = time.monotonic() + WAIT_S
        while not done():
            if time.monotonic() > end_s:
                raise TimeoutError(what)
            self._running.wait(0.01)
            for entry in self._reader:
                if isinstance(entry, VerdictEntry | UnfinishedEntry):
                    self.parts[entry.part.serial] = entry.part
                if isinstance(entry, VerdictEntry) and entry.kind is VerdictKind.ACCEPT:
                    self.accepted.add(entry.part.serial)

    def kill(self) -> None:
        """Whoever holds the output, while it is on for a part and a spare stands ready."""
        rows, ready = self._running.rows["line"], {RowState.UP, RowState.HELD}
        table = self._running.beats.rows
        self.until("no spare", lambda: {table[row].state for row in rows} == ready)
        begun_ns = time.monotonic_ns()
        self.until("never off", lambda: self._watch.first(begun_ns, on=False))
        off_ns = self._watch.first(begun_ns, on=False)
        self.until("never on", lambda: self._watch.first(off_ns, on=True))
        killed_ns, holder = time.monotonic_ns(), self._chip.holder()
        os.kill(holder, signal.SIGKILL)
        self.until("it stays on", lambda: self._watch.first(killed_ns, on=False))
        self.gaps.append((killed_ns, self._watch.first(killed_ns, on=False)))
        self.until("nobody took over", lambda: self._chip.holder() not in {0, holder})

    def rest(self) -> None:
        """Some parts more; a row that ends five times within a minute would be left alone."""
        end_ns = time.monotonic_ns() + AFTER_S * 1e9
        self.until("no end", lambda: time.monotonic_ns() > end_ns)


def passed(station: Station, shift: Shift, watch: Watch, *, keeps: bool) -> dict[str, int]:
    """Parts by what they are and what the pin said in their window."""
    begin_ms, end_ms = 450.0 + SLACK_MS, 650.0 - SLACK_MS
    found = dict.fromkeys(("good on", "good off", "bad on", "bad off", "no verdict on"), 0)
    for serial, part in shift.parts.items():
        begin_ns = part.trigger_ns + begin_ms * NS_PER_MS
        end_ns = part.trigger_ns + end_ms * NS_PER_MS
        # a chip that keeps its level passes whatever comes until it is opened again
        if keeps and any(
            begin_ns < off_ns and killed_ns < end_ns for killed_ns, off_ns in shift.gaps
        ):
            continue
        good = truth_of(station.view[0].camera, part.part_id).good
        on = True in watch.within(begin_ns, end_ns)
        found[f"{'good' if good else 'bad'} {'on' if on else 'off'}"] += 1
        found["no verdict on"] += on and serial not in shift.accepted
    return found


def main(folder: Path, kind: str, kills: int) -> None:
    """Kill it so many times, and say what came of it."""
    keeps = kind == "keeps"
    chip = FileChip(folder / "chip", keeps=keeps)
    station = station_of(folder, chip, keeps=keeps)
    with RunningStation(station) as running, Watch(chip) as watch:
        shift = Shift(running, chip, watch)
        for _ in range(kills):
            shift.kill()
            shift.rest()
    gaps_ms = [(off_ns - killed_ns) / NS_PER_MS for killed_ns, off_ns in shift.gaps]
    said = {"parts": passed(station, shift, watch, keeps=keeps), "off_after_ms": gaps_ms}
    print(json.dumps(said | {"left on": chip.level(0)}))  # noqa: T201 - what it is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
