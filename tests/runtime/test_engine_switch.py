"""Two engine places: who judges, who judges in shadow, and when the line changes its mind."""

from __future__ import annotations

import math
import os
import time
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.scores import ScoreLimits
from gonogo.base.words import Mode, Reason, VerdictKind
from gonogo.ipc.engine_queue import HostState, Mailbox
from gonogo.ipc.engine_slot import Phase, PlaceLimits, SlotOrder
from gonogo.ipc.engine_slots import Answer, EngineSlots, OrderKind
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.journal import Journal, JournalReader
from gonogo.ipc.journal_records import ShadowEntry
from gonogo.runtime.acquire import Acquisition, View
from gonogo.runtime.budget import Budget, Wire
from gonogo.runtime.decide import Policy, decide
from gonogo.runtime.engine_client import EngineClient
from gonogo.runtime.engine_requests import EnginePort
from gonogo.runtime.engine_shadow import Seen, Shadow
from gonogo.runtime.engine_switch import MISSES, PATIENCE_NS, EngineSwitch, Trial
from gonogo.runtime.engine_trust import EngineTrust
from gonogo.runtime.judging import Judging
from gonogo.tests.fakes import SMALL, FakeCamera, FakeEngine, part_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.base.words import Part, Verdict, ViewCapture

A, B = 0, 1
PITCH_NS = 60_000_000_000  # so long that no load of the machine brings a test near an edge
IDS = (1001, 1002)
LIMITS = (
    ScoreLimits(1.0, 2.0, IDS[A]),
    ScoreLimits(10.0, 20.0, IDS[B]),
)  # of the engines in A and B


class Bench:
    """The line's places over real memory, with a fake host in each and a camera."""

    def __init__(self, station: str, bells: Sequence[int], slots: int) -> None:
        self.ring = FrameRing.create(station, 0, SMALL, slots)
        self.slots = EngineSlots.create(station)
        self.journal = Journal.create(station)
        self.hosts, clients = [], []
        for k in (A, B):
            mailbox = Mailbox.create(station, k)
            ask, done = bells[2 * k : 2 * k + 2]
            clients.append(EngineClient(EnginePort(mailbox, k, ask, done), [self.ring], [True]))
            host = FakeEngine(
                Mailbox.attach(station, k), [self.ring], place=k, ask_fd=ask, done_fd=done
            )
            host.engine_id = IDS[k]
            self.hosts.append(host)
        shadow = Shadow(self.slots, self.journal, PITCH_NS)
        self.places = EngineSwitch(clients, self.slots, shadow)
        self.acquisition = Acquisition([View("top", FakeCamera(), self.ring)], self.places)
        rules: Any = None  # rules judge nothing here
        self.judging = Judging(
            rules, Policy((ScoreLimits(0.0, 0.0),), VerdictKind.ACCEPT)
        )  # nobody's
        self.captures: Sequence[ViewCapture] = ()
        self.budget = Budget(200.0, Wire(10, 2))
        self.serial = 0

    def load(self, place: int, limits: ScoreLimits | None = None) -> None:
        """A host has loaded an engine into a place."""
        held = self.slots.places[place]
        held.begin(held.order(SlotOrder(bundles={})))
        found = limits or LIMITS[place]
        held.show_limits(0, PlaceLimits(found.recheck_above, found.reject_above, IDS[place]))
        held.say(Phase.READY)
        self.hosts[place].start()

    def part(self, score: float | None) -> tuple[Part, Verdict]:
        """A part that the active engine scores so, or not at all."""
        self.serial += 1
        part = part_now(self.serial)
        self.engines.begin(part)
        self.captures = self.acquisition.capture(part, self.engines.ask)
        if score is not None:
            self.answer(self.engines, score)
        scores = self.engines.collect(0)
        verdict = decide(self.captures, (), scores, self.policy, late=False)
        self.places.after_part(Seen(part, self.captures, ()), verdict)
        return part, verdict

    def answer(self, client: EngineClient, score: float) -> int:
        """The host of a client answers what it was asked; how much that was."""
        host = self.hosts[self.clients.index(client)]
        requests = list(host.mailbox.take())
        for request in requests:
            host.answer(request, score)
        return len(requests)

    @property
    def clients(self) -> list[EngineClient]:
        """The clients of both places."""
        return list(self.places.clients)

    @property
    def engines(self) -> EngineClient:
        """The client of the slot that judges."""
        return self.places.clients[self.judging.slot]

    @property
    def policy(self) -> Policy:
        """The one in force."""
        return self.judging.policy

    def recipe(self, policy: Policy) -> None:
        """Another recipe comes into force."""
        self.places.trust.believe(policy)
        self.judging = self.places.trust.adopt(self.judging._replace(policy=policy))

    def turn(self, later_ns: int = 0) -> None:
        """The line settles between two parts."""
        trial = Trial(self.captures, self.budget.budget_ns, time.monotonic_ns() + later_ns)
        self.judging = self.places.carry_out(self.judging, trial)

    def idle(self, later_ns: int = 0) -> None:
        """The line rests."""
        self.places.judge_in_shadow(self.judging, time.monotonic_ns() + later_ns)

    def said(self) -> Answer:
        """What the line has said to the last order."""
        return self.slots.answer

    def shadows(self) -> list[ShadowEntry]:
        """What was written of the other place."""
        return [entry for entry in JournalReader(self.journal) if isinstance(entry, ShadowEntry)]

    def switch(self, kind: OrderKind = OrderKind.SWITCH, place: int = B) -> Answer:
        """Order it, let the host score the trial frame, hear the answer."""
        self.slots.command(kind, place)
        self.turn()
        self.answer(self.clients[place], 0.0)
        self.turn()
        return self.slots.answer


