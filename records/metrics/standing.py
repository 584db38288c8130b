"""How a station stands at one moment, read from its shared memory and its disk; nothing is asked.

What `gonogo status` shows, the metrics page serves and the alerts look at is this one reading. A
line that hangs is told of as well: nobody has to answer.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gonogo.base.errors import SegmentError
from gonogo.ipc.board_health import STALE_NS, BoardView, Heat
from gonogo.ipc.chip_health import ChipView
from gonogo.ipc.drift_table import DriftView
from gonogo.ipc.engine_choices import ChoiceView
from gonogo.ipc.engine_queue import VIEWS, HostState, MailboxView
from gonogo.ipc.engine_slots import SlotsView
from gonogo.ipc.frame_ring import PLACES
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.ipc.journal import JournalView
from gonogo.ipc.process_table import TableView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.base.words import Mode
    from gonogo.ipc.drift_table import ViewWords

PLACE_NAMES = "AB"
CHIP_NAMES = ("chip A", "chip B")
_S_PER_NS = 1e-9

View = TypeVar("View")


class LineStanding(NamedTuple):
    """Of the line: what it stands on, FAULT as the PLC is shown it, and how long ago what was.

    Ages in seconds, None where it never was.
    """

    mode: Mode
    faults: int
    judged: int
    broken: int
    takeovers: int
    alive_age_s: float | None


class RecordsStanding(NamedTuple):
    """Of the records, in entries of the journal; `asides`: damaged files that were set aside.

    `room`: how many entries the journal holds before it overwrites the oldest.
    """

    taken: int
    waiting: int
    lost: int
    asides: int
    room: int


class Disk(NamedTuple):
    """Where the records lie, in bytes; what this user may still write, and all of it."""

    free: int
    size: int


class PlaceStanding(NamedTuple):
    """An engine place: whether it is ready, judges, and what computes each view.

    `engines`: name and version of what it holds, where bundles are installed.
    """

    name: str
    ready: bool
    judges: bool
    backends: dict[int, str]
    engines: dict[str, str]


class Exchanges(NamedTuple):
    """Of a station whose engines are exchanged while parts flow."""

    switches: int
    roll_backs: int


class RowStanding(NamedTuple):
    """A row of the process table: whether its process lives, and how often it was started."""

    name: str
    lives: bool
    starts: int


class Board(NamedTuple):
    """How the box fares by what is known; `chips`: degrees Celsius of those that say so."""

    heat: Heat | None
    hottest_c: float | None
    slowed: bool
    power_w: float | None
    chips: dict[str, float]


class DriftStanding(NamedTuple):
    """How the charts of drift stand: how many are out, parts that wait, values of no use.

    `views`: of each by its number what it learns and its charts, by the number of their signal.
    """

    alarms: int
    waiting: int
    odd: int
    views: dict[int, ViewWords]


class Standing(NamedTuple):
    """All of it; `drift` is None where nobody charts it."""

    line: LineStanding
    records: RecordsStanding
    disk: Disk | None
    places: tuple[PlaceStanding, ...]
    exchanges: Exchanges | None
    rows: tuple[RowStanding, ...]
    board: Board
    drift: DriftStanding | None = None


def row_numbers(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Of a process table with these rows, by name; row 0 is the supervisor's own."""
    return {
        name: tuple(k for k, each in enumerate(names, 1) if each == name)
        for name in dict.fromkeys(names)
    }


