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

import select
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Protocol

import cv2

from gonogo.base.doorbell import open_bell, quiet, ring
from gonogo.base.errors import GonogoError, MissingExtra, UnknownDriver
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import beside_the_line, cores_beside_the_line, hold_still
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.engines.backends.cuda.wanted import reached_by
from gonogo.engines.backends.progress import told_to
from gonogo.engines.backends.settle import Settling
from gonogo.engines.serving.bounds import refusal
from gonogo.engines.serving.choosing import Chooser
from gonogo.engines.serving.device_voice import DeviceVoice
from gonogo.engines.serving.hostplan import HostPlan
from gonogo.engines.serving.served_view import ServedView, map_place_of
from gonogo.engines.serving.slot_agent import SlotAgent
from gonogo.engines.serving.source import Sources
from gonogo.ipc import worker
from gonogo.ipc.engine_choices import Imports, bury_all
from gonogo.ipc.engine_queue import HostMailbox, HostState
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.fault_table import FaultsToShow
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.ipc.map_place import tell_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.engines.serving.hostplan import ViewPlan

log = get_logger(__name__)

IDLE_S = 0.05  # between two beats while nobody asks; below every limit (launch/process_rows.py)
GOLDEN_EVERY = 100  # answers


class Supervised(Protocol):
    """The process, or what one place of it may do in its name (gonogo.ipc.worker.Worker)."""

    @property
    def stop(self) -> worker.Stop:
        """What to watch for the end."""
        ...

    def beat(self) -> None:
        """Work was completed, or none was due."""
        ...

    def busy(self) -> None:
        """A start takes long, and gets on."""
        ...

    def warn(self, bits: int) -> None:
        """Have the PLC warned of something."""
        ...


