"""From a row and a frame to parts for the charts, one a view."""

from __future__ import annotations

import numpy as np

from gonogo.records.drift.feed import KEPT, FedView, Feed
from gonogo.records.drift.frames import Shown
from gonogo.records.drift.looks import Seen
from gonogo.records.drift.part import Conditions, Looks
from gonogo.records.drift.rows import PartRow, ViewRow

SEEN = Seen(Looks(120.0, 40.0, 2.0), np.ones(4, np.float32))
EMBEDDING = np.arange(3, dtype=np.float32)


def feed() -> Feed:
    """Of two views, the second one without an engine."""
    return Feed("run1", [FedView("top", 500.0, scored=True), FedView("side", 0.0, scored=False)])


def row(serial: int, *views: ViewRow, verdict: str = "ACCEPT", run: str = "run1") -> PartRow:
    """Of an ordinary part."""
    key = 1 << 40 | serial
    return PartRow(key, run, 5000 + serial, serial, verdict, 2, master_part=False, views=views)


TOP = ViewRow("top", trusted=True, score=5.5, engine="ab12")
SIDE = ViewRow("side", trusted=False, score=None, engine="")


def test_feed_gives_a_part_a_view_with_its_conditions() -> None:
    """Engine, recipe and exposure; a view without an engine has none."""
    top, side = feed().parts(row(7, TOP, SIDE))
    assert top.conditions == Conditions("top", "ab12", 2, 500.0)
    assert side.conditions == Conditions("side", "", 2, 0.0)
    assert (top.run, top.serial, top.wall_s, top.mono_ns) == (1, 7, 5.007, 7)
    assert (top.accepted, top.trusted, top.score) == (True, True, 5.5)
    assert (side.trusted, side.score, side.looks) == (False, None, None)


def test_feed_gives_a_part_without_a_frame_too() -> None:
    """Under the engine that scored the view last: or a dead camera would be an empty chart."""
    held = feed()
    (only,) = held.parts(row(1, verdict="NOT_INSPECTED"))
    assert only.conditions.view == "side"  # of the other one nobody knows whose chart it is yet
    list(held.parts(row(2, TOP)))
    top, _ = held.parts(row(3, verdict="REJECT"))
    assert top.conditions.engine == "ab12"
    assert (top.accepted, top.trusted, top.score) == (False, False, None)
    swapped, _ = held.parts(row(4, TOP._replace(engine="cd34")))
    assert swapped.conditions.engine == "cd34"


def test_feed_gives_none_of_parts_that_say_nothing_of_the_line() -> None:
    """A master part, and one whose line ended before it was decided."""
    assert list(feed().parts(row(1, TOP)._replace(master_part=True))) == []
    assert list(feed().parts(row(1, TOP, verdict="NOT_KNOWN"))) == []


def test_feed_brings_frame_and_row_of_a_part_together_once() -> None:
    """The embedding is that of the engine whose score counts; serials are of one run."""
    held = feed()
    for serial in (3, 4):
        held.show("top", Shown(serial, SEEN, {"ab12": EMBEDDING, "cd34": EMBEDDING + 1}))
    other, _ = held.parts(row(3, TOP, run="run0"))
    top, side = held.parts(row(3, TOP, SIDE))
    again, _ = held.parts(row(3, TOP))
    assert (other.looks, again.looks, side.looks) == (None, None, None)
    assert (top.looks, top.places is SEEN.places) == (SEEN.looks, True)
    assert top.embedding is EMBEDDING
    plain, _ = held.parts(row(4, TOP._replace(engine="ef56")))
    assert (plain.looks, plain.embedding) == (SEEN.looks, None)


def test_feed_keeps_so_many_frames_and_no_more() -> None:
    """Rows that never come: the oldest frames give way."""
    held = feed()
    for serial in range(KEPT + 1):
        held.show("top", Shown(serial, SEEN, {}))
    oldest, _ = held.parts(row(0, TOP))
    newest, _ = held.parts(row(1, TOP))
    assert (oldest.looks, newest.looks) == (None, SEEN.looks)