@contextmanager
def bench_of(station: str, slots: int = 4) -> Iterator[Bench]:
    """A bench with its bells."""
    bells = [os.eventfd(0, os.EFD_NONBLOCK) for _ in range(4)]
    try:
        yield Bench(station, bells, slots)
    finally:
        for fd in bells:
            os.close(fd)


@pytest.fixture
def bench(station: str) -> Iterator[Bench]:
    """Engines in both places, A judges."""
    with bench_of(station) as made:
        made.load(A)
        made.load(B)
        made.turn()
        yield made


def test_places_judge_by_the_limits_that_came_with_the_engine(bench: Bench) -> None:
    """The policy of the station file had none; the host's are taken before the first part."""
    assert bench.policy.limits == (LIMITS[A],)
    assert [bench.part(score)[1].kind for score in (0.5, 1.5, 2.5)] == [
        VerdictKind.ACCEPT,
        VerdictKind.RECHECK,
        VerdictKind.REJECT,
    ]


def test_places_trust_no_score_of_an_engine_whose_limits_they_do_not_hold(station: str) -> None:
    """A host that serves before its limits were taken, or with another engine, decides nothing."""
    with bench_of(station) as bench:
        bench.hosts[A].start()
        _, early = bench.part(-1.0)
        assert (early.mode, early.kind) != (Mode.FULL, VerdictKind.ACCEPT)
        bench.load(A)
        bench.turn()
        bench.hosts[A].engine_id = IDS[B]
        assert bench.part(0.5)[1].mode is Mode.RULES_ONLY
        bench.hosts[A].engine_id = IDS[A]
        assert bench.part(0.5)[1].kind is VerdictKind.ACCEPT


@pytest.mark.parametrize(
    "limits", [ScoreLimits(3.0, 2.0), ScoreLimits(1.0, math.nan), ScoreLimits(math.nan, 2.0)]
)
def test_places_take_no_limits_that_are_none(bench: Bench, limits: ScoreLimits) -> None:
    """ScoreLimits that are upside down or not numbers keep the place from judging."""
    bench.part(0.5)
    bench.load(B, limits)
    assert bench.switch() is not Answer.DONE
    bench.turn(2 * PATIENCE_NS)
    assert bench.slots.answer is Answer.NOT_READY
    assert (bench.slots.active, bench.policy.limits) == (A, (LIMITS[A],))


def test_places_take_no_bundle_that_says_nothing_of_its_limits(bench: Bench) -> None:
    """It has none in the station file: a place that serves without them does not judge."""
    bench.part(0.5)
    held = bench.slots.places[B]
    held.begin(held.order(SlotOrder(bundles={})))
    held.say(Phase.READY)
    bench.hosts[B].start()
    assert bench.switch(OrderKind.BACK) is Answer.NOT_READY
    assert (bench.slots.active, bench.policy.limits) == (A, (LIMITS[A],))


def test_places_hold_a_model_file_beside_bundles_to_the_policy(station: str) -> None:
    """Its place says nothing of it: limits and engine are those of the recipe, then of the next."""
    with bench_of(station) as bench:
        held = bench.slots.places[A]
        held.begin(held.order(SlotOrder(bundles={})))
        held.say(Phase.READY)
        bench.hosts[A].start()
        for number, score in ((A, 0.5), (B, 5.0)):
            bench.recipe(Policy((LIMITS[number],), VerdictKind.ACCEPT))
            bench.hosts[A].engine_id = IDS[number]
            assert bench.part(score)[1].kind is VerdictKind.ACCEPT
            bench.hosts[A].engine_id = IDS[1 - number]
            assert bench.part(score)[1].mode is Mode.RULES_ONLY