class Host:
    """Answers requests until asked to stop; beats after each, and while idle.

    Without anything to hold it only beats. `agent`: left out, the process is this place's alone.
    """

    def __init__(
        self,
        plan: HostPlan,
        mailbox: HostMailbox,
        process: Supervised,
        heart: HeartbeatView,
        agent: SlotAgent | None = None,
    ) -> None:
        self.mailbox = mailbox
        self.process = process
        self.agent = SlotAgent(plan) if agent is None else agent
        self.ask_fd = open_bell(plan.station, f"ask{plan.place}")
        self.done_fd = open_bell(plan.station, f"done{plan.place}")
        self.views: dict[int, ServedView] = {}
        self.answered = 0
        self.voice = DeviceVoice(plan.station, plan.place)
        self._first: bool | None = None  # whether its engines go before others on their device
        self._plan = plan
        # a vendor's library may end the process as it is imported: the next one is told
        self._backends = BACKENDS.watched(Imports(mailbox).importing)
        # the recipe at this moment: another one later makes this process outdated
        self._heart, self._recipe = heart, heart.recipe

    def load(self) -> None:
        """Take, prove and publish what was ordered; GonogoError where that cannot be."""
        # drops what the host before was asked. After the recipe has been read: a line that wants
        # another one shuns the last host that has started, which must not be one that has it
        self.mailbox.start()
        self.agent.rank_to_load()
        if not self.agent.begin(left_out=bury_all(self.mailbox)):
            self.mailbox.say(HostState.EMPTY)
            return
        start_ns = time.monotonic_ns()
        self.agent.say(Phase.VERIFYING)
        views = self._plan.recipes.get(self._recipe, self._plan.views)
        bundles, policy = self.agent.sight.bundles, self.agent.policy
        with Sources(views, bundles, policy, self._backends) as sources:
            wanted = {name for view in views for name in sources.backends(view)}
            bounds = self.agent.bounds(filter(self._imported, wanted))
            with sources.by_name(), bounds, told_to(getting_on(self.process)):
                self._open(views, sources)
            # its files may go from here on: the runtimes have read what they opened
            unsigned = sources.unsigned
        limits = {number: view.limits for number, view in self.views.items()}
        load_ms = (time.monotonic_ns() - start_ns) // NS_PER_MS
        self.agent.show(limits, load_ms, unsigned=unsigned)
        # only now: what is locked in memory, and kept from the collector, is what is loaded
        hold_still(self._plan.realtime)
        self.agent.rank_to_serve()

    def _open(self, views: tuple[ViewPlan, ...], sources: Sources) -> None:
        """Load, bind, prove, warm up."""
        self.agent.say(Phase.LOADING)
        station, place = self._plan.station, self._plan.place
        board = FaultsToShow.attach(station)
        section = self._plan.realtime
        beside = partial(beside_the_line, section)
        cores = cores_beside_the_line(section)
        by = Settling(backends=self._backends)
        chooser = Chooser(self.mailbox, cores, by, sources.named, beside)
        for view in views:
            source = sources.of(view)
            load = partial(ServedView, source=source, station=station, place=place, board=board)
            with reached_by(view.cuda):
                served = self.views[view.view] = chooser.load(view, source, load)
            tell_place(self.mailbox, view.view, map_place_of(served))
        threads = max(int(view.threads) for view in self.views.values())
        self.agent.computes_on(threads)
        cv2.setNumThreads(threads)  # not on every core
        self._stand()
        # all are loaded before any is tested: how far it is, is said of the place as a whole
        self.agent.say(Phase.TESTING)
        for view in views:
            with chooser.watching(view.view):
                self.views[view.view].prove(sources.of(view))
                self.views[view.view].warm_up()
        self.self_test()
        self.mailbox.gains = any(view.gains() for view in self.views.values())
        self.mailbox.name_backends(view.backend_name for view in self.views.values())

    def _imported(self, backend: str) -> bool:
        """Whether it can be imported, which it is; why not is told where it would be opened."""
        try:
            self._backends.load(backend)
        except (MissingExtra, UnknownDriver):
            return False
        return True

    def self_test(self) -> None:
        """Every view's engine on its golden frames; BackendError when one is not itself."""
        for view in self.views.values():
            view.self_test(self.mailbox)

    @property
    def outdated(self) -> bool:
        """Whether another recipe, or another engine, is wanted than what was loaded."""
        other_recipe = bool(self.views) and self._heart.recipe != self._recipe
        return other_recipe or self.agent.sight.changed

    def serve(self) -> None:
        """Until asked to stop, or to hold something else."""
        if self.views:
            self._say_loaded()
        stop = self.process.stop
        while not (stop.asked or self.outdated):
            self.mailbox.beat()
            self.process.beat()  # for the supervisor
            self.agent.rank_to_serve()
            self._stand()
            self.process.warn(self.agent.warning)
            readable, _, _ = select.select([self.ask_fd, stop.fd], [], [], IDLE_S)
            if self.ask_fd in readable:
                # before the queue is read: what is asked after that rings again
                quiet(self.ask_fd)
                self._answer_all()
            else:
                self.voice.say(view.device for view in self.views.values())

    def _stand(self) -> None:
        """Before or behind the other place, where both are on one device."""
        judges = self.agent.sight.judges
        if judges is not self._first:
            self._first = judges
            for view in self.views.values():
                view.prefer(judges=judges)

    def _say_loaded(self) -> None:
        """Ready, unless something else has come to be wanted since it began to load."""
        if self.outdated:
            # it ends in order: the next one must not take it for one that died of what it loaded
            self.agent.say(Phase.EMPTY)
            return
        self.agent.say(Phase.READY)  # to the loader
        self.mailbox.say(HostState.READY)  # to the line

    def _answer_all(self) -> None:
        self._stand()  # the line may have changed places since the last turn
        for request in self.mailbox.take():
            if request.view not in self.views:
                continue  # asked of the one before us, or of nobody
            self.views[request.view].answer(request)
            ring(self.done_fd)
            self.process.beat()
            self.answered += 1
            # right after an answer, when the next part is furthest away
            if self.answered % GOLDEN_EVERY == 0:
                self.self_test()

    def give_up(self, error: Exception) -> int:
        """The exit code of a host that cannot hold what was ordered, or not any more.

        One that judges has failed. Any other begins anew, refuses, and is empty.
        """
        if isinstance(error, GonogoError):
            log.error(
                "engine_not_loaded", text="%(error)s", error=error
            )  # for a technician: no traceback
        else:
            log.error("engine_load_bug", text="loading failed", exc_info=error)
        judges = self.agent.sight.judges  # read once: the line may change it at any time
        self.agent.refuse(*refusal(error))
        self.mailbox.say(HostState.FAILED if judges else HostState.DOWN)
        self.agent.rank_to_unload()
        return 1 if judges else worker.EXIT_AGAIN

    def close(self) -> None:
        """Unload everything."""
        self.mailbox.say(HostState.DOWN)  # before anything is gone: nobody asks any more
        self.agent.rank_to_unload()
        for view in self.views.values():
            view.close()


def getting_on(process: Supervised) -> Callable[[str], None]:
    """Whom a load tells how far it is: while a backend says so, it does not hang."""

    def say(text: str) -> None:
        log.info("engine_loading", text="%(words)s", words=text)
        process.busy()

    return say


def main(argument: str, row: int) -> int:
    """Load, warm up, prove, serve; exit code 1 when the engine that judges cannot be had."""
    plan = HostPlan.model_validate_json(argument)
    process = worker.begin(f"engine {'AB'[plan.place]}", plan.station, row)
    cv2.setNumThreads(1)  # until it is known on how many its engines compute
    mailbox = HostMailbox.attach(plan.station, plan.place)
    host = Host(plan, mailbox, process, HeartbeatView.attach(plan.station))
    try:
        host.load()
        host.serve()
    except Exception as error:  # noqa: BLE001 - a vendor runtime may raise anything
        # not closed: the process ends, and nothing more is asked of a runtime that has failed
        return host.give_up(error)
    host.close()
    return worker.EXIT_AGAIN if host.outdated else 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
