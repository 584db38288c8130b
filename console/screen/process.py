"""The screen process: follows the station, and serves what there is to see to browsers.

A row of the process table where the station file has [screen]. It gives the processor to
everybody else first, reads memory that is there anyhow, and asks nothing of the line. Whatever
becomes of it, parts are judged and recorded.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import cv2

from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.realtime import step_back
from gonogo.console.screen.app import make_app
from gonogo.console.screen.archive import Archive
from gonogo.console.screen.at_the_door import AtTheDoor
from gonogo.console.screen.beside import Beside
from gonogo.console.screen.box_kept import BoxKept
from gonogo.console.screen.doors import Doors
from gonogo.console.screen.frames import Frames
from gonogo.console.screen.heat import Heat
from gonogo.console.screen.plan import ScreenPlan
from gonogo.console.screen.reasons import Reasons
from gonogo.console.screen.review import Review
from gonogo.console.screen.serving import serve_all
from gonogo.console.screen.shown import Behind
from gonogo.console.screen.spoken import Speaking
from gonogo.console.screen.watcher import Memory, Watcher
from gonogo.console.why.client import Explainer
from gonogo.ipc import worker
from gonogo.ipc.frame_ring import FrameRing
from gonogo.records.pictures.ring import RingReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.console.access.accounts import Accounts
    from gonogo.console.screen.access import Access


def behind(
    plan: ScreenPlan,
    stack: ExitStack,
    access: Access | None = None,
    accounts: Accounts | None = None,
) -> Behind:
    """All that stands behind the answers, mapped until `stack` is closed; SegmentError.

    `access`: another one than the doors; `accounts`: another's of the station's file.
    """
    # in the order of making: what is closed last is mapped first
    memory = Memory.attach(plan.station)
    stack.callback(memory.close)
    frames = Frames([ring.take for ring in _rings(plan, stack)], plan.screen.picture_px)
    archive = Archive(plan.records, plan.dispositions)
    names = tuple(view.name for view in plan.views)
    heat = Heat(plan.station, names, archive, plan.screen.picture_px)
    stack.callback(heat.close)
    speaking = Speaking(archive, plan.dispositions)
    beside = Beside()
    stack.callback(beside.close)
    watcher = Watcher(plan, memory, frames)
    stack.callback(watcher.close)
    review = Review(plan, archive, speaking)
    kept = BoxKept(plan)
    doors, at_the_door = Doors(plan, kept.names, accounts), AtTheDoor()
    stack.callback(at_the_door.close)
    reasons = Reasons(archive, Explainer(plan.why), plan.screen.picture_px)
    stack.callback(reasons.close)
    return Behind(plan, watcher, frames, archive, heat, speaking, review, access or doors, beside,
                  doors, at_the_door, kept, reasons)  # fmt: skip


def _rings(plan: ScreenPlan, stack: ExitStack) -> list[RingReader]:
    rings = []
    for number, view in enumerate(plan.views):
        ring = FrameRing.attach(plan.station, number, view.geometry, read_only=True)
        rings.append(RingReader(ring))
        stack.callback(rings[-1].close)
    return rings


def turn(process: worker.Worker, watcher: Watcher, tidy: Tidy) -> bool:
    """A beat as long as the station is followed; whether the process is asked to stop."""
    tidy.collect_when_due(time.monotonic())
    # without a beat the supervisor begins it anew: a page that is served and old is worth nothing
    if not watcher.stuck(time.monotonic_ns()):
        process.beat()
    return process.stop.asked


def show(plan: ScreenPlan, turn: Callable[[Watcher], bool], access: Access | None = None) -> None:
    """Follow and serve until `turn`, called a few times a second, says that it is over.

    SegmentError where the station is not up. `access` as of `behind`.
    """
    with ExitStack() as stack:
        found = behind(plan, stack, access)
        freeze()
        found.watcher.start()
        asyncio.run(serve_all(make_app(found), found, partial(turn, found.watcher)))


def main(argument: str, row: int) -> int:
    """Map the memory, follow and serve until asked to stop."""
    plan = ScreenPlan.model_validate_json(argument)
    process, tidy = worker.begin("screen", plan.station, row), Tidy()
    step_back()  # before there are threads, which take after this one
    cv2.setNumThreads(1)
    show(plan, lambda watcher: turn(process, watcher, tidy))
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
