"""What passes leaves nothing behind in the screen's process: neither parts nor their pictures."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.words import FaultBit, Mode, Score, ViewCapture
from gonogo.console.screen.feed import PACE_NS, Feed
from gonogo.console.screen.frames import Frames
from gonogo.console.screen.states import Glance
from gonogo.records.labels import Labels
from gonogo.records.pictures.ring import Copied
from gonogo.testing.memory import assert_keeps_nothing
from gonogo.tests.fakes import entry_of

if TYPE_CHECKING:
    from collections.abc import Callable

PIXELS = np.full((40, 80, 3), 90, np.uint8)
QUIET = Glance(0, 0, Mode.FULL, FaultBit(0), 0, 0, 0, engines_up=True)

# CPython keeps so many tuples of each length for the next ones, once they were in use
FREE_TUPLES = 2000


def keeps_nothing(part: Callable[[], None]) -> None:
    """Once the interpreter's own stock is full."""
    for _ in range(FREE_TUPLES + 500):
        part()
    assert_keeps_nothing(part)


def test_feed_keeps_nothing_of_parts_that_have_passed() -> None:
    """Each of them is shown, and sent."""
    feed, serials = Feed("cell", "run-1", Labels((), (), ())), itertools.count(1)
    feed.begin_shift(0, "06:00", {})

    def part() -> None:
        serial = next(serials)
        feed.take(entry_of(serial), 1)
        at_ns = serial * PACE_NS
        now = feed.now(QUIET._replace(at_ns=at_ns, alive_ns=at_ns), lambda _: frozenset())
        assert now.part is not None
        assert now.part.serial == serial
        now.plain(at_ns)

    keeps_nothing(part)


def test_frames_keeps_no_more_pictures_however_many_pass() -> None:
    """Each of them is made; the oldest gives way."""

    def take(_look: ViewCapture, _serial: int, _score: Score | None) -> Copied:
        return Copied(PIXELS)

    frames, serials = Frames([take], 1000), itertools.count(1)

    def part() -> None:
        serial = next(serials)
        frames.watch(serial)
        look = ViewCapture(0, 0, 1, generation=1)
        frames.keep(entry_of(serial)._replace(looks=(look,), scores=(None,)), serial)
        assert frames.views_of(serial) == {0}

    keeps_nothing(part)
