"""The engine process: loads one model a view, binds every ring slot once, answers requests.

Started as `python -m gonogo.engines.serving.host PLAN ROW` (`HostPlan`, row of the process
table). It is the only process of a station that imports an inference library.

It serves only after a self-test on golden frames, and repeats it right after every
GOLDEN_EVERY-th answer, when the next part is furthest away: an engine that does not
give the scores of its first start any more ends, and is started anew.

On a station with `[engines]` there is one for each of two places (gonogo.ipc.engine_slots).
It holds what was ordered for its place, or nothing; for another order it ends and is
started anew, so that nothing of the one before is left. What it cannot hold it refuses,
and lives on empty; only for a place that judges that is a failure.
"""

from __future__ import annotations

import logging
import select
import sys
import time
import zlib
from typing import TYPE_CHECKING

import cv2

from gonogo.base.doorbell import open_bell, quiet, ring
from gonogo.base.errors import AcceleratorLost, GonogoError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.realtime import hold_still
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.backend import Backend, Outputs
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import settle_backend
from gonogo.engines.serving.bounds import refusal
from gonogo.engines.serving.faulty import FaultyBackend
from gonogo.engines.serving.golden import COUNT, Golden, prove
from gonogo.engines.serving.hostplan import HostPlan
from gonogo.engines.serving.slot_agent import SlotAgent
from gonogo.engines.serving.source import Sources
from gonogo.engines.serving.warming import gains
from gonogo.ipc import worker
from gonogo.ipc.engine_queue import HostState, Mailbox
from gonogo.ipc.engine_slot import Phase, PlaceLimits
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.frame_ring import R_EMBED, R_MAP_COLUMNS, R_MAP_ROWS, FrameRing, ResultStatus
from gonogo.ipc.heartbeat import Heartbeat

if TYPE_CHECKING:
    from gonogo.engines.serving.hostplan import ViewPlan
    from gonogo.engines.serving.source import Source
    from gonogo.ipc.engine_queue import Request

log = logging.getLogger(__name__)

WARM_UPS = 3
IDLE_S = 0.05
GOLDEN_EVERY = 100  # answers


