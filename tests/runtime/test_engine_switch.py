"""Two engine places: who judges, who judges in shadow, and when the line changes its mind."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
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
from gonogo.runtime.engine_switch import PATIENCE_NS, EngineSwitch, Exchange, Trial
from gonogo.runtime.judging import Judging
from gonogo.tests.fakes import SMALL, FakeCamera, FakeEngine, S, part_now

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
    """The line's places over real memory, with a fake host in each, and a camera a view."""

    def __init__(
        self, station: str, bells: Sequence[int], slots: int, judged: Sequence[bool]
    ) -> None:
        rings = [FrameRing.create(station, k, SMALL, slots) for k in range(len(judged))]
        self.slots = EngineSlots.create(station)
        self.journal = Journal.create(station)
        self.hosts, clients = [], []
        for k in (A, B):
            mailbox = Mailbox.create(station, k)
            ask, done = bells[2 * k : 2 * k + 2]
            clients.append(EngineClient(EnginePort(mailbox, k, ask, done), rings, judged))
            host = FakeEngine(Mailbox.attach(station, k), rings, place=k, ask_fd=ask, done_fd=done)
            host.engine_id = IDS[k]
            self.hosts.append(host)
        self.exchange = Exchange(self.slots, Shadow(self.slots, self.journal, PITCH_NS))
        self.places = EngineSwitch(clients, self.exchange)
        views = [View(f"view {k}", FakeCamera(), ring) for k, ring in enumerate(rings)]
        self.acquisition = Acquisition(views, self.places)
        rules: Any = None  # rules judge nothing here
        nobody_s = tuple(ScoreLimits(0.0, 0.0) if each else None for each in judged)
        self.judging = Judging(rules, Policy(nobody_s, VerdictKind.ACCEPT))
        self.captures: Sequence[ViewCapture] = ()
        self.budget = Budget(200.0, Wire(10, 2))
        self.serial = 0

    def load(self, place: int, *limits: ScoreLimits) -> None:
        """A host has loaded an engine into a place; `limits`: of its first views."""
        held = self.slots.places[place]
        held.begin(held.order(SlotOrder(bundles={})))
        for view, found in enumerate(limits or (LIMITS[place],)):
            shown = PlaceLimits(found.recheck_above, found.reject_above, IDS[place])
            held.show_limits(view, shown)
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

    def turn(self, later_ns: int = 0, *, changing: bool = False) -> None:
        """The line settles between two parts."""
        self.turn_at(time.monotonic_ns() + later_ns, changing=changing)

    def turn_at(self, now_ns: int, *, changing: bool = False) -> None:
        """The same, when it is so late."""
        trial = Trial(self.captures, self.budget.budget_ns, now_ns)
        self.judging = self.places.carry_out(self.judging, trial, changing=changing)

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
def bench_of(station: str, slots: int = 4, judged: Sequence[bool] = (True,)) -> Iterator[Bench]:
    """A bench with its bells; `judged`: the views, by an engine or not."""
    bells = [os.eventfd(0, os.EFD_NONBLOCK) for _ in range(4)]
    try:
        yield Bench(station, bells, slots, judged)
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


def test_places_try_an_engine_for_ten_seconds(bench: Bench) -> None:
    """As docs/hot-reload.md promises, from the moment at which the line has seen the order."""
    bench.slots.command(OrderKind.SWITCH, B)
    began_ns = time.monotonic_ns()
    for late_ns, said in ((0, Answer.NONE), (10 * S, Answer.NONE), (10 * S + 1, Answer.NOT_READY)):
        bench.turn_at(began_ns + late_ns)
        assert bench.said() is said


def test_places_wait_for_an_engine_that_is_not_there_yet(station: str) -> None:
    """Its process may be starting anew just now: it has as long as one that scores nothing."""
    with bench_of(station) as bench:
        bench.load(A)
        bench.turn()
        bench.part(0.5)
        assert bench.switch() is Answer.NONE
        bench.load(B)
        assert bench.switch() is Answer.DONE


def test_places_say_how_long_a_switch_took(bench: Bench) -> None:
    """No longer than whoever looks on sees it take."""
    bench.part(0.5)
    before_ns = time.monotonic_ns()
    bench.switch()
    assert 0 < bench.slots.switch_ns <= time.monotonic_ns() - before_ns


