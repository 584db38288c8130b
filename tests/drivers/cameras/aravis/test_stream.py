"""The library's wall-clock stamps in our time."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gonogo.drivers.cameras.aravis.stream as stream_module
from gonogo.drivers.cameras.aravis.stream import STEP_NS, Stream, clocks, monotonic_of, stepped


def test_stamp_of_the_wall_clock_is_brought_into_ours() -> None:
    """A frame that is so old is so old."""
    before_ns, real_ns = time.monotonic_ns(), time.time_ns()
    mapped_ns = monotonic_of(real_ns - 5_000_000_000)
    assert before_ns - 5_000_000_000 <= mapped_ns <= time.monotonic_ns() - 5_000_000_000


def test_stamp_of_the_future_is_now_at_most() -> None:
    """A wall clock that was set back meanwhile."""
    before_ns = time.monotonic_ns()
    mapped_ns = monotonic_of(time.time_ns() + 3_600_000_000_000)
    assert before_ns <= mapped_ns <= time.monotonic_ns()


def test_step_of_the_wall_clock_is_told_from_its_pace() -> None:
    """In either direction; brought back slowly for a minute is no step."""
    before = (1_000_000_000, 7)
    for passed_ns, shift_ns, step in (
        (0, STEP_NS, False),
        (0, STEP_NS + 1, True),
        (0, -STEP_NS - 1, True),
        (60_000_000_000, 30_000_000, False),  # 500 in a million, as NTP does
        (60_000_000_000, -63_000_000, True),
    ):
        now = (before[0] + passed_ns + shift_ns, before[1] + passed_ns)
        assert stepped(before, now) is step


class Slewed:
    """Aravis with one buffer, whose frame comes after so many looks, on a clock that is slewed.

    `filling`: after so many of them the first packet has come. 5 in 1000, as chrony may.
    """

    def __init__(self, looks: int, filling: int) -> None:
        self.looks, self.filling, self.now = looks, filling, (0, 0)

    def clocks(self) -> tuple[int, int]:
        """10 ms go by from look to look."""
        self.now = (self.now[0] + 10_050_000, self.now[1] + 10_000_000)
        return self.now

    def call(self, name: str, *given: Any) -> int:  # noqa: ANN401 - as ctypes
        """What is asked of the library."""
        if name == "stream_get_n_buffers":
            given[1]._obj.value, given[2]._obj.value = int(self.filling > 0), 0
        elif name == "stream_timeout_pop_buffer":
            self.looks, self.filling = self.looks - 1, self.filling - 1
            return int(self.looks == 0)
        return 0

    def unref(self, _: int) -> None:
        """Of no interest."""


@pytest.mark.parametrize(
    ("looks", "filling", "fault"),
    [(1000, 1000, ""), (1000, 990, ""), (1000, 100, "the clock of this box was set meanwhile")],
)
def test_clock_that_is_brought_back_fast_spoils_no_frame(
    monkeypatch: pytest.MonkeyPatch, looks: int, filling: int, fault: str
) -> None:
    """However long its buffer has waited: what counts is the time since its first packet."""
    arv = Slewed(looks, filling)
    monkeypatch.setattr(stream_module, "clocks", arv.clocks)
    device: Any = SimpleNamespace(arv=arv, gige=False, ask=lambda *_: 1)
    section: Any = SimpleNamespace(chunks=False)
    stream = Stream(device, section)
    stream.lend(np.zeros(4, np.uint8))
    frame = stream.take(time.monotonic_ns() + 10**11)
    assert frame is not None
    assert frame.fault == fault


def test_clocks_that_nobody_sets_are_in_step() -> None:
    """Those of this box."""
    assert not stepped(clocks(), clocks())
