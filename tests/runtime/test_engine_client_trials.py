"""What an engine is asked between two parts: trials of a lost one, and questions in shadow."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Reason, ViewCapture
from gonogo.ipc.engine_queue import HostState
from gonogo.ipc.frame_ring import ResultStatus
from gonogo.runtime.engine_client import EngineClient
from gonogo.runtime.engine_requests import EnginePort
from gonogo.tests.fakes import S, part_now
from gonogo.tests.runtime.test_engine_client import Bench, bench_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.engine_queue import Request

NOW_NS = 10**9  # of the trials' own clock, which only deadlines are compared with


@pytest.fixture
def bench(station: str) -> Iterator[Bench]:
    """One view with an engine."""
    with bench_of(station) as made:
        yield made


@pytest.fixture
def pair(station: str) -> Iterator[Bench]:
    """Two views with an engine each."""
    with bench_of(station, (True, True)) as made:
        yield made


def answer(bench: Bench, request: Request, done_ns: int, score: float = 0.5) -> None:
    """An answer that says of itself when it was done."""
    slot = bench.rings[request.view].slots[request.slot]
    result = slot.results[0]
    result.begin(request.request_id, slot.generation, done_ns - 1)
    result.score[0] = score
    result.commit(ResultStatus.OK, 77, done_ns)


def trial(bench: Bench, looks: list[ViewCapture], budget_ns: int = 60 * S) -> list[Request]:
    """Begin one; what the engine is asked."""
    list(bench.engine.mailbox.take())
    assert not bench.client.between.try_out(looks, NOW_NS, budget_ns)
    return list(bench.engine.mailbox.take())


def judged_part(bench: Bench, budget_ns: int = 60 * S) -> list[ViewCapture]:
    """A part of that budget has been judged; its looks."""
    bench.serial += 1
    part = part_now(bench.serial, budget_ns=budget_ns)
    looks = bench.acquisition.capture(part)
    bench.client.begin(part)
    return looks


@pytest.mark.parametrize(("share", "brisk"), [(0.79, True), (0.8, False), (0.81, False)])
@pytest.mark.parametrize("with_part", [True, False])
def test_trial_wants_an_answer_within_four_fifths_of_a_part_s_room(
    bench: Bench, share: float, *, brisk: bool, with_part: bool
) -> None:
    """Room is from the last part's trigger to its engine deadline; before the first, the budget."""
    looks = (
        judged_part(bench, budget_ns=4 * S) if with_part else bench.acquisition.capture(part_now())
    )
    (request,) = trial(bench, looks, budget_ns=(60 if with_part else 3) * S)
    answer(bench, request, bench.client.requests.asked_ns + round(share * 3 * S))
    assert bench.client.between.try_out(looks, NOW_NS, (60 if with_part else 3) * S) is brisk


@pytest.mark.parametrize("slow", [0, 1])
def test_trial_is_as_slow_as_its_slowest_view(pair: Bench, slow: int) -> None:
    """A part waits for all of them."""
    looks = judged_part(pair)
    requests = trial(pair, looks)
    for request in requests:
        late_ns = 40 * S if request.view == slow else S
        answer(pair, request, pair.client.requests.asked_ns + late_ns)
    assert not pair.client.between.try_out(looks, NOW_NS, 60 * S)


def test_trial_wants_a_good_score_of_every_view(pair: Bench) -> None:
    """One that answers nothing that counts is not outweighed by the other."""
    looks = judged_part(pair)
    first, second = trial(pair, looks)
    answer(pair, first, pair.client.requests.asked_ns + 1)
    answer(pair, second, pair.client.requests.asked_ns + 1, float("nan"))
    assert not pair.client.between.try_out(looks, NOW_NS, 60 * S)
    first, second = trial(pair, looks)
    for request in (first, second):
        answer(pair, request, pair.client.requests.asked_ns + 1)
    assert pair.client.between.try_out(looks, NOW_NS, 60 * S)


