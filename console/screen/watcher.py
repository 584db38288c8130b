"""Follows a running station for the screen: one thread, which reads memory that is there anyhow.

Of the line it asks nothing. It is apart from the thread that serves, so that neither a flood of
requests nor a disk that hangs makes what is shown older than it says.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import FaultBit
from gonogo.console.screen.feed import Feed
from gonogo.console.screen.news import News
from gonogo.console.screen.shift import began_at, counted_before
from gonogo.console.screen.states import Glance
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.ipc.journal import JournalReader, JournalView
from gonogo.ipc.journal_memory import SERIAL
from gonogo.ipc.journal_records import UnfinishedEntry, VerdictEntry
from gonogo.ipc.link_table import LinkFlag
from gonogo.records.labels import Clock, Labels
from gonogo.records.metrics.standing import StationMemory
from gonogo.records.rows import read_entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.console.screen.frames import Frames
    from gonogo.console.screen.now import Now
    from gonogo.console.screen.plan import ScreenPlan
    from gonogo.ipc.journal_records import AnyEntry

TURN_S = 0.01  # so long a verdict waits at most; a turn without news takes 20 us of the processor
STUCK_NS = 1_500_000_000  # what is older than that is not served as if it were of now


class Memory(NamedTuple):
    """What of a station is mapped, to be read alone."""

    journal: JournalView
    heart: HeartbeatView
    station: StationMemory

    @classmethod
    def attach(cls, station: str) -> Memory:
        """Of a station that is up; SegmentError."""
        with ExitStack() as stack:
            journal = JournalView.attach(station)
            stack.callback(journal.close)
            heart = HeartbeatView.attach(station)
            stack.callback(heart.close)
            found = cls(journal, heart, StationMemory(station, None, {}))
            stack.pop_all()
        return found

    def close(self) -> None:
        """Unmap it."""
        self.journal.close()
        self.heart.close()
        self.station.close()


class Watcher:
    """`now` is the value of the last turn; `turned_ns` when that was, CLOCK_MONOTONIC.

    `newest`: the part that was judged last, None before any was.
    `news`: who waits for another one.
    """

    def __init__(
        self,
        plan: ScreenPlan,
        memory: Memory,
        frames: Frames,
        clock: Callable[[], Clock] = Clock.now,
    ) -> None:
        journal = memory.journal
        self._plan, self._journal, self._memory, self._frames = plan, journal, memory, frames
        self._clock = clock
        self._feed = Feed(plan.station, journal.run, Labels.read(journal.about))
        # all that the journal holds: the strip is full at once
        self._reader = JournalReader(journal, max(journal.written - journal.records, 0))
        self.newest: VerdictEntry | None = None
        self._began_ms = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="watcher", daemon=True)
        self.turned_ns, self.news = 0, News()
        self.now = self.turn()

    def start(self) -> None:
        """Go on by itself."""
        self._thread.start()

    def turn(self) -> Now:
        """Take what is new."""
        next_serial = self._journal.words[SERIAL] + 1  # before what is new is read
        entries = [entry for entry in map(read_entry, self._reader.raws()) if entry is not None]
        self._begin_shift(entries, next_serial)
        clock = self._clock()
        for entry in entries:
            self._feed.take(entry, clock.wall_ms(_trigger_ns(entry)))
            if isinstance(entry, VerdictEntry):
                self.newest = entry
        at_ns = time.monotonic_ns()
        # only of a part that is shown: on a fast line most of them are not
        if self.newest is not None and self._feed.due(at_ns):
            self._frames.keep(self.newest, at_ns)
        self.now = self._feed.now(
            self._glance(at_ns), lambda part: self._frames.views_of(part.serial)
        )
        self.turned_ns = at_ns
        return self.now

    def stuck(self, now_ns: int) -> bool:
        """Whether `now` is too old to be shown."""
        return now_ns - self.turned_ns > STUCK_NS

    def close(self) -> None:
        """Come to an end; what it reads is not closed."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _follow(self) -> None:
        while not self._stop.wait(TURN_S):
            before = self.now
            if self.turn() is not before:
                self.news.tell()

    def _begin_shift(self, entries: list[AnyEntry], next_serial: int) -> None:
        clock = self._clock()
        began_ms, began = began_at(clock.wall_ms(clock.monotonic_ns), self._plan.shift_starts)
        if began_ms == self._began_ms:
            return
        counts: dict[str, int] | None = {}
        if not self._began_ms:  # what the journal does not hold any more, the records do
            judged = (each for each in entries if isinstance(each, VerdictEntry | UnfinishedEntry))
            first = min((each.part.serial for each in judged), default=next_serial)
            until_ms = clock.wall_ms(clock.monotonic_ns) + 1
            run = self._journal.run
            counts = counted_before(self._plan.records, began_ms, until_ms, run, first)
        self._began_ms = began_ms
        self._feed.begin_shift(began_ms, began, counts)

    def _glance(self, at_ns: int) -> Glance:
        found, link = self._memory.station.look(at_ns), self._memory.heart.link.look()
        judging = [place.ready for place in found.places if place.judges]
        return Glance(
            at_ns=at_ns,
            alive_ns=self._memory.heart.alive_ns,
            mode=found.line.mode,
            faults=FaultBit(found.line.faults),
            taken=found.records.taken,
            waiting=found.records.waiting,
            lost=found.records.lost,
            engines_up=all(judging) if judging else None,
            tested=link is not None and LinkFlag.TEST in link.flags,
        )


def _trigger_ns(entry: AnyEntry) -> int:
    """Of an entry that is counted; of any other nobody asks."""
    return entry.part.trigger_ns if isinstance(entry, VerdictEntry | UnfinishedEntry) else 0
