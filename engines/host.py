"""The engine process: loads one model a view, binds every ring slot once, answers requests.

Started as `python -m gonogo.engines.host PLAN ROW` (`HostPlan`, row of the process
table). It is the only process of a station that imports an inference library.

It serves only after a self-test on golden frames, and repeats it right after every
GOLDEN_EVERY-th answer, when the next part is furthest away: an engine that does not
give the scores of its first start any more ends, and is started anew.
"""

from __future__ import annotations

import logging
import select
import sys
import time
import zlib
from typing import TYPE_CHECKING

from gonogo.engines.backend import Backend, Outputs, open_backend
from gonogo.engines.card import read_card
from gonogo.engines.choose import settle_backend
from gonogo.engines.faulty import FaultyBackend
from gonogo.engines.golden import Golden
from gonogo.engines.hostplan import HostPlan
from gonogo.engines.mailbox import HostState, Mailbox
from gonogo.runtime.bell import open_bell, quiet, ring
from gonogo.runtime.errors import AcceleratorLost, GonogoError
from gonogo.runtime.frames import (
    R_EMBED,
    R_MAP_COLUMNS,
    R_MAP_ROWS,
    FrameRing,
    FrameShape,
    ResultStatus,
)
from gonogo.runtime.realtime import settle, settle_threads
from gonogo.watchdog import child
from gonogo.watchdog.faultboard import FaultBoard
from gonogo.watchdog.heartbeat import Heartbeat

if TYPE_CHECKING:
    from gonogo.engines.hostplan import ViewPlan
    from gonogo.engines.mailbox import Request

log = logging.getLogger(__name__)

WARM_UPS = 3
IDLE_S = 0.05
GOLDEN_EVERY = 100  # answers


class ServedView:
    """One loaded model, bound to every slot of its view's ring."""

    def __init__(self, plan: ViewPlan, station: str, place: int, board: FaultBoard) -> None:
        geometry = FrameShape(plan.height_px, plan.width_px, plan.channels)
        card = read_card(plan.model)
        choice = settle_backend(plan.backend, plan.model, geometry, plan.threads)
        self.backend_name = choice.name
        table = ", ".join(f"{name} {ms:.2f} ms" for name, ms in choice.medians_ms.items())
        log.info("view %d: %s (%s)", plan.view, choice.name, table or "as the station file says")
        self.engine_id = card.engine_id
        self.place = place
        self.ring = FrameRing.attach(station, plan.view, geometry)
        inner = open_backend(self.backend_name, plan.model, geometry, plan.threads)
        self.board = board
        self.backend: Backend = FaultyBackend(inner, board)
        for slot in self.ring.slots:
            result = slot.results[place]
            rows, columns, embedding = self.backend.shapes
            result.words[R_MAP_ROWS], result.words[R_MAP_COLUMNS] = rows, columns
            result.words[R_EMBED] = embedding
            outputs = Outputs(result.score, result.map, result.embedding)
            self.backend.bind(slot.index, slot.pixels, outputs)
        self.golden = Golden(self.backend, len(self.ring.slots), geometry)
        for k in range(WARM_UPS * len(self.ring.slots)):
            self.backend.run(k % len(self.ring.slots))

    def self_test(self, mailbox: Mailbox) -> None:
        """BackendError when the golden frames do not score as they did at the first start."""
        scores = self.golden.scores()
        identity = zlib.crc32(f"{self.engine_id} {self.backend_name}".encode())
        first = mailbox.golden(self.ring.view, identity, scores)
        self.golden.compare(scores, first)

    def answer(self, request: Request) -> None:
        """Judge one frame and write the result; a backend's failure is a result, too."""
        slot = self.ring.slots[request.slot]
        result = slot.results[self.place]
        generation = slot.generation
        now_ns = time.monotonic_ns()
        lie = self.board.show("engine-old-id")
        result.begin(request.request_id - lie, generation, now_ns)
        status = ResultStatus.EXPIRED
        if now_ns < request.deadline_ns:
            status = self._run(slot.index)
            if slot.generation != generation:
                status = ResultStatus.STALE
        result.commit(status, self.engine_id, time.monotonic_ns())

    def _run(self, slot: int) -> ResultStatus:
        try:
            self.backend.run(slot)
        except AcceleratorLost:
            raise
        except Exception:  # a vendor runtime may raise anything; the line must hear FAILED
            log.exception("backend %s failed", self.backend_name)
            return ResultStatus.FAILED
        return ResultStatus.OK

    def close(self) -> None:
        """Unload the model, drop the ring."""
        self.backend.close()
        self.ring.close()


class Host:
    """Answers requests until asked to stop; beats after each, and while idle."""

    def __init__(
        self, plan: HostPlan, mailbox: Mailbox, process: child.Child, heart: Heartbeat
    ) -> None:
        self.mailbox = mailbox
        self.process = process
        self.ask_fd = open_bell(plan.station, f"ask{plan.place}")
        self.done_fd = open_bell(plan.station, f"done{plan.place}")
        board = FaultBoard.attach(plan.station)
        views = plan.recipes.get(heart.recipe, plan.views)
        served = [ServedView(view, plan.station, plan.place, board) for view in views]
        self.views = {view.view: one for view, one in zip(views, served, strict=True)}
        self.answered = 0
        self._heart, self._recipe = heart, heart.recipe

    def self_test(self) -> None:
        """Every view's engine on its golden frames; BackendError when one is not itself."""
        for view in self.views.values():
            view.self_test(self.mailbox)

    @property
    def outdated(self) -> bool:
        """Whether another recipe is wanted than the one that was loaded."""
        return self._heart.recipe != self._recipe

    def serve(self) -> None:
        """Until asked to stop, or to load another recipe."""
        stop = self.process.stop
        while not (stop.asked or self.outdated):
            self.mailbox.beat()
            self.process.beat()
            readable, _, _ = select.select([self.ask_fd, stop.fd], [], [], IDLE_S)
            if self.ask_fd in readable:
                quiet(self.ask_fd)
                self._answer_all()

    def _answer_all(self) -> None:
        for request in self.mailbox.take():
            self.views[request.view].answer(request)
            ring(self.done_fd)
            self.process.beat()
            self.answered += 1
            if self.answered % GOLDEN_EVERY == 0:
                self.self_test()

    def close(self) -> None:
        """Unload everything."""
        for view in self.views.values():
            view.close()


def main(argument: str, row: int) -> int:
    """Load, warm up, prove, serve; exit code 1 when an engine cannot be had."""
    plan = HostPlan.model_validate_json(argument)
    process = child.begin(f"engine {'AB'[plan.place]}", plan.station, row)
    mailbox = Mailbox.attach(plan.station, plan.place)
    mailbox.start()
    try:
        host = Host(plan, mailbox, process, Heartbeat.attach(plan.station))
        host.self_test()
        mailbox.name_backends(view.backend_name for view in host.views.values())
        threads = max(view.threads for view in plan.views)
        settle(plan.realtime, below=1, computes_on=threads)  # where permitted: FIFO, below the line
        settle_threads(plan.realtime, below=1)  # what the backend has started to share its work
        mailbox.say(HostState.READY)
        host.serve()
    except GonogoError as error:
        mailbox.say(HostState.FAILED)
        log.error("%s", error)  # noqa: TRY400 - the message is for a technician, not a traceback
        return 1
    mailbox.say(HostState.DOWN)
    host.close()
    return child.EXIT_AGAIN if host.outdated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