class StationMemory:
    """What of a station's memory is looked at, mapped to be read alone.

    `records`: the path of the records in the station file; None where nobody knows it, and the
    disk is not looked at. `rows`: their names by number in the process table.
    """

    def __init__(
        self, station: str, records: Path | None, rows: dict[str, tuple[int, ...]]
    ) -> None:
        self._folder = None if records is None else records.parent
        self._rows = rows
        with ExitStack() as stack:
            self._heart = HeartbeatView.attach(station)
            stack.callback(self._heart.close)
            self._journal = JournalView.attach(station)
            stack.callback(self._journal.close)
            self._table = TableView.attach(station) if rows else None
            if self._table is not None:
                stack.callback(self._table.close)
            self._board = _if_there(partial(BoardView.attach, station))
            self._chips = [
                _if_there(partial(ChipView.attach, station, place)) for place in range(PLACES)
            ]
            self._queues = [
                _if_there(partial(MailboxView.attach, station, place)) for place in range(PLACES)
            ]
            self._slots = _if_there(partial(SlotsView.attach, station))
            self._drift = _if_there(partial(DriftView.attach, station))
            for view in (self._board, *self._chips, *self._queues, self._slots, self._drift):
                if view is not None:
                    stack.callback(view.close)
            self._stack = stack.pop_all()

    def look(self, now_ns: int | None = None) -> Standing:
        """How it stands now; some words may be a moment newer than others."""
        now_ns = time.monotonic_ns() if now_ns is None else now_ns
        return Standing(
            self._line(now_ns), self._records(), self._disk(), tuple(self._places()),
            self._exchanges(), tuple(self._processes()), self._box(now_ns), self._charts(),
        )  # fmt: skip

    def _charts(self) -> DriftStanding | None:
        drift = self._drift
        if drift is None or not drift.said_ns:
            return None
        return DriftStanding(drift.alarms, drift.waiting, drift.odd, drift.views())

    def _line(self, now_ns: int) -> LineStanding:
        heart = self._heart
        alive_ns = heart.alive_ns
        age_s = max(now_ns - alive_ns, 0) * _S_PER_NS if alive_ns else None
        return LineStanding(
            heart.mode, heart.faults, heart.cycles, heart.broken, heart.takeovers, age_s
        )

    def _records(self) -> RecordsStanding:
        journal = self._journal
        taken = journal.taken  # first: what is written meanwhile waits, and is not less than none
        waiting = max(journal.written - taken, 0)
        return RecordsStanding(taken, waiting, journal.lost, journal.asides, journal.records)

    def _disk(self) -> Disk | None:
        if self._folder is None:
            return None
        try:
            found = os.statvfs(self._folder)
        except OSError:  # nothing is known of a disk that is not there
            return None
        return Disk(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)

    def _places(self) -> list[PlaceStanding]:
        found = []
        for place, queue in enumerate(self._queues):
            if queue is None:
                continue
            ready = queue.state is HostState.READY
            serves = {view: ChoiceView(queue, view).serves for view in range(VIEWS if ready else 0)}
            backends = {view: its.backend for view, its in serves.items() if its is not None}
            active = self._slots is None or self._slots.active == place
            found.append(
                PlaceStanding(PLACE_NAMES[place], ready, active, backends, self._held(place))
            )
        return found

    def _held(self, place: int) -> dict[str, str]:
        """Name and version of the bundles that a place shall hold."""
        ordered = None if self._slots is None else self._slots.places[place].ordered
        # their folders are named by the version (gonogo.engines.installed.layout)
        return {} if ordered is None else {n: p.parent.name for n, p in ordered.bundles.items()}

    def _exchanges(self) -> Exchanges | None:
        slots = self._slots
        return None if slots is None else Exchanges(slots.switches, slots.roll_backs[0])

    def _processes(self) -> list[RowStanding]:
        if self._table is None:
            return []
        rows = self._table.rows
        return [
            RowStanding(
                name, any(rows[k].lives for k in numbers), sum(rows[k].starts for k in numbers)
            )
            for name, numbers in self._rows.items()
        ]

    def _box(self, now_ns: int) -> Board:
        readings = [None if chip is None else chip.reading(now_ns) for chip in self._chips]
        chips = {
            name: reading.temperature_c
            for name, reading in zip(CHIP_NAMES, readings, strict=True)
            if reading is not None and reading.temperature_c is not None
        }
        board = self._board
        # old words are no news (gonogo.console.show.board)
        if board is None or not board.said_ns or now_ns - board.said_ns > STALE_NS:
            return Board(None, None, slowed=False, power_w=None, chips=chips)
        return Board(board.heat, board.hottest_c, board.slowed, board.power_w, chips)

    def close(self) -> None:
        """Unmap it; idempotent."""
        self._stack.close()


def _if_there(attach: Callable[[], View]) -> View | None:
    """A view of memory, None of what this station does not have."""
    try:
        return attach()
    except SegmentError:
        return None
