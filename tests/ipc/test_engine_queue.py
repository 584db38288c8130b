"""The request queue: in order, never blocking, and started afresh with every host."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.base.errors import SegmentError
from gonogo.ipc.engine_queue import QUEUE, HostState, Mailbox, Request
from gonogo.tests.fakes import scratch_station


def request(number: int) -> Request:
    """A request whose every word follows from its number."""
    return Request(number, number % 3, number % 8, number + 1000)


def test_mailbox_brings_requests_in_order_and_once(station: str) -> None:
    """What one end puts, the other takes, oldest first."""
    line, host = Mailbox.create(station, 1), Mailbox.attach(station, 1)
    assert all(line.put(request(k)) for k in range(3))
    assert list(host.take()) == [request(k) for k in range(3)]
    assert list(host.take()) == []


def test_mailbox_refuses_more_than_it_holds_and_never_waits(station: str) -> None:
    """A host that takes nothing is told no more; what is queued stays as it was put."""
    box = Mailbox.create(station, 0)
    assert [box.put(request(k)) for k in range(QUEUE + 2)] == [True] * QUEUE + [False] * 2
    assert list(box.take()) == [request(k) for k in range(QUEUE)]
    assert box.put(request(99))


@given(st.lists(st.sampled_from(["put", "take", "start"]), max_size=60))
@settings(max_examples=50)
def test_mailbox_is_a_queue_in_any_order_of_use(steps: list[str]) -> None:
    """Against a plain list: bounded, first in first out, emptied by a new host."""
    with scratch_station() as station:
        box, queued, epoch = Mailbox.create(station, 0), list[Request](), 0
        for number, step in enumerate(steps):
            if step == "put":
                assert box.put(request(number)) == (len(queued) < QUEUE)
                queued = [*queued, request(number)][:QUEUE]
            elif step == "take":
                assert list(box.take()) == queued
                queued = []
            else:
                box.start()
                epoch, queued = epoch + 1, []
            assert box.epoch == epoch


def test_mailbox_taken_one_by_one_makes_room_one_by_one(station: str) -> None:
    """A request that is being worked on no longer fills the queue."""
    box = Mailbox.create(station, 0)
    for number in range(QUEUE):
        box.put(request(number))
    taking = box.take()
    next(taking)
    assert box.put(request(QUEUE))
    assert not box.put(request(QUEUE + 1))
    assert [r.request_id for r in taking] == list(range(1, QUEUE + 1))


def test_mailbox_host_is_ready_only_when_it_says_so(station: str) -> None:
    """Down before it starts, loading after, ready when said; both ends see it."""
    line, host = Mailbox.create(station, 0), Mailbox.attach(station, 0)
    assert (line.state, line.ready, line.epoch) == (HostState.DOWN, False, 0)
    host.start()
    assert (line.state, line.ready, line.epoch) == (HostState.LOADING, False, 1)
    for state in HostState:
        host.say(state)
        assert line.ready is (state is HostState.READY)


def test_mailbox_tells_who_serves_and_when_it_last_lived(station: str) -> None:
    """Process id and heart stand in their words."""
    box = Mailbox.create(station, 0)
    box.start()
    before_ns = time.monotonic_ns()
    box.beat()
    assert box.words[3] == os.getpid()
    assert before_ns <= box.words[5] <= time.monotonic_ns()


def test_mailbox_places_are_apart(station: str) -> None:
    """Engine A and engine B have queues of their own; one that nobody made is an error."""
    box = Mailbox.create(station, 0)
    with pytest.raises(SegmentError, match="engine1"):
        Mailbox.attach(station, 1)
    other = Mailbox.create(station, 1)
    box.put(request(1))
    assert list(other.take()) == []


def test_mailbox_closed_gives_its_memory_back(station: str) -> None:
    """The mapping is gone after close."""
    box = Mailbox.create(station, 0)
    box.close()
    assert box.segment.map.closed
