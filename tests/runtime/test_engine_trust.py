"""Whose scores are believed: of the engine that the limits in force are for, and of no other."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.scores import ScoreLimits
from gonogo.base.words import Mode, VerdictKind
from gonogo.ipc.engine_queue import HostState
from gonogo.ipc.engine_slot import Phase, PlaceLimits, SlotOrder
from gonogo.ipc.engine_slots import Answer, OrderKind
from gonogo.runtime.decide import Policy
from gonogo.runtime.engine_switch import PATIENCE_NS, EngineSwitch
from gonogo.runtime.engine_trust import EngineTrust
from gonogo.tests.runtime.test_engine_switch import IDS, LIMITS, A, B, Bench, bench_of

if TYPE_CHECKING:
    from collections.abc import Iterator


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
        for some_id in (IDS[A], 0, 1):
            bench.hosts[A].engine_id = some_id
            _, early = bench.part(-1.0)
            assert early.mode is Mode.RULES_ONLY
        bench.load(A)
        bench.turn()
        bench.hosts[A].engine_id = IDS[B]
        assert bench.part(0.5)[1].mode is Mode.RULES_ONLY
        bench.hosts[A].engine_id = IDS[A]
        assert bench.part(0.5)[1].kind is VerdictKind.ACCEPT


@pytest.mark.parametrize(
    "limits",
    [
        ScoreLimits(3.0, 2.0),
        ScoreLimits(1.0, math.nan),
        ScoreLimits(math.nan, 2.0),
        ScoreLimits(1.0, math.inf),
    ],
)
def test_places_take_no_limits_that_are_none(bench: Bench, limits: ScoreLimits) -> None:
    """ScoreLimits that are upside down, not numbers, or beyond all scores keep it from judging."""
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


def test_places_take_limits_between_which_nothing_is_doubtful(station: str) -> None:
    """An engine need not have a band that is looked at again."""
    with bench_of(station) as bench:
        bench.load(A, ScoreLimits(2.0, 2.0))
        bench.turn()
        kinds = [bench.part(score)[1].kind for score in (2.0, 2.1)]
        assert kinds == [VerdictKind.ACCEPT, VerdictKind.REJECT]


@pytest.mark.parametrize("first", [LIMITS[A], ScoreLimits(1.0, math.nan)])
def test_places_want_sound_limits_in_every_view(station: str, first: ScoreLimits) -> None:
    """One view whose limits are none is enough to believe none of them."""
    with bench_of(station, judged=(True, True)) as bench:
        bench.load(A, first, ScoreLimits(3.0, 2.0))
        bench.turn()
        assert bench.policy.limits == (ScoreLimits(0.0, 0.0),) * 2, "as it was"
        assert bench.part(-1.0)[1].mode is Mode.RULES_ONLY
        bench.load(A, LIMITS[A], LIMITS[A])
        bench.turn()
        assert bench.part(0.5)[1].kind is VerdictKind.ACCEPT


def test_places_want_no_limits_of_a_view_that_no_engine_judges(station: str) -> None:
    """Rules alone do; the engine of the other view is believed as ever."""
    with bench_of(station, judged=(True, False)) as bench:
        bench.load(A)
        bench.turn()
        assert bench.policy.limits == (LIMITS[A], None)


def test_places_take_limits_as_soon_as_the_engine_has_said_them(station: str) -> None:
    """A line that takes over may look while the process is still at it: it looks again."""
    with bench_of(station) as bench:
        bench.load(A)
        held = bench.slots.places[A]
        held.say(Phase.TESTING)
        bench.turn()
        assert bench.part(-1.0)[1].mode is Mode.RULES_ONLY
        held.say(Phase.READY)
        bench.turn()
        assert bench.part(0.5)[1].kind is VerdictKind.ACCEPT


def test_places_judge_by_the_limits_that_they_have_taken(bench: Bench) -> None:
    """An engine says them once, as it begins: what is written over them later judges no part."""
    bench.slots.places[A].show_limits(0, PlaceLimits(500.0, 500.0, IDS[A]))
    bench.turn()
    assert bench.policy.limits == (LIMITS[A],)


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


@pytest.mark.parametrize(
    ("processes", "lines"),
    [((A, B, A, B), [0, 0, 1, 1, 1, 1, 2, 2]), ((B, A), [1, 1, 1, 1])],
)
def test_places_of_model_files_trust_the_engine_of_the_limits_alone(
    station: str, caplog: pytest.LogCaptureFixture, processes: tuple[int, ...], lines: list[int]
) -> None:
    """Somebody copied another model over the file: its scores mean something else.

    Told once of each process that has loaded it, and of none that scores as it should.
    """
    told = []
    with bench_of(station) as bench:
        client = bench.clients[A]
        bench.places = EngineSwitch([client])
        bench.recipe(Policy((ScoreLimits(1.0, 2.0, IDS[A]),), VerdictKind.ACCEPT))
        for model in processes:
            bench.hosts[A].start()
            bench.hosts[A].engine_id = IDS[model]
            for _ in range(2):
                assert (bench.part(0.5)[1].kind is VerdictKind.ACCEPT) is (model == A)
                bench.turn()
                told.append(len([line for line in caplog.messages if "exchanged while" in line]))
    assert told == lines


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