def test_places_meet_a_new_recipe_with_the_limits_of_its_engine_at_once(bench: Bench) -> None:
    """Not at the next turn: a part may come before. What is not ready is not believed at all."""
    old = ScoreLimits(500.0, 500.0)  # of the version that was active when the station started
    bench.recipe(Policy((old,), VerdictKind.ACCEPT))
    assert bench.policy.limits == (LIMITS[A],)
    bench.hosts[A].mailbox.say(HostState.LOADING)
    bench.recipe(Policy((old,), VerdictKind.ACCEPT))
    bench.hosts[A].mailbox.say(HostState.READY)
    assert bench.part(400.0)[1].mode is Mode.RULES_ONLY


def test_places_flip_between_two_parts(bench: Bench) -> None:
    """The other engine judges the next part, by its own limits, and slots say so."""
    bench.part(0.5)
    assert bench.switch() is Answer.DONE
    assert (bench.slots.active, bench.slots.switches) == (B, 1)
    assert bench.engines is bench.clients[B]
    assert bench.policy.limits == (LIMITS[B],)
    assert bench.part(5.0)[1].kind is VerdictKind.ACCEPT
    assert bench.part(25.0)[1].kind is VerdictKind.REJECT


def test_places_do_not_flip_to_an_engine_that_scores_nothing(bench: Bench) -> None:
    """The trial frame is not answered: the order is refused when patience ends, A judges on."""
    bench.part(0.5)
    bench.slots.command(OrderKind.SWITCH, B)
    bench.turn()
    bench.turn()
    assert bench.said() is Answer.NONE
    bench.turn(2 * PATIENCE_NS)
    assert bench.said() is Answer.NOT_READY
    assert bench.part(0.5)[1].kind is VerdictKind.ACCEPT
    assert bench.slots.active == A


def test_places_do_not_flip_to_an_empty_place(station: str) -> None:
    """Back is at once, so it must look whether anything is there."""
    with bench_of(station) as bench:
        bench.load(A)
        bench.turn()
        assert bench.switch(OrderKind.BACK) is Answer.NOT_READY
        assert bench.slots.active == A


def test_places_say_that_the_place_judges_already(bench: Bench) -> None:
    """An order that was carried out before its sender heard of it does no harm."""
    assert bench.switch(place=A) is Answer.SAME
    assert bench.slots.switches == 0


def test_places_answer_an_order_once(bench: Bench) -> None:
    """After the answer nothing is pending, until the next order."""
    bench.part(0.5)
    bench.switch()
    bench.turn()
    assert (bench.slots.pending, bench.slots.switches) == (None, 1)
    exchanging = [bench.places.exchanging]
    bench.slots.command(OrderKind.BACK, B)
    exchanging.append(bench.places.exchanging)
    bench.turn()
    assert exchanging == [False, True]
    assert bench.switch(OrderKind.BACK, A) is Answer.DONE
    assert (bench.slots.active, bench.slots.switches) == (A, 2)


def test_places_go_back_when_the_new_engine_misses_its_deadline(bench: Bench) -> None:
    """After MISSES of the watched parts the former engine judges again, without being asked."""
    bench.slots.watch(10)
    bench.part(0.5)
    bench.switch()
    for _ in range(MISSES):
        assert bench.slots.active == B
        bench.part(None)
        bench.turn()
    assert bench.slots.active == A
    assert bench.slots.roll_backs == (1, Reason.ENGINE_SILENT)
    assert bench.part(0.5)[1].kind is VerdictKind.ACCEPT


def test_places_stay_when_the_watch_is_over(bench: Bench) -> None:
    """An engine that disappoints later is not exchanged: rules judge, as with any engine."""
    bench.slots.watch(3)
    bench.part(0.5)
    bench.switch()
    for score in (5.0, 5.0, 5.0, None, None, None):
        bench.part(score)
        bench.turn()
    assert (bench.slots.active, bench.slots.roll_backs[0]) == (B, 0)


def test_places_do_not_go_back_to_what_is_gone(bench: Bench) -> None:
    """The former engine was unloaded meanwhile: the new one stays, and rules judge in its place."""
    bench.slots.watch(10)
    bench.part(0.5)
    bench.switch()
    held = bench.slots.places[A]
    held.begin(held.order(None))
    for _ in range(MISSES + 1):
        bench.part(None)
        bench.turn()
    assert (bench.slots.active, bench.slots.roll_backs[0]) == (B, 0)
    bench.load(A)
    bench.turn()
    assert (bench.slots.active, bench.slots.roll_backs[0]) == (A, 1), "as soon as it is back"


