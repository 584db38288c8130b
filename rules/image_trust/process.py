"""The optics process: looks at trusted frames now and then, for what is the camera's in them.

Started as a row of the process table, with an `OpticsPlan`. It reads the frame rings and writes
one picture a view; the line does not wait for it, nor know of it. Killed at any moment it is
started anew, and counts from the beginning.
"""

from __future__ import annotations

import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from gonogo.base.errors import OpticsWarning, TrustFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import step_back
from gonogo.base.section import Section
from gonogo.ipc import worker
from gonogo.ipc.frame_ring import FrameRing
from gonogo.rules.image_trust.learnt_file import read_optics
from gonogo.rules.image_trust.optics import OpticsWatch
from gonogo.rules.image_trust.trusted_frames import TrustedFrames
from gonogo.rules.image_trust.where import ringed, write_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.rules.image_trust.optics_learnt import Optics

log = get_logger(__name__)

BEAT_S = 0.5


class OpticsView(Section):
    """One view; `learnt`: its learnt file, `picture`: where the picture of where goes."""

    view: int
    name: str
    height_px: int
    width_px: int
    channels: int
    learnt: Path
    picture: Path
    look_every_s: float

    @property
    def geometry(self) -> FrameShape:
        """Of its frames."""
        return FrameShape(self.height_px, self.width_px, self.channels)


class OpticsPlan(Section):
    """The process's one argument."""

    station: str
    views: tuple[OpticsView, ...]


class Look:
    """At one view: a frame every so often."""

    def __init__(self, view: OpticsView, learnt: Optics, frames: TrustedFrames) -> None:
        self._view, self._frames = view, frames
        self._watch = OpticsWatch(view.geometry, learnt)
        self.next_s = 0.0

    def look(self, now_s: float) -> None:
        """At the next frame, if it is time and there is one."""
        if now_s < self.next_s:
            return
        self.next_s = now_s + self._view.look_every_s
        frame = self._frames.take()
        care = None if frame is None else self._watch.add(frame)
        if frame is not None and care is not None:
            where = write_picture(self._view.picture, ringed(frame, care.stuck, care.dust))
            log.warning(
                "optics_dirty",
                text="%(error)s",
                error=OpticsWarning(f"view '{self._view.name}': {care}; {where}"),
            )


def looks_of(plan: OpticsPlan) -> list[Look]:
    """Of the views that have learnt any of it."""
    looks = []
    for view in plan.views:
        try:
            learnt = read_optics(view.learnt, view.name, view.geometry)
        except (
            TrustFileError
        ) as error:  # of what the line reads it says so, too, and does not start
            log.error("optics_failed", text="%(error)s", error=error)  # noqa: TRY400 - for a technician
            continue
        if learnt == (None, None):
            continue
        ring = FrameRing.attach(plan.station, view.view, view.geometry, read_only=True)
        looks.append(Look(view, learnt, TrustedFrames(ring)))
    return looks


def watch(looks: Sequence[Look], process: worker.Worker) -> None:
    """Until asked to stop."""
    stop, tidy = process.stop, Tidy()
    while not stop.asked:
        now_s = time.monotonic()
        for each in looks:
            each.look(now_s)
        tidy.collect_when_due(now_s)
        process.beat()
        now_s = time.monotonic()
        due_s = min((each.next_s - now_s for each in looks), default=BEAT_S)
        select.select([stop.fd], [], [], min(max(due_s, 0.0), BEAT_S))


def main(argument: str, row: int) -> int:
    """Read what was learnt, map the rings, look."""
    plan = OpticsPlan.model_validate_json(argument)
    process = worker.begin("optics", plan.station, row)
    step_back()  # for everybody: no part waits for it
    cv2.setNumThreads(1)
    looks = looks_of(plan)
    freeze()
    watch(looks, process)
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