def test_places_do_not_go_back_to_what_shall_hold_something_else(bench: Bench) -> None:
    """Its process serves the former engine until it has seen the order to load another."""
    bench.part(0.5)
    bench.switch()
    bench.slots.places[A].order(SlotOrder(bundles={}))
    assert bench.switch(OrderKind.BACK, A) is Answer.NOT_READY
    assert bench.slots.active == B


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


def test_places_go_back_when_the_new_engine_misses_its_deadline(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """After two of the watched parts, and not after one, the former engine judges again."""
    on_trial(bench)
    for score in (None, 5.0, 5.0, None):
        assert bench.slots.active == B
        bench.part(score)
        bench.turn()
    assert bench.slots.active == A
    assert bench.slots.roll_backs == (1, Reason.ENGINE_SILENT)
    assert bench.part(0.5)[1].kind is VerdictKind.ACCEPT
    assert "engine B is silent: engine A judges again" in caplog.messages


def on_trial(bench: Bench, parts: int = 10) -> None:
    """The engine in B judges, and so many parts are watched."""
    bench.slots.watch(parts)
    bench.part(0.5)
    assert bench.switch() is Answer.DONE


def test_places_go_back_before_a_part_when_the_process_of_the_new_engine_ends(
    bench: Bench,
) -> None:
    """No part has to go without a score first."""
    on_trial(bench)
    bench.hosts[B].mailbox.say(HostState.DOWN)
    bench.turn()
    assert bench.slots.active == A
    assert bench.part(0.5)[1].kind is VerdictKind.ACCEPT


def test_places_stay_when_a_process_ends_that_is_not_on_trial(bench: Bench) -> None:
    """Whatever is in the other place, and be it ready: nobody has said that it may judge."""
    bench.part(0.5)
    bench.hosts[A].mailbox.say(HostState.DOWN)
    bench.turn()
    assert (bench.slots.active, bench.slots.roll_backs[0]) == (A, 0)
    assert bench.part(None)[1].mode is Mode.RULES_ONLY


def test_places_never_go_back_to_the_engine_that_they_came_back_from(bench: Bench) -> None:
    """Its trial is over: what becomes of the former engine now, it does not judge again."""
    on_trial(bench)
    bench.hosts[B].mailbox.say(HostState.DOWN)
    bench.turn()
    bench.hosts[B].mailbox.say(HostState.READY)
    bench.hosts[A].mailbox.say(HostState.DOWN)
    stays_at_a(bench)


def stays_at_a(bench: Bench) -> None:
    """Before the next part, and after parts that A has scored nothing of."""
    bench.turn()
    for _ in range(3):
        assert (bench.slots.active, bench.slots.probation_left) == (A, 0)
        bench.part(None)
        bench.turn()
    assert bench.slots.active == A


def test_places_watch_nobody_after_an_ordered_way_back(bench: Bench) -> None:
    """The former engine has been tried before; the one that it replaces disappointed somebody."""
    on_trial(bench)
    assert bench.switch(OrderKind.BACK, A) is Answer.DONE
    bench.hosts[A].mailbox.say(HostState.DOWN)
    stays_at_a(bench)


def test_places_watch_nobody_after_a_switch_that_could_not_be(bench: Bench) -> None:
    """It scored its trial in time and was gone: the old engine is on no trial, for its sake."""
    bench.slots.watch(10)
    bench.part(0.5)
    bench.slots.command(OrderKind.SWITCH, B)
    bench.turn()
    bench.answer(bench.clients[B], 0.0)
    bench.hosts[B].mailbox.say(HostState.DOWN)
    bench.turn()
    assert bench.said() is Answer.NOT_READY
    bench.hosts[B].mailbox.say(HostState.READY)
    stays_at_a(bench)


def test_places_count_the_misses_of_each_trial_anew(bench: Bench) -> None:
    """One miss of an earlier trial is not held against the next."""
    for _ in range(2):
        on_trial(bench)
        bench.part(None)
        bench.turn()
        assert bench.slots.active == B
        assert bench.switch(OrderKind.BACK, A) is Answer.DONE


def test_places_of_a_line_that_takes_over_go_on_with_the_trial(bench: Bench) -> None:
    """The slot that judges is the one that the line before has left; two misses from here on."""
    on_trial(bench)
    bench.places = EngineSwitch(bench.clients, bench.exchange)
    assert bench.places.slot == B
    bench.turn()
    for _ in range(2):
        assert bench.slots.active == B
        bench.part(None)
        bench.turn()
    assert bench.slots.active == A


def test_places_of_one_engine_judge_by_it(bench: Bench) -> None:
    """Where none is exchanged there is no other slot, and nothing to do in idle windows."""
    alone = EngineSwitch(bench.clients[:1])
    part, verdict = bench.part(0.5)
    alone.after_part(Seen(part, bench.captures, ()), verdict)
    alone.judge_in_shadow(bench.judging, part.deadline_ns)
    assert alone.slot == A


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
    for _ in range(3):
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
    """Without an order to judge in shadow the other engine rests, and no part lacks a window."""
    for _ in range(3):
        bench.part(0.5)
        bench.idle()
    assert bench.answer(bench.clients[B], 0.0) == 0
    assert bench.slots.no_window == 0


def test_shadow_ends_with_the_order(bench: Bench) -> None:
    """A part that was judged before that is not asked about any more."""
    bench.slots.shadowing = True
    bench.part(0.5)
    bench.slots.shadowing = False
    bench.idle()
    assert bench.answer(bench.clients[B], 0.0) == 0


def test_shadow_waits_for_a_trial(bench: Bench) -> None:
    """The engine is tried for a switch: a question more would make an end of that trial."""
    bench.slots.shadowing = True
    bench.part(0.5)
    bench.slots.command(OrderKind.SWITCH, B)
    bench.turn()
    bench.part(0.5)
    bench.idle()
    assert bench.answer(bench.clients[B], 0.0) == 1
    bench.turn()
    assert bench.said() is Answer.DONE


def test_shadow_keeps_the_frame_that_it_reads(bench: Bench) -> None:
    """No later part is photographed into it until the engine has answered."""
    bench.slots.shadowing = True
    bench.part(0.5)
    read = bench.captures[0].slot
    bench.idle()
    used = set()
    for _ in range(6):
        bench.part(0.5)
        used.add(bench.captures[0].slot)
    assert used == {0, 1, 2, 3} - {read}
    bench.answer(bench.clients[B], 0.0)
    for _ in range(4):
        bench.part(0.5)
        used.add(bench.captures[0].slot)
    assert used == {0, 1, 2, 3}


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


def test_shadow_is_asked_again_after_one_slow_answer(bench: Bench) -> None:
    """An answer that took longer than a pitch closes the window for some parts, not for ever."""
    bench.slots.shadowing = True
    bench.part(0.5)
    bench.idle()
    bench.idle(2 * PITCH_NS + PITCH_NS // 2)  # given up: taken for what an answer takes
    bench.answer(bench.clients[B], 0.0)
    bench.part(0.5)
    bench.idle()
    assert bench.answer(bench.clients[B], 0.0) == 0, "no window for an answer that slow"
    for _ in range(60):
        bench.part(0.5)
        bench.idle()
        bench.answer(bench.clients[B], 0.0)
        bench.idle()
    assert bench.slots.shadowed >= 20


def test_flip_waits_for_no_shadow(bench: Bench) -> None:
    """An order that comes while a shadow is asked for drops it."""
    bench.slots.shadowing = True
    bench.part(0.5)
    bench.idle()
    assert bench.switch() is Answer.DONE
    bench.idle()
    assert not bench.shadows()


# -- while another recipe is on its way ------------------------------------------------------


def test_places_go_back_from_no_engine_that_begins_anew_for_another_recipe(bench: Bench) -> None:
    """Both do, and whichever is ready first: the one on trial has missed nothing."""
    on_trial(bench)
    bench.hosts[B].mailbox.say(HostState.LOADING)
    bench.turn(changing=True)
    bench.hosts[B].start()
    bench.turn(changing=True)
    bench.turn()
    assert (bench.slots.active, bench.slots.roll_backs[0]) == (B, 0)
    assert bench.slots.probation_left == 10, "its trial goes on"
    assert bench.part(5.0)[1].kind is VerdictKind.ACCEPT, "its limits were taken meanwhile"


def test_places_let_an_order_wait_for_another_recipe(bench: Bench) -> None:
    """The epoch and the proof that a change of recipe waits for are those of one slot."""
    bench.part(0.5)
    bench.slots.command(OrderKind.BACK, B)
    bench.turn(changing=True)
    assert (bench.said(), bench.slots.active) == (Answer.NONE, A)
    bench.turn()
    assert (bench.said(), bench.slots.active) == (Answer.DONE, B)
