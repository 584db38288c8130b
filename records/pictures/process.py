"""The pictures process: copies frames of parts out of the rings, and keeps them as files.

Started as a row of the process table, with a `PicturesPlan`. A process of its own, beside records:
a frame must be copied before the ring comes round, and records waits for its disk; encoding a
picture takes longer than many a pitch, and no row may be late for it. The line knows nothing of it.
"""

from __future__ import annotations

import contextlib
import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from gonogo.base.frame_shape import FrameShape
from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.log.logger import get_logger
from gonogo.base.section import Section
from gonogo.ipc import worker
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.journal import JournalView
from gonogo.ipc.journal_memory import SERIAL
from gonogo.ipc.worker import STOP_WAIT_S
from gonogo.records.dispositions.holding import Holding
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.labels import Clock
from gonogo.records.pictures.choice import Chooser
from gonogo.records.pictures.desk import Desk
from gonogo.records.pictures.follower import Follower, View
from gonogo.records.pictures.hand import Hand
from gonogo.records.pictures.keeping import Keeping
from gonogo.records.pictures.known import sampled, told_of
from gonogo.records.pictures.missed import Missed
from gonogo.records.pictures.ring import RingReader
from gonogo.records.pictures.rows import PictureRows
from gonogo.records.pictures.tree import Tree
from gonogo.records.section import ImagesSection
from gonogo.records.shifts import shift_start_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

log = get_logger(__name__)

POLL_MS = 10.0  # a frame waits no longer than that until it is copied
PATIENCE_S = STOP_WAIT_S / 2  # at a stop


class PicturesView(Section):
    """One view: its name in the records, and its frames."""

    name: str
    height_px: int
    width_px: int
    channels: int

    @property
    def geometry(self) -> FrameShape:
        """Of its frames."""
        return FrameShape(self.height_px, self.width_px, self.channels)


class PicturesPlan(Section):
    """The process's one argument; `path` and `shift_starts` are those of [records]."""

    station: str
    path: Path
    shift_starts: tuple[str, ...]
    images: ImagesSection
    views: tuple[PicturesView, ...]


def follow(follower: Follower, hand: Hand, process: worker.Worker) -> int:
    """Until asked to stop, and then what is left; the exit code."""
    stop, tidy, told = process.stop, Tidy(), 0
    ending = False
    while not (ending or hand.failed):
        # read before the journal: what was written before we were asked to stop is seen to
        ending = stop.asked
        follower.catch_up()
        if follower.lost > told:
            told = follower.lost
            log.warning(
                "pictures_behind",
                text="pictures: %(entries)d entries of the journal were overwritten unread",
                entries=told,
            )
        process.beat()
        tidy.collect_when_due(time.monotonic())
        if not ending:
            select.select([stop.fd], [], [], POLL_MS / 1000)
    return 0 if hand.finish(PATIENCE_S) else 1


def rings_of(plan: PicturesPlan) -> list[View]:
    """Mapped for reading only."""
    return [
        View(
            view.name,
            RingReader(FrameRing.attach(plan.station, number, view.geometry, read_only=True)),
        )
        for number, view in enumerate(plan.views)
    ]


def desk_of(plan: PicturesPlan) -> Desk:
    """What brings copies to the disk."""
    rows, tree = PictureRows(plan.path, plan.images.folder), Tree(plan.images.folder)
    held = Holding(beside_records(plan.path))
    keeping = Keeping(plan.images, tree, rows, time.monotonic, held)
    return Desk(plan.images, tree, rows, keeping, Missed(time.monotonic))


def chooser_of(plan: PicturesPlan, run: str) -> Chooser:
    """With what the sample of this shift already holds."""
    began_ms = shift_start_ms(_now_ms(), plan.shift_starts)
    drawn = sampled(plan.path, began_ms)
    return Chooser(run, plan.images, plan.shift_starts, began_ms, drawn)


def main(argument: str, row: int) -> int:
    """Map the rings, follow the journal."""
    plan = PicturesPlan.model_validate_json(argument)
    process = worker.begin("pictures", plan.station, row)
    cv2.setNumThreads(1)
    journal = JournalView.attach(plan.station)
    views: Sequence[View] = rings_of(plan)
    hand = Hand(desk_of(plan), _now_ms)
    # of the parts that the journal may still hold
    since = max(journal.words[SERIAL] - journal.records, 0)
    chooser, told = chooser_of(plan, journal.run), told_of(plan.path, journal.run, since)
    follower = Follower(journal, views, chooser, hand, told)
    freeze()
    hand.start()
    with contextlib.ExitStack() as stack:
        stack.callback(journal.close)
        for view in views:
            stack.callback(view.ring.close)
        return follow(follower, hand, process)


def _now_ms() -> int:
    return Clock.now().wall_ms(time.monotonic_ns())


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
