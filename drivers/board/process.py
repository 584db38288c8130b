"""The process that watches the board: reads it each second, and says how hot it is.

Started as a row of the process table where the station file has [board], with a `BoardPlan`. A
sensor that hangs holds up nobody else: the line reads what is said here in shared memory
(gonogo.ipc.board_health), and counts a process that is killed or stands still as silent.
"""

from __future__ import annotations

import select
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import BoardHot, BoardWarm, BoardZoneUnknown, GonogoError
from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import step_back
from gonogo.base.section import Section
from gonogo.base.words import FaultBit
from gonogo.drivers.board.board import read_board
from gonogo.drivers.board.jetson_stats import JetsonStats
from gonogo.drivers.board.reading import BoardReading, Rail, Throttle, Zone
from gonogo.drivers.board.section import BoardSection
from gonogo.drivers.board.watch import BoardWatch
from gonogo.ipc import worker
from gonogo.ipc.board_health import BoardWriter, Heat
from gonogo.ipc.chip_health import ChipView
from gonogo.ipc.fault_table import FaultsToShow
from gonogo.ipc.frame_ring import PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

log = get_logger(__name__)

CHIPS = ("chip A", "chip B")  # the zones of the chips that engines have, by place
ASKED = "asked for"  # the zone of a fault on request
COOL_C = 20.0  # of that zone, once the fault is over


class BoardPlan(Section):
    """The process's one argument; `root`: below which sysfs is read."""

    station: str
    board: BoardSection
    root: Path = Path("/")


class Sources:
    """Where a reading comes from: sysfs, jetson-stats, the chips of engines, a fault on request."""

    def __init__(
        self, plan: BoardPlan, chips: Sequence[ChipView], faults: FaultsToShow, stats: JetsonStats
    ) -> None:
        self._plan, self._chips, self._faults, self._stats = plan, chips, faults, stats
        self._asked = False

    def read(self, now_s: float) -> BoardReading:
        """All of it now."""
        reading = read_board(self._plan.root)
        if self._plan.board.jetson_stats == "auto":
            try:
                reading = self._stats.add_to(reading, now_s)
            except GonogoError as error:
                log.warning("jetson_stats_silent", text="%(error)s", error=error)
        return self._with_fault(self._with_chips(reading))

    def _with_chips(self, reading: BoardReading) -> BoardReading:
        now_ns = time.monotonic_ns()
        for place, chip in enumerate(self._chips):
            found, name = chip.reading(now_ns), CHIPS[place]
            if found is None:
                continue
            zones = (*reading.zones, Zone(name, found.temperature_c))
            slows = () if found.throttled is None else (Throttle(name, found.throttled),)
            rails = () if found.power_w is None else (Rail(name, None, None, found.power_w),)
            reading = reading._replace(
                zones=zones,
                throttles=reading.throttles + slows,
                rails=reading.rails + rails,
            )
        return reading

    def _with_fault(self, reading: BoardReading) -> BoardReading:
        """A zone more, as hot as somebody has asked for; cool once that is over."""
        shown, before = self._faults.show("board-hot"), self._asked
        self._asked = shown
        if not (shown or before):
            return reading
        hot_c = self._faults.amount("board-hot") if shown else COOL_C
        return reading._replace(zones=(*reading.zones, Zone(ASKED, hot_c)))


class Told:
    """What was said last, so that each crossing is told once: to the log, the PLC and the line."""

    def __init__(self, writer: BoardWriter, process: worker.Worker) -> None:
        self._writer, self._process = writer, process
        self._heat = Heat.COOL

    def tell(self, watch: BoardWatch, reading: BoardReading) -> None:
        """How hot the board is now."""
        hottest = reading.hottest
        known = None if hottest is None else (hottest.name, hottest.temperature_c or 0.0)
        rail = next(iter(reading.rails), None)
        self._writer.say_power(None if rail is None else rail.power_w)
        self._writer.say(watch.heat, known, slowed=watch.slowed)
        warm = watch.heat in {Heat.WARM, Heat.HOT}
        self._process.warn(FaultBit.TEMPERATURE if warm else 0)
        if watch.heat is not self._heat:
            self._crossed(watch)

    def _crossed(self, watch: BoardWatch) -> None:
        before, self._heat = self._heat, watch.heat
        if watch.heat is Heat.HOT:
            log.error(
                "board_hot",
                text="%(error)s",
                error=BoardHot(f"{watch.why}: the engine rests, the rules judge"),
            )
        elif watch.heat is Heat.WARM and before is not Heat.HOT:
            log.warning(
                "board_warm",
                text="%(error)s",
                error=BoardWarm(f"{watch.why}: parts are judged as ever"),
            )
        elif watch.heat is Heat.UNKNOWN:
            log.warning("board_unknown", text="the board is unknown: nothing of it can be read")
        else:
            log.info(
                "board_cooler",
                text="the board is %(heat)s: %(why)s",
                heat=watch.heat.name.lower(),
                why=watch.why or "no more said",
            )


def first_look(reading: BoardReading, section: BoardSection) -> None:
    """Say what will be looked at, and what of it is not there."""
    names = [zone.name for zone in reading.zones]
    # the chips of engines say nothing before these have loaded
    there = {*names, *CHIPS, ASKED}
    for missing in (zone for zone in section.zones if zone not in there):
        log.warning(
            "board_zone_unknown",
            text="%(error)s",
            error=BoardZoneUnknown(missing_zone(missing, names)),
        )
    if not names:
        log.warning(
            "board_says_nothing",
            text="this box says no temperature: nothing to watch but a chip that an engine has",
        )


def missing_zone(name: str, names: Sequence[str]) -> str:
    """In words, for a station file that names a zone that is not there."""
    there = ", ".join(names) or "none at all"
    return (
        f"[board] zones: '{name}' is not there, it is not watched; expected one of: {there} "
        "(`gonogo check` shows them)"
    )


def main(argument: str, row: int) -> int:
    """Map the memory, then look at the board until asked to stop."""
    plan = BoardPlan.model_validate_json(argument)
    process = worker.begin("board", plan.station, row)
    step_back()  # for everybody: no part waits for it
    with ExitStack() as stack:
        writer = BoardWriter.attach(plan.station)
        stack.callback(writer.close)
        chips = [ChipView.attach(plan.station, place) for place in range(PLACES)]
        stats = JetsonStats()
        stack.callback(stats.close)
        sources = Sources(plan, chips, FaultsToShow.attach(plan.station), stats)
        left = writer.heat if writer.said_ns else Heat.UNKNOWN
        watch_board(plan, sources, left, Told(writer, process), process)
    return 0


def watch_board(
    plan: BoardPlan, sources: Sources, left: Heat, told: Told, process: worker.Worker
) -> None:
    """Until asked to stop; `left`: how hot it was by the process before this one."""
    watch = BoardWatch(plan.board, left, time.monotonic())
    first_look(sources.read(time.monotonic()), plan.board)
    freeze()
    tidy = Tidy()
    while not process.stop.asked:
        now_s = time.monotonic()
        reading = sources.read(now_s)
        watch.add(reading, now_s)
        told.tell(watch, reading)
        tidy.collect_when_due(now_s)
        process.beat()
        left_s = now_s + plan.board.every_s - time.monotonic()
        select.select([process.stop.fd], [], [], max(left_s, 0.0))


if __name__ == "__main__":
    its = worker.told(sys.argv)
    sys.exit(main(its.argument, its.row))
