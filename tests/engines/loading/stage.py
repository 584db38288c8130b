"""A stage for the loader: real shared memory and a real registry, a host and a line that act.

Import as `gonogo.tests.engines.loading.stage`. Not simulated: inference, frames, time (the
test says what time it is), the line's own trial of a live frame.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from gonogo.base.words import Mode, Part, Reason, Score, Verdict, VerdictKind, ViewCapture
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.installed.registry import Registry
from gonogo.engines.loading.request_handler import RequestHandler
from gonogo.engines.loading.resources import Memory, Resources
from gonogo.engines.loading.steps import Step
from gonogo.engines.loading.swap_controller import SwapController
from gonogo.engines.section import EnginesSection
from gonogo.ipc.engine_queue import Mailbox
from gonogo.ipc.engine_slot import Phase, PlaceLimits, SlotOrder
from gonogo.ipc.engine_slots import Answer, EngineSlots, OrderKind
from gonogo.ipc.journal import Journal
from gonogo.tests.engines.bundles.parcels import MAKER, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.engines.loading.swap_controller import Standing
    from gonogo.engines.loading.task import Outcome

WAIT_S = 60.0  # at which a test gives up; none takes that long
TICK_S = 0.05  # of the time that the test tells
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
SHADOW_PARTS, TRIAL_PARTS = 4, 6
MS = 1_000_000


def section_of(folder: Path, **changes: Any) -> EnginesSection:  # noqa: ANN401 - keys of the section
    """A section that trusts the maker of the test bundles."""
    key = folder / "maker.pub"
    key.write_text(MAKER.public.line + "\n", encoding="ascii")
    usual = {
        "folder": folder / "engines",
        "trust": (key,),
        "shadow_parts": SHADOW_PARTS,
        "trial_parts": TRIAL_PARTS,
    }
    return EnginesSection.model_validate(usual | changes)


def install(folder: Path, section: EnginesSection, *versions: str, **changes: Any) -> Registry:  # noqa: ANN401 - fields of the bundle
    """Bundles of `bolt` in a registry, the first of them active."""
    registry, policy = Registry(section.folder), policy_of(section)
    made = datetime.now(timezone.utc) - timedelta(minutes=1)
    for version in versions:
        file = make(folder, f"{version}.gng", created=made, version=version, **changes)
        registry.install(file, policy)
    if versions:
        registry.activate("bolt", versions[0], policy)
    return registry


class Host:
    """The host of a place: says what it is told to."""

    def __init__(self, slots: EngineSlots, mailbox: Mailbox, number: int) -> None:
        self.place = slots.places[number]
        self.mailbox = mailbox
        self.number = number

    def begin(self) -> None:
        """A process begins with what is ordered."""
        self.mailbox.start()
        self.place.begin(self.place.load)
        if self.place.ordered is not None:
            self.place.say(Phase.LOADING)

    def ready(self) -> None:
        """Loaded and tested."""
        self.place.show_limits(0, PlaceLimits(0.4, 0.5, engine_id_of(self.place.ordered)))
        self.place.show_cost(61_000, 812, unsigned=False)
        self.place.say(Phase.READY)

    def obey(self) -> None:
        """Whatever was ordered, done at once."""
        if not self.place.acted:
            self.begin()
            if self.place.ordered is not None:
                self.ready()
        self.place.realtime = self.place.raised


def engine_id_of(order: SlotOrder | None) -> int:
    """The id that the scores of these bundles bear."""
    assert order is not None
    return 100 + VERSIONS.index(order.bundles["bolt"].parent.name)


class LineAct:
    """The line: judges parts by the active place, asks the other one, answers orders."""

    def __init__(self, slots: EngineSlots, journal: Journal) -> None:
        self.slots, self.journal = slots, journal
        self.serial = 0

    def judge(
        self, active: int = 1000, shadow: int = 1100, *, window: bool = True, late: bool = False
    ) -> None:
        """One part: score words of both engines."""
        slots, self.serial = self.slots, self.serial + 1
        part = Part(self.serial, self.serial, *range(4))
        self.journal.append(part, verdict(active), *_seen(slots, slots.active))
        if slots.probation_left:
            slots.probation_left -= 1
        if slots.shadowing and slots.pending is None and slots.places[1 - slots.active].load:
            slots.count_shadow(window=window)
            if window:
                scores = _seen(slots, 1 - slots.active)[2]
                self.journal.shade(part, verdict(shadow), scores)
        if late:
            self.roll_back()

    def obey(self) -> None:
        """Do what the loader asks, if the engine is there."""
        slots, order = self.slots, self.slots.pending
        if order is None:
            return
        if order.place == slots.active:
            slots.reply(Answer.SAME, order)
        elif slots.places[order.place].phase is Phase.READY:
            slots.switch(order.place, 4000, 5)
            slots.probation_left = slots.probation_parts if order.kind is OrderKind.SWITCH else 0
            slots.reply(Answer.DONE, order)
        else:
            slots.reply(Answer.NOT_READY, order)

    def refuse(self) -> None:
        """The engine scored nothing in time."""
        order = self.slots.pending
        if order is not None:
            self.slots.reply(Answer.NOT_READY, order)

    def roll_back(self) -> None:
        """Deadlines were missed: go back, while that is watched."""
        if (
            self.slots.probation_left
            and self.slots.places[1 - self.slots.active].phase is Phase.READY
        ):
            self.slots.probation_left = 0
            self.slots.switch(1 - self.slots.active, 4000, 6)
            self.slots.roll_back(Reason.ENGINE_SILENT)


def verdict(score: int) -> Verdict:
    """What an engine alone says of a score word."""
    kind = VerdictKind.REJECT if score > 5000 else VerdictKind.ACCEPT
    return Verdict(kind, Reason.OK, score, Mode.FULL, VerdictKind.NONE, kind)


def _seen(slots: EngineSlots, place: int) -> Any:  # noqa: ANN401 - arguments of Journal.append
    limits = slots.places[place].limits(0)
    score = Score(0, 0.1, 0, 8 * MS, limits.engine_id if limits else 0)
    return (range(5), [ViewCapture(0, 0, 0)], [score], ()) if limits else (range(5), [], [], ())


class Stage:
    """Everything around one loader, and the loader itself, in this process.

    Its many methods are one hand that moves clock, loader, hosts and line for every test here.
    """

    def __init__(self, folder: Path, station: str, section: EnginesSection) -> None:
        self.folder, self.section = folder, section
        self.registry = Registry(section.folder)
        self.slots = EngineSlots.create(station)
        self.mailboxes = [Mailbox.create(station, place) for place in range(2)]
        self.journal = Journal.create(station)
        self.hosts = [Host(self.slots, box, k) for k, box in enumerate(self.mailboxes)]
        self.line = LineAct(self.slots, self.journal)
        self.now_s = 1000.0
        first = section.folder / "bolt" / "1.0.0" / "bundle.gng"
        self.slots.places[0].order(SlotOrder(bundles={"bolt": first}))  # as a station starts
        self._begin()
        self.hosts[0].obey()

    def restart(self) -> None:
        """A loader begins, as after a kill; nothing of the last one goes on."""
        self.calm()
        self._begin()

    def calm(self) -> None:
        """Until no thread of the loader is at work."""
        versions = self.resources.versions
        end_s = time.monotonic() + WAIT_S
        while versions.busy or self.now().checking:
            assert time.monotonic() < end_s
            versions.tick(self.now_s)
            time.sleep(0.0005)

    def _begin(self) -> None:
        memory = Memory(self.slots, self.mailboxes, self.journal)
        self.resources = Resources.of(self.section, memory)
        self.swap = SwapController(self.resources, self.now_s)
        self.swap.resume()
        self.handler = RequestHandler(self.swap, self.resources, ("bolt",))

    def ask(self, do: str, **request: object) -> dict[str, Any]:
        """As over the socket."""
        return self.handler.handle({"do": do, **request})

    def now(self) -> Standing:
        """How the swap stands."""
        return self.swap.standing()

    def step(self) -> Step:
        """Where the loader is."""
        return self.now().step

    def tick(self, seconds: float = TICK_S) -> None:
        """One tick of the loader, so much later."""
        self.now_s += seconds
        self.swap.tick(self.now_s)

    def tick_until(self, done: Callable[[], bool]) -> None:
        """Ticks until something is so: threads may need a moment."""
        end_s = time.monotonic() + WAIT_S
        while not done():
            assert time.monotonic() < end_s, f"it never came to that: {self.ask('status')}"
            self.tick(0)
            time.sleep(0.001)

    def tick_to(self, step: Step) -> None:
        """Ticks until the loader is there, and the other host does as it is told."""

        def there() -> bool:
            self.hosts[1].obey()
            return self.step() is step

        self.tick_until(there)

    def come_to(self, step: Step) -> None:
        """Everybody does their part until the loader is there."""

        def there() -> bool:
            if self.step() is step:
                return True
            for host in self.hosts:
                host.obey()
            self.line.obey()
            if self.step() in {Step.SHADOW, Step.TRIAL}:
                self.line.judge()
            return False

        self.tick_until(there)

    def load(self, version: str = "1.1.0", **request: object) -> int:
        """`gonogo swap load bolt VERSION`."""
        ticket: int = self.ask("load", name="bolt", version=version, **request)["ticket"]
        return ticket

    def refusal(self) -> tuple[int, str]:
        """Number and text of the last one."""
        refused = self.now().refused
        assert refused is not None
        return refused.number, refused.text

    def outcome(self) -> Outcome:
        """Of the last command that has ended."""
        outcome = self.now().outcome
        assert outcome is not None
        return outcome

    def serving(self) -> str:
        """The version that judges."""
        ordered = self.slots.places[self.slots.active].ordered
        assert ordered is not None
        return ordered.bundles["bolt"].parent.name

    def close(self) -> None:
        """Let the memory go."""
        self.slots.close()
        self.journal.close()


@contextmanager
def staged(folder: Path, station: str, **changes: Any) -> Iterator[Stage]:  # noqa: ANN401 - keys of the section
    """A stage with three versions installed, of which the first one judges."""
    section = section_of(folder, **changes)
    install(folder, section, *VERSIONS)
    stage = Stage(folder, station, section)
    yield stage
    stage.close()
