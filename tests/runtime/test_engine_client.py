"""The line's side of an engine: no score but the right one, and never a wait for a wrong one."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.base.doorbell import make_bell, open_bell
from gonogo.base.words import Reason, Score, ViewCapture
from gonogo.ipc.engine_queue import HostState, Mailbox
from gonogo.ipc.frame_ring import FrameRing, ResultStatus
from gonogo.runtime.acquire import Acquisition, View
from gonogo.runtime.engine_client import BetweenParts, EngineClient
from gonogo.runtime.engine_requests import EnginePort
from gonogo.tests.fakes import (
    SMALL,
    FakeCamera,
    FakeEngine,
    S,
    Shot,
    part_now,
    scratch_station,
)
from gonogo.tests.table import row, supervised, turn_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.engine_queue import Request

    Asked = tuple[Request, int]  # with the serial of its part

SLOTS = 4
FULL_EVENTFD = 2**64 - 2  # one more would block (eventfd(2))


class Bench:
    """A client and a fake host over the same memory, with a camera for each view."""

    def __init__(self, station: str, bells: tuple[int, int], judged: tuple[bool, ...]) -> None:
        self.bells = bells
        self.rings = [FrameRing.create(station, v, SMALL, SLOTS) for v in range(len(judged))]
        self.mailbox = Mailbox.create(station, 0)
        ask, done = bells
        self.client = EngineClient(EnginePort(self.mailbox, 0, ask, done), self.rings, judged)
        self.engine = FakeEngine(
            Mailbox.attach(station, 0), self.rings, place=0, ask_fd=ask, done_fd=done
        )
        self.engine.start()
        self.cameras = [FakeCamera() for _ in judged]
        views = [View(f"v{v}", self.cameras[v], ring) for v, ring in enumerate(self.rings)]
        self.acquisition = Acquisition(views, self.client)
        self.serial = 0

    def ask(self) -> list[ViewCapture]:
        """The next part: look and submit."""
        self.serial += 1
        part = part_now(self.serial)
        looks = self.acquisition.capture(part)
        self.client.begin(part)
        for look in looks:
            self.client.ask(look)
        return looks

    def collect_now(self) -> list[Score | None]:
        """What is there at a deadline that has just passed."""
        return self.client.collect(time.monotonic_ns())

    def held(self, view: int = 0) -> int:
        """How many slots of a view the client holds for the engine."""
        return sum(self.client.holds(view, slot) for slot in range(SLOTS))


@contextmanager
def bench_of(station: str, judged: tuple[bool, ...] = (True,)) -> Iterator[Bench]:
    """A bench with two eventfds of its own."""
    bells = os.eventfd(0), os.eventfd(0)
    try:
        yield Bench(station, bells, judged)
    finally:
        for fd in bells:
            os.close(fd)


@pytest.fixture
def bench(station: str) -> Iterator[Bench]:
    """One view with an engine."""
    with bench_of(station) as made:
        yield made


def test_client_collects_the_score_of_its_frame(bench: Bench) -> None:
    """Value, times and engine as the host wrote them, and the slot is free again."""
    before_ns = time.monotonic_ns()
    bench.ask()
    assert bench.held() == 1
    for request in bench.engine.mailbox.take():
        bench.engine.answer(request, 0.375)
    (score,) = bench.client.collect(time.monotonic_ns() + 10 * S)
    assert score is not None
    assert (score.view, score.value, score.fault, score.engine_id) == (0, 0.375, Reason.OK, 77)
    assert before_ns <= score.start_ns <= score.done_ns <= time.monotonic_ns()
    assert bench.held() == 0


def test_client_is_woken_by_an_answer_that_comes_while_it_waits(bench: Bench) -> None:
    """A host in another thread answers before a deadline that is far away."""
    stop = threading.Event()
    host = threading.Thread(target=bench.engine.serve, args=(stop.is_set,))
    host.start()
    deadline_ns = time.monotonic_ns() + 10 * S
    for shade in (100, 101, 102):
        bench.cameras[0].script = (Shot(shade=shade),)
        bench.ask()
        (score,) = bench.client.collect(deadline_ns)
        assert score is not None
        assert score.value == shade / 100
    stop.set()
    host.join()
    assert time.monotonic_ns() < deadline_ns


def test_client_waits_for_a_host_no_longer_than_the_deadline(bench: Bench) -> None:
    """Nothing came: None at the deadline, and a doorbell without an answer ends nothing."""
    bench.ask()
    os.eventfd_write(bench.bells[1], 5)
    deadline_ns = time.monotonic_ns() + S // 50
    assert bench.client.collect(deadline_ns) == [None]
    assert time.monotonic_ns() >= deadline_ns


def test_client_asks_only_about_views_with_an_engine_and_a_good_frame(station: str) -> None:
    """Two views without a request: one has no engine, one no frame."""
    with bench_of(station, (True, False, True)) as bench:
        bench.cameras[2].script = (Shot(shade=0, ground=0),)
        bench.ask()
        requests = list(bench.engine.mailbox.take())
        assert [request.view for request in requests] == [0]
        bench.engine.answer(requests[0], 0.5)
        scores = bench.collect_now()
        assert [score and score.value for score in scores] == [0.5, None, None]
        assert bench.client.requests.unasked == 0


def test_client_request_says_frame_and_engine_deadline(bench: Bench) -> None:
    """The host can tell what to judge and until when it is worth it."""
    part = part_now()
    looks = bench.acquisition.capture(part)
    bench.client.begin(part)
    for look in looks:
        bench.client.ask(look)
    (request,) = bench.engine.mailbox.take()
    assert (request.view, request.slot) == (0, looks[0].slot)
    assert request.deadline_ns == part.engine_deadline_ns
    assert os.eventfd_read(bench.bells[0]) == 1


def test_client_never_takes_a_late_answer_for_the_next_part(bench: Bench) -> None:
    """The answer comes after the deadline: that part had none, and the next one has its own."""
    bench.ask()
    assert bench.collect_now() == [None]
    (late,) = bench.engine.mailbox.take()
    looks = bench.ask()
    assert looks[0].slot != late.slot
    bench.engine.answer(late, 0.001)
    assert bench.collect_now() == [None]
    for request in bench.engine.mailbox.take():
        bench.engine.answer(request, 0.9)
    assert bench.held() == 0
    bench.ask()
    assert bench.collect_now() == [None]


def test_client_keeps_the_frame_that_the_host_works_on(bench: Bench) -> None:
    """No camera writes into a slot that the host may be reading, however late its answer is."""
    first = bench.ask()[0].slot
    (late,) = bench.engine.mailbox.take()
    taken = {bench.ask()[0].slot for _ in range(2 * SLOTS)}
    assert first not in taken
    bench.engine.answer(late)
    assert not bench.client.holds(0, first)


def test_client_gives_up_what_the_host_has_passed_over(bench: Bench) -> None:
    """Answers that bear a wrong number never come true; they must not hold their slots for ever."""
    for _ in range(3 * SLOTS):
        bench.ask()
        for request in bench.engine.mailbox.take():
            bench.engine.answer(request, request_id=1)
        assert bench.collect_now() == [None]
    assert bench.client.requests.unasked == 0
    assert bench.held() <= 1


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (math.nan, ResultStatus.OK),
        (math.inf, ResultStatus.OK),
        (-math.inf, ResultStatus.OK),
        (None, ResultStatus.OK),
        (0.1, ResultStatus.NONE),
        (0.1, ResultStatus.FAILED),
        (0.1, ResultStatus.EXPIRED),
        (0.1, ResultStatus.STALE),
    ],
)
def test_client_marks_an_answer_that_cannot_be_trusted(
    bench: Bench, value: float | None, status: ResultStatus
) -> None:
    """It came in time and is none: ENGINE_DATA, and the slot is free."""
    for _ in range(SLOTS):  # every slot holds a good score of an earlier part
        bench.ask()
        for request in bench.engine.mailbox.take():
            bench.engine.answer(request, 0.1)
        assert bench.collect_now() != [None]
    bench.ask()
    for request in bench.engine.mailbox.take():
        bench.engine.answer(request, value, status)
    (score,) = bench.collect_now()
    assert score is not None
    assert score.fault is Reason.ENGINE_DATA
    assert bench.held() == 0


@pytest.mark.parametrize("generation", [-1, 1, 3])
def test_client_does_not_trust_a_score_of_another_frame(bench: Bench, generation: int) -> None:
    """The frame that was judged must be the one that stands in the slot, the slot's second here."""
    for _ in range(SLOTS + 1):
        bench.ask()
        requests = list(bench.engine.mailbox.take())
        bench.engine.answer(
            requests[0], 0.1, generation=None if bench.serial <= SLOTS else generation
        )
        (score,) = bench.collect_now()
    assert score is not None
    assert score.fault is Reason.ENGINE_DATA