def test_shadow_is_journalled_and_never_the_verdict(bench: Bench) -> None:
    """What B would have said of the part stands beside what A said."""
    bench.slots.shadowing = True
    part, verdict = bench.part(0.5)
    bench.idle()
    assert bench.answer(bench.clients[B], 25.0) == 1
    bench.idle()
    (shade,) = bench.shadows()
    assert (verdict.kind, shade.kind, shade.reason) == (
        VerdictKind.ACCEPT,
        VerdictKind.REJECT,
        Reason.ENGINE,
    )
    assert (shade.serial, shade.part_id) == (part.serial, part.part_id)
    (score,) = shade.scores
    assert score is not None
    assert (score.value, score.engine_id) == (25.0, IDS[B])
    assert (bench.slots.shadowed, bench.slots.no_window) == (1, 0)


def test_shadow_asks_nothing_that_nobody_wants(bench: Bench) -> None:
    """Without an order to judge in shadow, the other engine rests."""
    bench.part(0.5)
    bench.idle()
    assert bench.answer(bench.clients[B], 0.0) == 0


def test_shadow_waits_for_a_window(bench: Bench) -> None:
    """Shortly before the next part is due nothing is asked; when none comes, there is time."""
    bench.slots.shadowing = True
    bench.part(0.5)
    bench.idle(PITCH_NS + PITCH_NS // 4)
    assert bench.answer(bench.clients[B], 0.0) == 0
    bench.idle(2 * PITCH_NS)
    assert bench.answer(bench.clients[B], 0.0) == 1


def test_shadow_counts_parts_without_a_window(bench: Bench) -> None:
    """The next part came before anything could be asked."""
    bench.slots.shadowing = True
    bench.part(0.5)
    bench.part(0.5)
    assert bench.slots.no_window == 1


def test_shadow_that_is_never_answered_holds_no_frame_for_ever(bench: Bench) -> None:
    """The engine hangs: parts go on, each with a slot of its own, and later ones are asked."""
    bench.slots.shadowing = True
    for _ in range(12):
        _, verdict = bench.part(0.5)
        assert verdict.kind is VerdictKind.ACCEPT
        bench.idle()
        bench.idle(4 * PITCH_NS)
    assert not bench.shadows()
    assert bench.slots.shadowed == 0


def test_flip_waits_for_no_shadow(bench: Bench) -> None:
    """An order that comes while a shadow is asked for drops it."""
    bench.slots.shadowing = True
    bench.part(0.5)
    bench.idle()
    assert bench.switch() is Answer.DONE
    bench.idle()
    assert not bench.shadows()


def test_places_of_model_files_trust_the_engine_of_the_limits_alone(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody copied another model over the file: its scores mean something else."""
    with bench_of(station) as bench:
        client = bench.clients[A]
        alone = EngineSwitch([client])
        bench.places = alone
        for expected, fault in ((IDS[A], Reason.OK), (IDS[B], Reason.ENGINE_DATA)):
            bench.recipe(Policy((ScoreLimits(1.0, 2.0, expected),), VerdictKind.ACCEPT))
            bench.hosts[A].start()
            part = part_now(bench.serial)
            client.begin(part)
            looks = bench.acquisition.capture(part, client.ask)
            bench.answer(client, 0.5)
            (score,) = client.collect(0)
            assert score is not None
            assert score.fault is fault
            verdict = decide(looks, (), [score], bench.policy, late=False)
            assert (verdict.kind is VerdictKind.ACCEPT) is (fault is Reason.OK)
            bench.turn()
            bench.turn()
    assert [message for message in caplog.messages if "exchanged while" in message] != []
    assert len(caplog.messages) == 1


class Restless:
    """A place in which another engine begins while its limits are read, once."""

    def __init__(self, bench: Bench, anew: ScoreLimits) -> None:
        self._place = bench.slots.places[A]
        self._bench, self._anew = bench, [anew]
        self.phase = Phase.READY

    @property
    def load(self) -> int:
        """As the place says."""
        return self._place.load

    def limits(self, view: int) -> PlaceLimits | None:
        """Those that stood there."""
        found = self._place.limits(view)
        if self._anew:
            self._bench.load(A, self._anew.pop())
        return found


def test_places_take_the_limits_of_an_engine_that_began_while_they_were_read(
    bench: Bench,
) -> None:
    """What was read is of the engine before; that of the new one is not taken for known."""
    bench.part(0.5)
    anew = ScoreLimits(0.1, 0.2, IDS[A])
    slots: Any = SimpleNamespace(places=[Restless(bench, anew), bench.slots.places[B]])
    trust = EngineTrust(bench.clients, slots)
    first = trust.renewed(bench.judging)
    assert first.policy.limits == (LIMITS[A],)
    assert trust.renewed(first).policy.limits == (anew,)