def test_trial_lasts_until_its_deadline_and_not_longer(bench: Bench) -> None:
    """At the deadline an answer still counts; past it the engine is asked anew."""
    looks = judged_part(bench)
    (request,) = trial(bench, looks, S)
    assert not bench.client.between.try_out(looks, NOW_NS + S, S)
    answer(bench, request, bench.client.requests.asked_ns + 1)
    assert bench.client.between.try_out(looks, NOW_NS + S, S)
    (request,) = trial(bench, looks, S)
    assert not bench.client.between.try_out(looks, NOW_NS + S + 1, S)
    answer(bench, request, bench.client.requests.asked_ns + 1)
    assert not bench.client.between.try_out(looks, NOW_NS + S + 2, S)
    assert len(list(bench.engine.mailbox.take())) == 1, "it was not asked anew"


def test_trial_asks_at_once_and_by_the_trial_s_own_deadline(bench: Bench) -> None:
    """The very first call of a line that has just begun."""
    looks = bench.acquisition.capture(part_now())
    (request,) = trial(bench, looks, S)
    assert request.deadline_ns == NOW_NS + S
    assert request.slot == looks[0].slot


def test_trial_is_over_when_a_part_comes(bench: Bench) -> None:
    """The part's own scores are no trial's: the engine is asked again after it."""
    looks = judged_part(bench)
    trial(bench, looks)
    looks = bench.ask()
    for request in bench.engine.mailbox.take():
        answer(bench, request, time.monotonic_ns())
    assert bench.collect_now() != [None]
    (request,) = trial(bench, looks)
    assert request.slot == looks[0].slot


@pytest.mark.parametrize("state", [HostState.LOADING, HostState.DOWN, HostState.FAILED])
def test_trial_asks_nothing_of_a_host_that_does_not_serve(bench: Bench, state: HostState) -> None:
    """It is tried once it does."""
    looks = judged_part(bench)
    bench.engine.mailbox.say(state)
    assert trial(bench, looks) == []
    assert not bench.client.between.ask_all(looks, NOW_NS)
    assert bench.client.requests.unasked == 0
    bench.engine.mailbox.say(HostState.READY)
    assert len(trial(bench, looks)) == 1


def test_trial_needs_the_frames_of_every_view(pair: Bench) -> None:
    """Before the first part there are none; of one view alone they prove nothing."""
    looks = judged_part(pair)
    for some in ([], looks[:1]):
        assert trial(pair, some) == []
        assert not pair.client.between.ask_all(some, NOW_NS)
    assert not pair.client.between.ask_all(
        [looks[0], looks[1]._replace(fault=Reason.CAMERA)], NOW_NS
    )
    assert pair.client.between.ask_all(looks, NOW_NS)


def test_trial_of_a_station_without_engine_goes_well(station: str) -> None:
    """Nothing is missing; even before the first part."""
    with bench_of(station, (False,)) as bench:
        looks = bench.acquisition.capture(part_now())
        assert not bench.client.between.try_out(looks, NOW_NS, S)
        assert bench.client.between.try_out(looks, NOW_NS, S)


# -- questions in shadow -----------------------------------------------------------------


def test_answered_says_nothing_until_all_have_answered(pair: Bench) -> None:
    """Then what each view has said."""
    looks = judged_part(pair)
    list(pair.engine.mailbox.take())
    assert pair.client.between.ask_all(looks, NOW_NS + S)
    first, second = pair.engine.mailbox.take()
    assert pair.client.between.answered(NOW_NS) is None
    answer(pair, first, NOW_NS, 0.25)
    assert pair.client.between.answered(NOW_NS) is None
    answer(pair, second, NOW_NS, 0.75)
    scores = pair.client.between.answered(NOW_NS)
    assert scores is not None
    assert [score and score.value for score in scores] == [0.25, 0.75]


def test_answered_gives_up_at_its_deadline(pair: Bench) -> None:
    """Without the one that has not come by then."""
    looks = judged_part(pair)
    list(pair.engine.mailbox.take())
    assert pair.client.between.ask_all(looks, NOW_NS + S)
    first, _ = pair.engine.mailbox.take()
    answer(pair, first, NOW_NS, 0.25)
    assert pair.client.between.answered(NOW_NS + S - 1) is None
    scores = pair.client.between.answered(NOW_NS + S)
    assert scores is not None
    assert [score and score.value for score in scores] == [0.25, None]


# -- bells and pace ----------------------------------------------------------------------


