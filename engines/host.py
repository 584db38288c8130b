"""The engine process: loads one model a view, binds every ring slot once, answers requests.

Started as `python -m gonogo.engines.host` with one JSON argument (`HostPlan`).
It is the only process of a station that imports an inference library.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING

from gonogo.engines.backend import Backend, Outputs, open_backend
from gonogo.engines.card import read_card
from gonogo.engines.choose import settle_backend
from gonogo.engines.hostplan import HostPlan
from gonogo.engines.mailbox import HostState, Mailbox
from gonogo.runtime.errors import GonogoError
from gonogo.runtime.frames import (
    R_EMBED,
    R_MAP_COLUMNS,
    R_MAP_ROWS,
    FrameRing,
    FrameShape,
    ResultStatus,
)
from gonogo.runtime.realtime import settle
from gonogo.watchdog import child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.engines.hostplan import ViewPlan
    from gonogo.engines.mailbox import Request

log = logging.getLogger(__name__)

WARM_UPS = 3
IDLE_S = 0.1


class ServedView:
    """One loaded model, bound to every slot of its view's ring."""

    def __init__(self, plan: ViewPlan, station: str, place: int) -> None:
        geometry = FrameShape(plan.height_px, plan.width_px, plan.channels)
        card = read_card(plan.model)
        choice = settle_backend(plan.backend, plan.model, geometry, plan.threads)
        self.backend_name = choice.name
        table = ", ".join(f"{name} {ms:.2f} ms" for name, ms in choice.medians_ms.items())
        log.info("view %d: %s (%s)", plan.view, choice.name, table or "as the station file says")
        self.engine_id = card.engine_id
        self.place = place
        self.ring = FrameRing.attach(station, plan.view, geometry)
        self.backend: Backend = open_backend(self.backend_name, plan.model, geometry, plan.threads)
        for slot in self.ring.slots:
            result = slot.results[place]
            rows, columns, embedding = self.backend.shapes
            result.words[R_MAP_ROWS], result.words[R_MAP_COLUMNS] = rows, columns
            result.words[R_EMBED] = embedding
            outputs = Outputs(result.score, result.map, result.embedding)
            self.backend.bind(slot.index, slot.pixels, outputs)
        for k in range(WARM_UPS * len(self.ring.slots)):
            self.backend.run(k % len(self.ring.slots))

    def answer(self, request: Request) -> None:
        """Judge one frame and write the result; a backend's failure is a result, too."""
        slot = self.ring.slots[request.slot]
        result = slot.results[self.place]
        generation = slot.generation
        now_ns = time.monotonic_ns()
        result.begin(request.request_id, generation, now_ns)
        status = ResultStatus.EXPIRED
        if now_ns < request.deadline_ns:
            status = self._run(slot.index)
            if slot.generation != generation:
                status = ResultStatus.STALE
        result.commit(status, self.engine_id, time.monotonic_ns())

    def _run(self, slot: int) -> ResultStatus:
        try:
            self.backend.run(slot)
        except Exception:  # a vendor runtime may raise anything; the line must hear FAILED
            log.exception("backend %s failed", self.backend_name)
            return ResultStatus.FAILED
        return ResultStatus.OK

    def close(self) -> None:
        """Unload the model, drop the ring."""
        self.backend.close()
        self.ring.close()


def serve(plan: HostPlan, mailbox: Mailbox, views: Sequence[ServedView], stop: child.Stop) -> None:
    """Answer requests until asked to stop; beats after each and while idle."""
    by_view = {v.view: served for v, served in zip(plan.views, views, strict=True)}
    while not stop.asked:
        mailbox.beat()
        readable, _, _ = select.select([plan.ask_fd, stop.fd], [], [], IDLE_S)
        if plan.ask_fd not in readable:
            continue
        os.eventfd_read(plan.ask_fd)
        for request in mailbox.take():
            by_view[request.view].answer(request)
            os.eventfd_write(plan.done_fd, 1)


def main(argument: str) -> int:
    """Load, warm up, serve; exit code 1 when an engine cannot be had."""
    plan = HostPlan.model_validate_json(argument)
    name = f"engine {'AB'[plan.place]}"
    stop = child.begin(name, plan.parent_pid, orphaned=signal.SIGKILL)
    mailbox = Mailbox.attach(plan.station, plan.place)
    mailbox.start()
    try:
        views = [ServedView(view, plan.station, plan.place) for view in plan.views]
    except GonogoError as error:
        mailbox.say(HostState.FAILED)
        log.error("%s", error)  # noqa: TRY400 - the message is for a technician, not a traceback
        return 1
    mailbox.name_backends(view.backend_name for view in views)
    settle(plan.realtime, below=1)  # FIFO below the line, where that is permitted
    mailbox.say(HostState.READY)
    try:
        serve(plan, mailbox, views, stop)
    finally:
        mailbox.say(HostState.DOWN)
        for view in views:
            view.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