class ServedView:
    """One loaded model, bound to every slot of its view's ring."""

    def __init__(
        self, plan: ViewPlan, source: Source, station: str, place: int, board: FaultBoard
    ) -> None:
        geometry = FrameShape(plan.height_px, plan.width_px, plan.channels)
        choice = settle_backend(plan.backend, source.path, geometry, plan.threads, source.proven)
        self.backend_name = choice.name
        table = ", ".join(f"{name} {ms:.2f} ms" for name, ms in choice.medians_ms.items())
        log.info("view %d: %s (%s)", plan.view, choice.name, table or "as the station file says")
        self.engine_id = source.engine_id
        self.place = place
        self.ring = FrameRing.attach(station, plan.view, geometry)
        self._inner = open_backend(self.backend_name, source.path, geometry, plan.threads)
        self._facts = source.facts.get(self.backend_name)
        self.board = board
        self.backend: Backend = FaultyBackend(self._inner, board)
        for slot in self.ring.slots:
            result = slot.results[place]
            rows, columns, embedding = self.backend.shapes
            result.words[R_MAP_ROWS], result.words[R_MAP_COLUMNS] = rows, columns
            result.words[R_EMBED] = embedding
            outputs = Outputs(result.score, result.map, result.embedding)
            self.backend.bind(slot.index, slot.pixels, outputs)
        self.golden = Golden(self.backend, len(self.ring.slots), geometry)

    def prove(self, source: Source) -> None:
        """BackendError unless a bundle's own frames score as it says."""
        if self._facts is not None and source.frames is not None:
            prove(self._inner, len(self.ring.slots) + COUNT, source.frames, self._facts)

    def warm_up(self) -> None:
        """The first runs of a model take longer."""
        for k in range(WARM_UPS * len(self.ring.slots)):
            self.backend.run(k % len(self.ring.slots))

    def gains(self) -> bool:
        """Whether it answers faster when it is kept warm."""
        return gains(lambda: self.backend.run(0))

    @property
    def limits(self) -> PlaceLimits | None:
        """What its scores mean; None where the station file or a card says it."""
        facts = self._facts
        if facts is None:
            return None
        return PlaceLimits(facts.recheck_above, facts.reject_above, self.engine_id)

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
    """Answers requests until asked to stop; beats after each, and while idle.

    Without anything to hold it only beats.
    """

    def __init__(
        self, plan: HostPlan, mailbox: Mailbox, process: worker.Worker, heart: Heartbeat
    ) -> None:
        self.mailbox = mailbox
        self.process = process
        self.standing = SlotAgent(plan)
        self.ask_fd = open_bell(plan.station, f"ask{plan.place}")
        self.done_fd = open_bell(plan.station, f"done{plan.place}")
        self.views: dict[int, ServedView] = {}
        self.answered = 0
        self._plan = plan
        self._heart, self._recipe = heart, heart.recipe

    def load(self) -> None:
        """Take, prove and publish what was ordered; GonogoError where that cannot be."""
        self.standing.place_at_start()
        if not self.standing.begin():
            self.mailbox.say(HostState.EMPTY)
            return
        start_ns = time.monotonic_ns()
        self.standing.say(Phase.VERIFYING)
        views = self._plan.recipes.get(self._recipe, self._plan.views)
        with Sources(views, self.standing.bundles, self.standing.policy) as sources:
            with sources.by_name(), self.standing.bounds():
                self._open(views, sources)
            unsigned = sources.unsigned
        limits = {number: view.limits for number, view in self.views.items()}
        load_ms = (time.monotonic_ns() - start_ns) // NS_PER_MS
        self.standing.show(limits, load_ms, unsigned=unsigned)
        hold_still(self._plan.realtime)
        self.standing.follow()

    def _open(self, views: tuple[ViewPlan, ...], sources: Sources) -> None:
        """Load, bind, prove, warm up."""
        self.standing.say(Phase.LOADING)
        station, place = self._plan.station, self._plan.place
        board = FaultBoard.attach(station)
        for view in views:
            self.views[view.view] = ServedView(view, sources.of(view), station, place, board)
        self.standing.say(Phase.TESTING)
        for view in views:
            self.views[view.view].prove(sources.of(view))
            self.views[view.view].warm_up()
        self.self_test()
        self.mailbox.gains = any(view.gains() for view in self.views.values())
        self.mailbox.name_backends(view.backend_name for view in self.views.values())

    def self_test(self) -> None:
        """Every view's engine on its golden frames; BackendError when one is not itself."""
        for view in self.views.values():
            view.self_test(self.mailbox)

    @property
    def outdated(self) -> bool:
        """Whether another recipe, or another engine, is wanted than what was loaded."""
        other_recipe = bool(self.views) and self._heart.recipe != self._recipe
        return other_recipe or self.standing.changed

    def serve(self) -> None:
        """Until asked to stop, or to hold something else."""
        if self.views:
            self.standing.say(Phase.READY)
            self.mailbox.say(HostState.READY)
        stop = self.process.stop
        while not (stop.asked or self.outdated):
            self.mailbox.beat()
            self.process.beat()
            self.standing.follow()
            self.process.warn(self.standing.warning)
            readable, _, _ = select.select([self.ask_fd, stop.fd], [], [], IDLE_S)
            if self.ask_fd in readable:
                quiet(self.ask_fd)
                self._answer_all()

    def _answer_all(self) -> None:
        for request in self.mailbox.take():
            if request.view not in self.views:
                continue  # asked of the one before us, or of nobody
            self.views[request.view].answer(request)
            ring(self.done_fd)
            self.process.beat()
            self.answered += 1
            if self.answered % GOLDEN_EVERY == 0:
                self.self_test()

    def give_up(self, error: Exception) -> int:
        """The exit code of a host that cannot hold what was ordered, or not any more.

        One that judges has failed. Any other begins anew, refuses, and is empty.
        """
        if isinstance(error, GonogoError):
            log.error("%s", error)  # for a technician: no traceback
        else:
            log.error("loading failed", exc_info=error)
        judges = self.standing.judges
        self.standing.refuse(*refusal(error))
        self.mailbox.say(HostState.FAILED if judges else HostState.DOWN)
        self.standing.leave()
        return 1 if judges else worker.EXIT_AGAIN

    def close(self) -> None:
        """Unload everything."""
        self.mailbox.say(HostState.DOWN)
        self.standing.leave()
        for view in self.views.values():
            view.close()


def main(argument: str, row: int) -> int:
    """Load, warm up, prove, serve; exit code 1 when the engine that judges cannot be had."""
    plan = HostPlan.model_validate_json(argument)
    process = worker.begin(f"engine {'AB'[plan.place]}", plan.station, row)
    cv2.setNumThreads(max((view.threads for view in plan.views), default=1))  # not on every core
    mailbox = Mailbox.attach(plan.station, plan.place)
    mailbox.start()
    host = Host(plan, mailbox, process, Heartbeat.attach(plan.station))
    try:
        host.load()
        host.serve()
    except Exception as error:  # noqa: BLE001 - a vendor runtime may raise anything
        return host.give_up(error)
    host.close()
    return worker.EXIT_AGAIN if host.outdated else 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