def test_client_quiets_the_bell_that_woke_it(bench: Bench) -> None:
    """Rung for nothing, it would otherwise ring on, and the line would turn on the spot."""
    bench.ask()
    os.eventfd_write(bench.bells[1], 5)
    assert bench.client.collect(time.monotonic_ns() + S // 50) == [None]
    assert not select.select([bench.bells[1]], [], [], 0)[0]


def test_client_makes_neither_bell_block(station: str) -> None:
    """The engine holds them, too: it could drain or fill them at any moment."""
    with bench_of(station) as bench:
        assert [os.get_blocking(fd) for fd in bench.bells] == [False, False]


def test_client_names_each_request_by_another_number(bench: Bench) -> None:
    """Unlike any of an earlier line process: the clock has gone on since."""
    ids = []
    for _ in range(2):
        bench.ask()
        ids += [request.request_id for request in bench.engine.mailbox.take()]
        bench.collect_now()
    assert ids[1] > ids[0] > 1
    before_ns = time.monotonic_ns()
    ask, done = bench.bells
    heir = EngineClient(EnginePort(bench.mailbox, 0, ask, done), bench.rings, (True,))
    looks = bench.acquisition.capture(part_now())
    heir.begin(part_now())
    heir.ask(looks[0])
    (request,) = bench.engine.mailbox.take()
    assert request.request_id > before_ns


def test_pace_is_the_share_of_the_time_between_question_and_deadline(bench: Bench) -> None:
    """Two parts that were answered after half of it, and two at once."""
    for waited_ns, least, most in ((10_000 * S, 0.5, 0.6), (0, 0.0, 0.4)):
        for _ in range(2):
            bench.ask()
            for request in bench.engine.mailbox.take():
                bench.engine.answer(request)
            bench.client.requests.asked_ns -= waited_ns
            bench.client.collect(bench.client.requests.asked_ns + 20_000 * S)
        shares = sorted(bench.client.pace._shares)[:2]
        assert all(least <= share <= most for share in shares)


def test_pace_of_a_part_that_was_not_asked_about_is_not_noted(bench: Bench) -> None:
    """No engine asked, or a deadline that had passed before the question: no share of anything."""
    for _ in range(3):
        bench.ask()
        bench.client.collect(bench.client.requests.asked_ns)
        bench.engine.mailbox.say(HostState.DOWN)
        bench.ask()
        bench.client.collect(time.monotonic_ns() + 1)
        bench.engine.mailbox.say(HostState.READY)
    assert len(bench.client.pace._shares) == 0
    bench.engine.start()
    for _ in range(2):
        bench.ask()
        bench.client.collect(bench.client.requests.asked_ns + 1)
    assert bench.client.pace.p99 == 1.0


def test_pace_counts_from_the_first_question_of_a_part(pair: Bench) -> None:
    """The second view's is later; the part has waited since the first."""
    looks = judged_part(pair)
    pair.client.ask(looks[0])
    first_ns = pair.client.requests.asked_ns
    pair.client.ask(looks[1])
    assert pair.client.requests.asked_ns == first_ns
    judged_part(pair)
    pair.client.ask(looks[0])
    assert pair.client.requests.asked_ns > first_ns


def test_trial_is_no_proof_of_a_process_that_has_begun_since(bench: Bench) -> None:
    """What the former one has answered, with the models of another recipe perhaps."""
    looks = judged_part(bench)
    (request,) = trial(bench, looks)
    bench.engine.answer(request)
    bench.engine.start()
    assert not bench.client.between.try_out(looks, NOW_NS, 60 * S)
    (again,) = bench.engine.mailbox.take()
    bench.engine.answer(again)
    assert bench.client.between.try_out(looks, NOW_NS, 60 * S)


def test_trial_is_over_with_its_answer_or_past_its_deadline(bench: Bench) -> None:
    """A look that finds nothing yet has seen the end of none."""
    between, seen = bench.client.between, [bench.client.between.over]
    looks = judged_part(bench)
    (request,) = trial(bench, looks)
    seen.append(between.over)
    between.try_out(looks, NOW_NS, 60 * S)
    seen.append(between.over)
    answer(bench, request, bench.client.requests.asked_ns + 1)
    assert between.try_out(looks, NOW_NS, 60 * S)
    seen.append(between.over)
    trial(bench, looks, S)
    seen.append(between.over)
    assert not between.try_out(looks, NOW_NS + S + 1, S)
    seen.append(between.over)
    assert seen == [False, False, False, True, False, True]
