"""The drift process: charts whether what was decided still holds, and says when it may not.

A row of the process table where the station file has [records.drift]. A process of its own, and no
part of the records: a reference is made of 160 hours at once, frames are measured, and megabytes
of state written; no row may be late for that, and who has no [records.drift] loads none of it. The
line knows nothing of it; an alarm is a bit in this process's row, which the line reads with all
others and shows to the PLC as a warning.
"""

from __future__ import annotations

import contextlib
import select
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from gonogo.base.errors import DispositionsError, RecordsUnreadable
from gonogo.base.frame_shape import FrameShape
from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import step_back
from gonogo.base.section import Section
from gonogo.ipc import worker
from gonogo.ipc.drift_table import DriftWriter
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.journal import JournalView
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.reading import beside_records as dispositions_of
from gonogo.records.drift.feed import FedView, Feed
from gonogo.records.drift.following import Follower
from gonogo.records.drift.frames import Frames
from gonogo.records.drift.rows import PAGE
from gonogo.records.drift.section import DriftSection
from gonogo.records.drift.shifts_said import rejected, said_of, times
from gonogo.records.drift.told import Told
from gonogo.records.questions.files import Files

if TYPE_CHECKING:
    from gonogo.records.drift.overrides import SaidOf

log = get_logger(__name__)

BEAT_S = 0.5
TURN_S = 2.0  # how often the records are asked for new parts
LOOK_S = 60.0  # how often it is counted what waits, and looked at what people said
_NS_PER_S = 10**9


class DriftedView(Section):
    """One view: its name in the records, its frames, and whether an engine scores it."""

    name: str
    height_px: int
    width_px: int
    channels: int
    exposure_us: float
    scored: bool

    @property
    def geometry(self) -> FrameShape:
        """Of its frames."""
        return FrameShape(self.height_px, self.width_px, self.channels)


class DriftPlan(Section):
    """The process's one argument; `path` and `shift_starts` are those of [records]."""

    station: str
    path: Path
    shift_starts: tuple[str, ...]
    drift: DriftSection
    views: tuple[DriftedView, ...]


class Said:
    """What people said of the newest shift that was over for long enough; later words count."""

    def __init__(self, plan: DriftPlan) -> None:
        self._plan = plan
        self._files = Files(plan.path)

    def __call__(self) -> tuple[SaidOf, ...] | None:
        """None, not known now, while records or dispositions cannot be read."""
        plan = self._plan
        view = plan.views[0].name if len(plan.views) == 1 else ""
        at = times(time.time_ns() // 1_000_000, plan.shift_starts)
        try:
            counts = self._files.ask(lambda file: Counter() if file.old else rejected(file, at))
            with contextlib.closing(Book.read(dispositions_of(plan.path))) as book:
                said = list(book.all(since_ms=at.starts_ms[0]))
        except RecordsUnreadable:
            return None
        except DispositionsError as error:
            log.warning("drift_unasked", text="%(error)s", error=error)
            return None
        rejects: Counter[str] = sum(counts, Counter())
        return said_of(view, at, rejects, said, reviews=plan.drift.reviews)


class Looking:
    """At a frame of each view now and then; where none is due it looks again at every turn."""

    def __init__(self, frames: dict[str, Frames], feed: Feed, every_s: float) -> None:
        self._frames, self._feed, self._every_s = frames, feed, every_s
        self._next_s = dict.fromkeys(frames, 0.0)

    def look(self, now_s: float) -> None:
        """If it is time."""
        for view, frames in self._frames.items():
            if now_s < self._next_s[view]:
                continue
            shown = frames.take(round(now_s * _NS_PER_S))
            if shown is not None:
                self._next_s[view] = now_s + self._every_s
                self._feed.show(view, shown)


class Drifting:
    """Everything that is done in turns: frames, rows, and what is seldom looked at."""

    def __init__(self, follower: Follower, looking: Looking, told: Told) -> None:
        self._follower, self._looking, self._told = follower, looking, told
        self._turn_s = self._look_s = 0.0

    def turn(self, now_s: float) -> None:
        """What is due."""
        self._looking.look(now_s)
        news = False
        if now_s >= self._turn_s:
            turn = self._follower.turn()
            # at once again while a page was full: it is behind
            self._turn_s = now_s + (TURN_S if turn.parts < PAGE else 0.0)
            news = turn.news
        if now_s >= self._look_s:
            self._look_s = now_s + LOOK_S
            self._follower.look()
            self._told.behind(self._follower.waiting, self._follower.watch.odd)
            news = True
        if news:
            self._told.tell(self._follower.watch)


def watch(drifting: Drifting, process: worker.Worker) -> None:
    """Until asked to stop."""
    stop, tidy = process.stop, Tidy()
    while not stop.asked:
        now_s = time.monotonic()
        drifting.turn(now_s)
        tidy.collect_when_due(now_s)
        process.beat()
        select.select([stop.fd], [], [], BEAT_S)


def frames_of(plan: DriftPlan) -> dict[str, Frames]:
    """The rings of all views, mapped for reading only."""
    return {
        view.name: Frames(FrameRing.attach(plan.station, number, view.geometry, read_only=True))
        for number, view in enumerate(plan.views)
    }


def feed_of(plan: DriftPlan, run: str) -> Feed:
    """What knows of each view under which conditions its parts were judged."""
    return Feed(run, [FedView(each.name, each.exposure_us, each.scored) for each in plan.views])


def main(argument: str, row: int) -> int:
    """Map the rings, read the state, follow the records."""
    plan = DriftPlan.model_validate_json(argument)
    process = worker.begin("drift", plan.station, row)
    step_back()  # for everybody: no part waits for it
    cv2.setNumThreads(1)
    with ExitStack() as stack:
        journal = JournalView.attach(plan.station)
        feed = feed_of(plan, journal.run)
        journal.close()
        frames = frames_of(plan)
        for each in frames.values():
            stack.callback(each.close)
        table = DriftWriter.attach(plan.station)
        stack.callback(table.close)
        follower = Follower(plan.path, feed, Said(plan))
        told = Told(table, process, [view.name for view in plan.views])
        told.tell(follower.watch)
        freeze()
        watch(Drifting(follower, Looking(frames, feed, plan.drift.look_every_s), told), process)
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