def test_client_does_not_see_an_answer_to_another_request(bench: Bench) -> None:
    """Neither an id that was never given, nor the one of the part before."""
    bench.ask()
    (first,) = bench.engine.mailbox.take()
    bench.collect_now()
    bench.ask()
    (second,) = bench.engine.mailbox.take()
    for lie in (first.request_id, second.request_id + 1, 1):
        bench.engine.answer(second, 0.1, request_id=lie)
        assert bench.collect_now() == [None]
    assert bench.held() == 1, "the host works on the second; the first is over"


def test_client_does_not_see_half_an_answer(bench: Bench) -> None:
    """A host that died while writing has not answered."""
    bench.ask()
    (request,) = bench.engine.mailbox.take()
    bench.engine.answer(request, 0.1, whole=False)
    assert bench.collect_now() == [None]
    assert bench.held() == 1


def test_client_never_lets_a_silent_host_hold_all_slots(bench: Bench) -> None:
    """A host that takes nothing: parts go on in the other slots, what is not asked is counted."""
    for _ in range(10 * SLOTS):
        bench.ask()
        assert bench.collect_now() == [None]
    assert bench.held() == SLOTS // 2
    assert bench.client.requests.unasked == 10 * SLOTS - SLOTS // 2


def test_client_counts_held_slots_of_each_view_by_itself(station: str) -> None:
    """With one camera down, the other view's frames do not use up its share."""
    with bench_of(station, (True, True)) as bench:
        bench.cameras[1].script = (Shot(shade=0, ground=0),)
        for _ in range(10 * SLOTS):
            bench.ask()
        assert (bench.held(0), bench.held(1)) == (SLOTS // 2, 0)
        bench.cameras[1].script = (Shot(),)
        for _ in range(SLOTS):
            bench.ask()
        assert (bench.held(0), bench.held(1)) == (SLOTS // 2, SLOTS // 2)


def test_client_asks_again_once_the_host_has_caught_up(bench: Bench) -> None:
    """Late answers free their slots, without anybody waiting for them."""
    for _ in range(SLOTS):
        bench.ask()
    for request in bench.engine.mailbox.take():
        bench.engine.answer(request, status=ResultStatus.EXPIRED)
    unasked = bench.client.requests.unasked
    bench.ask()
    assert bench.client.requests.unasked == unasked
    assert len(list(bench.engine.mailbox.take())) == 1


def test_client_releases_all_slots_when_a_new_host_starts(bench: Bench) -> None:
    """What an earlier host was asked is never answered; the new one is asked afresh."""
    for _ in range(SLOTS):
        bench.ask()
    assert bench.held() == SLOTS // 2
    bench.engine.start()
    assert bench.held() == 0
    bench.ask()
    assert len(list(bench.engine.mailbox.take())) == 1


def test_client_asks_nothing_of_a_host_that_does_not_serve(bench: Bench) -> None:
    """Loading, failed or down: rules only at once, without waiting for the deadline."""
    deadline_ns = time.monotonic_ns() + 10 * S
    for state in (HostState.DOWN, HostState.LOADING, HostState.FAILED):
        bench.engine.mailbox.say(state)
        assert not bench.client.host.ready
        bench.ask()
        assert bench.client.collect(deadline_ns) == [None]
    assert time.monotonic_ns() < deadline_ns
    assert bench.client.requests.unasked == 3
    assert bench.held() == 0


def test_client_submit_does_not_block_on_a_doorbell_that_nobody_answers(bench: Bench) -> None:
    """An engine that fills the eventfd they share cannot stop the line."""
    os.eventfd_write(bench.bells[0], FULL_EVENTFD)
    asking = threading.Thread(target=bench.ask, daemon=True)
    asking.start()
    asking.join(10)
    assert not asking.is_alive()
    assert len(list(bench.engine.mailbox.take())) == 1


DEEDS = ["answer", "late", "never", "lie", "half", "bad", "stale", "restart"]


@given(st.lists(st.sampled_from(DEEDS), max_size=30))
@settings(max_examples=40)
def test_client_score_is_that_of_the_part_in_hand_or_none(deeds: list[str]) -> None:
    """Whatever the host does in whatever order, a trusted score carries this part's own number."""
    with scratch_station() as station, bench_of(station) as bench:
        owed: list[Asked] = []
        for deed in deeds:
            bench.ask()
            if deed == "restart":
                bench.engine.start()
                owed.clear()
            mine = [(request, bench.serial) for request in bench.engine.mailbox.take()]
            act(bench.engine, deed, mine, owed)
            (score,) = bench.collect_now()
            if score is not None and score.fault is Reason.OK:
                assert score.value == bench.serial
            assert (score is not None and score.fault is Reason.OK) == (
                deed == "answer" and len(mine) == 1
            )
            assert bench.held() <= SLOTS // 2


def act(engine: FakeEngine, deed: str, mine: list[Asked], owed: list[Asked]) -> None:
    """Do the deed with this part's request, if there is one; `owed` are earlier ones."""
    if deed == "late":
        for request, serial in owed:
            engine.answer(request, serial)
        owed.clear()
    for request, serial in mine:
        if deed == "answer":
            engine.answer(request, serial)
        elif deed == "lie":
            engine.answer(request, serial, request_id=request.request_id - 1)
            owed.append((request, serial))
        elif deed == "half":
            engine.answer(request, serial, whole=False)
            owed.append((request, serial))
        elif deed == "bad":
            engine.answer(request, serial, ResultStatus.FAILED)
        elif deed == "stale":
            engine.answer(request, serial, generation=-7)
        elif deed in {"late", "never"}:
            owed.append((request, serial))


def serves(bench: Bench, epoch: int) -> bool:
    """Whether the engine's so-many-th process serves."""
    return bench.client.host.ready and bench.mailbox.epoch == epoch


def test_client_outlives_its_engine_process(station: str) -> None:
    """Killed: no score, no exception. Started again: the slots are free and the scores are back."""
    for name in ("ask0", "done0"):
        make_bell(station, name)
    bells = open_bell(station, "ask0"), open_bell(station, "done0")
    bench = Bench(station, bells, (True,))
    bench.mailbox.say(HostState.DOWN)
    with supervised(station, row("engine", "engine", station)) as table:
        for epoch in (2, 3):
            turn_until(table, partial(serves, bench, epoch))
            bench.ask()
            (score,) = bench.client.collect(time.monotonic_ns() + 10 * S)
            assert score is not None
            assert (score.value, score.fault) == (2.0, Reason.OK)
            if epoch == 2:
                os.kill(table.beats.rows[1].pid, signal.SIGKILL)
                bench.ask()
                assert bench.client.collect(time.monotonic_ns() + 10 * S) == [None]
                assert not bench.client.host.ready, "a dead engine still counts as ready"
        assert bench.held() == 0
    for fd in bells:
        os.close(fd)


def test_client_tries_a_lost_engine_on_the_last_frames(bench: Bench) -> None:
    """Asks once, waits for nothing, and says yes when the scores have come in time."""
    looks = bench.ask()
    bench.collect_now()
    now_ns = time.monotonic_ns()
    assert not bench.client.between.try_out(looks, now_ns, 10 * S)
    assert not bench.client.between.try_out(looks, now_ns, 10 * S), "nobody has answered yet"
    *_, request = bench.engine.mailbox.take()
    bench.engine.answer(request, 0.5)
    assert bench.client.between.try_out(looks, now_ns, 10 * S)


@pytest.mark.parametrize("answer", ["late", "mad"])
def test_client_does_not_trust_an_engine_that_fails_its_trial(bench: Bench, answer: str) -> None:
    """A score that is not finite, or none before the trial is over, and it is asked anew."""
    looks = bench.ask()
    bench.collect_now()
    now_ns = time.monotonic_ns()
    assert not bench.client.between.try_out(looks, now_ns, S)
    *_, request = bench.engine.mailbox.take()
    if answer == "mad":
        bench.engine.answer(request, math.nan)
    assert not bench.client.between.try_out(looks, now_ns + 2 * S, S)
    assert not bench.client.between.try_out(looks, now_ns + 2 * S, S)
    *_, again = bench.engine.mailbox.take()
    assert again.request_id > request.request_id


def test_client_does_not_trust_an_engine_whose_trial_took_most_of_a_part_s_time(
    bench: Bench,
) -> None:
    """In time, but so slow that the next part would lose it again."""
    looks = bench.ask()
    bench.collect_now()
    for share, trusted in ((0.0, False), (1.0, True)):
        between = BetweenParts(bench.client.host, bench.client.requests, (True,), share)
        assert not between.try_out(looks, time.monotonic_ns(), 60 * S)
        *_, request = bench.engine.mailbox.take()
        bench.engine.answer(request, 0.5)
        assert between.try_out(looks, time.monotonic_ns(), 60 * S) is trusted


def test_client_knows_how_near_to_its_deadline_the_engine_works(bench: Bench) -> None:
    """Two parts without an answer are as near as can be; answered ones are far from it."""
    for _ in range(2):
        bench.ask()
        for request in bench.engine.mailbox.take():
            bench.engine.answer(request)
        bench.client.collect(time.monotonic_ns() + 60 * S)
    assert 0 < bench.client.pace.p99 < 0.5
    for _ in range(2):
        bench.ask()
        bench.client.collect(time.monotonic_ns() + 1_000_000)
    assert bench.client.pace.p99 == 1.0
    assert bench.client.pace.tight


def test_client_that_shuns_its_host_trusts_the_next_one(bench: Bench) -> None:
    """It serves another recipe than is judged; what starts after it does not."""
    assert bench.client.host.ready
    bench.client.host.shun()
    shunned = bench.client.host.ready
    bench.ask()
    assert (shunned, list(bench.engine.mailbox.take())) == (False, [])
    bench.engine.start()
    assert bench.client.host.ready
