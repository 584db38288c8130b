"""Keeping an engine warm: asked now and then while no part comes, and only where it gains."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import ViewCapture
from gonogo.ipc.engine_queue import Mailbox
from gonogo.ipc.frame_ring import FrameRing
from gonogo.runtime.engine_client import EngineClient
from gonogo.runtime.engine_keepalive import CLEAR_NS, EVERY_NS, KeepAlive
from gonogo.runtime.engine_requests import EnginePort
from gonogo.tests.fakes import SMALL, FakeEngine

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bench:
    """A client with a fake host, and the last look at a part."""

    def __init__(self, station: str, bells: tuple[int, int]) -> None:
        rings = [FrameRing.create(station, 0, SMALL, 4)]
        self.mailbox = Mailbox.create(station, 0)
        ask, done = bells
        self.client = EngineClient(EnginePort(self.mailbox, 0, ask, done), rings, [True])
        self.host = FakeEngine(self.mailbox, rings, place=0, ask_fd=ask, done_fd=done)
        self.host.start()
        self.warmth = KeepAlive()
        self.start_ns = time.monotonic_ns()

    def turn(self, after_ns: int) -> int:
        """The line rests, so long after the last part; how much the host is asked."""
        self.warmth.ask_if_due(self.client, [ViewCapture(0, 1, 0)], self.start_ns + after_ns)
        return len(list(self.mailbox.take()))


@pytest.fixture
def bench(station: str) -> Iterator[Bench]:
    """A part has just been judged."""
    bells = os.eventfd(0), os.eventfd(0)
    made = Bench(station, bells)
    made.warmth.judged(made.start_ns)
    yield made
    for fd in bells:
        os.close(fd)


def test_warmth_asks_again_after_a_silence(bench: Bench) -> None:
    """Once for every EVERY_NS without a part."""
    bench.mailbox.gains = True
    asked = [bench.turn(k * EVERY_NS // 2) for k in range(7)]
    assert asked == [0, 0, 1, 0, 1, 0, 1]


def test_warmth_leaves_the_engine_free_for_a_part_that_is_due(bench: Bench) -> None:
    """By the last pitch the next one comes soon; when it does not, there is time again."""
    bench.mailbox.gains = True
    pitch_ns = EVERY_NS + CLEAR_NS // 2
    bench.warmth.judged(bench.start_ns - pitch_ns)
    bench.warmth.judged(bench.start_ns)
    assert bench.turn(EVERY_NS) == 0
    assert bench.turn(pitch_ns + 1) == 1


def test_warmth_leaves_an_engine_alone_that_gains_nothing(bench: Bench) -> None:
    """The host has measured that its first answer after a rest is as fast as any."""
    bench.mailbox.gains = False
    assert bench.turn(10 * EVERY_NS) == 0


def test_warmth_does_not_disturb_the_next_part(bench: Bench) -> None:
    """What was asked to keep warm is given up the moment a part comes."""
    bench.mailbox.gains = True
    bench.warmth.ask_if_due(bench.client, [ViewCapture(0, 1, 0)], bench.start_ns + EVERY_NS)
    assert bench.client.between.answered(bench.start_ns) is None
    bench.warmth.judged(bench.start_ns + EVERY_NS)
    assert bench.turn(EVERY_NS + 1) == 1  # what was asked before; nothing new
