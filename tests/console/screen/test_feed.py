"""What belongs on the screen: the newest part, states that differ, and an age for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import (
    FaultBit,
    MasterAnswer,
    MasterPart,
    Mode,
    Reason,
    Undelivered,
    VerdictKind,
)
from gonogo.console.screen.feed import PACE_NS, STRIP, Feed
from gonogo.console.screen.now import LineState, LinkState, ModeWhy, Now, RecordsState
from gonogo.console.screen.states import BEHIND_NS, IDLE_NS, SILENT_NS, Glance
from gonogo.ipc.journal_records import DeliveryEntry, Mastered, UnfinishedEntry
from gonogo.records.labels import Labels
from gonogo.tests.fakes import entry_of
from gonogo.tests.records.questions.recorded import LABELS, judged

if TYPE_CHECKING:
    from gonogo.ipc.journal_records import VerdictEntry

S = 10**9
QUIET = Glance(100 * S, 100 * S, Mode.FULL, FaultBit(0), 0, 0, 0, engines_up=True)


@pytest.fixture
def feed() -> Feed:
    """In a shift that began at the beginning of all time."""
    made = Feed("cell", "run-1", LABELS)
    made.begin_shift(0, "06:00", {})
    return made


def seen(feed: Feed, at_s: float, **said: object) -> Now:
    """At that time, with a line that lives."""
    at_ns = round(at_s * S)
    glance = QUIET._replace(at_ns=at_ns, alive_ns=at_ns)._replace(**said)  # type: ignore[arg-type]
    return feed.now(glance, lambda _: frozenset())


def late(entry: VerdictEntry) -> DeliveryEntry:
    """The PLC was told too late, and took it for a reject."""
    part = entry.part
    return DeliveryEntry(part.serial, part.part_id, 1, 1, 2, delivered=False,
                         kind=VerdictKind.REJECT, reason=Reason.DEADLINE)  # fmt: skip


def test_feed_shows_nothing_of_a_station_without_a_part(feed: Feed) -> None:
    """0 parts ever: no part, an empty strip, zeros."""
    now = seen(feed, 100)
    assert (now.part, now.strip, sum(now.shift.counts)) == (None, (), 0)
    assert now.plain(101 * S)["part"] is None


def test_feed_shows_the_newest_part_with_the_rule_that_failed(feed: Feed) -> None:
    """Not the one that could not tell, which comes before it or after."""
    feed.take(judged(2), 1)
    feed.take(judged(3), 1)
    part = seen(feed, 4).part
    assert part is not None
    assert (part.serial, part.verdict, part.reason) == (3, VerdictKind.REJECT, Reason.RULE)
    assert part.rule is not None
    assert part.rule[:4] == ("width", 12.5, 10.0, 12.0)
    assert [view.name for view in part.views] == ["top", "side"]


def test_feed_shows_a_rule_that_could_not_tell_where_none_failed(feed: Feed) -> None:
    """As a value that JSON can hold."""
    feed.take(judged(2), 1)
    said = seen(feed, 3).plain(3 * S)["part"]["rule"]
    assert said == {
        "name": "gap",
        "value": None,
        "low": None,
        "high": 1.0,
        "unit": "mm",
        "text": "",
    }


def test_feed_has_no_score_of_a_part_that_no_engine_scored(feed: Feed) -> None:
    """A SCORE word of 0 would look like a perfect part."""
    feed.take(judged(2)._replace(scores=(None, None)), 1)
    part = seen(feed, 3).part
    assert part is not None
    assert part.score is None


def test_feed_tells_a_verdict_as_the_plc_was_told_it(feed: Feed) -> None:
    """Too late is a reject, in the strip as well; another part with that number is not touched."""
    entry = judged(2)
    feed.take(entry, 1)
    feed.take(late(entry)._replace(part_id=77), 1)
    first = seen(feed, 3)
    assert first.part is not None
    assert first.part.delivered is None
    feed.take(late(entry), 1)
    now = seen(feed, 4)
    assert now.part is not None
    assert now.part[3:5] == (VerdictKind.REJECT, Reason.DEADLINE)
    assert now.part.delivered is False
    assert now.strip[-1].verdict is VerdictKind.REJECT


def test_feed_shows_no_verdict_that_the_plc_never_heard(feed: Feed) -> None:
    """An accept of which it knows nothing is thrown out: no good part, nor counted as one."""
    entry = judged(4)
    feed.take(entry, 1)
    assert entry.kind is VerdictKind.ACCEPT
    lost = late(entry)._replace(kind=entry.kind, reason=entry.reason, why=Undelivered.NO_PLC)
    for _ in range(2):  # told twice it counts once
        feed.take(lost, 1)
    now = seen(feed, 4).plain(4 * S)
    part = now["part"]
    assert (part["verdict"], part["decided"], part["undelivered"]) == (
        "NOT_DELIVERED", "ACCEPT", "NO_PLC",
    )  # fmt: skip
    assert now["strip"] == [[4, entry.part.part_id, "NOT_DELIVERED"]]
    assert (sum(now["shift"]["counts"]), now["shift"]["undelivered"]) == (0, 1)


def test_feed_keeps_a_strip_of_the_last_parts(feed: Feed) -> None:
    """So many, the newest last; one whose line ended is among them, and not known."""
    for serial in range(1, STRIP + 10):
        feed.take(entry_of(serial), 1)
    feed.take(UnfinishedEntry(entry_of(99).part), 1)
    strip = seen(feed, 3).strip
    assert len(strip) == STRIP
    assert [each.serial for each in strip[-2:]] == [STRIP + 9, 99]
    assert strip[-1].verdict is VerdictKind.NONE


def test_feed_counts_parts_of_the_shift_alone(feed: Feed) -> None:
    """On what the records already have; what passed before it began is not in it."""
    feed.begin_shift(1000, "14:00", {"ACCEPT": 5, "NOT_KNOWN": 1})
    feed.take(judged(2), 999)
    feed.take(judged(4), 1000)
    feed.take(judged(3), 1001)
    shift = seen(feed, 5).shift
    assert (shift.began, shift.whole) == ("14:00", True)
    counts = dict(zip(VerdictKind, shift.counts, strict=True))
    assert counts == {
        VerdictKind.NONE: 1, VerdictKind.ACCEPT: 6, VerdictKind.REJECT: 1,
        VerdictKind.RECHECK: 0, VerdictKind.NOT_INSPECTED: 0,
    }  # fmt: skip
    feed.begin_shift(2000, "22:00", None)
    shift = seen(feed, 6).shift
    assert (sum(shift.counts), shift.whole) == (0, False)


def test_feed_makes_no_more_than_one_value_a_pace_and_the_newest_wins(feed: Feed) -> None:
    """Ten parts between two of them are one value: that of the last."""
    first = seen(feed, 10)
    for serial in range(1, 11):
        feed.take(judged(serial), 1)
    soon = 10 + (PACE_NS - 1) / S
    assert seen(feed, soon) is first
    then = seen(feed, 10 + PACE_NS / S)
    assert then.version == first.version + 1
    assert then.part is not None
    assert then.part.serial == 10


def test_feed_makes_no_new_value_where_only_ages_differ(feed: Feed) -> None:
    """A page that asks again is told that nothing is new."""
    feed.take(judged(9), 1)
    first = seen(feed, 10)
    assert seen(feed, 15) is first
    assert first.plain(15 * S)["part"]["age_ms"] == 6000
    assert first.plain(16 * S)["part"]["age_ms"] == 7000


def test_feed_tells_an_idle_line_from_a_silent_one_and_one_that_starts(feed: Feed) -> None:
    """Three states, each with the time since when."""
    assert seen(feed, 1, alive_ns=0).standing.line == (LineState.STARTING, 0)
    feed.take(judged(10), 1)
    assert seen(feed, 11).standing.line == (LineState.RUNNING, 10 * S)
    after_s = 10 + IDLE_NS / S + 1
    assert seen(feed, after_s).standing.line == (LineState.IDLE, 10 * S)
    heard_ns = round(after_s * S)
    silent = seen(feed, after_s + SILENT_NS / S + 1, alive_ns=heard_ns)
    assert silent.standing.line == (LineState.SILENT, heard_ns)


def test_feed_tells_a_lost_link_and_since_when(feed: Feed) -> None:
    """Beside whatever the line does."""
    assert seen(feed, 20).standing.link == (LinkState.UP, 20 * S)
    lost = seen(feed, 30, faults=FaultBit.LINK | FaultBit.DISK)
    assert lost.standing.link == (LinkState.LOST, 30 * S)
    later = seen(feed, 35, faults=FaultBit.LINK | FaultBit.DISK)
    assert later.plain(36 * S)["link"] == {"value": "lost", "age_ms": 6000}
    assert later.plain(36 * S)["faults"]["value"] == ["DISK", "LINK"]


def test_feed_tells_records_that_are_behind_and_such_as_are_lost(feed: Feed) -> None:
    """Rows that wait are none behind as long as some are written."""
    assert seen(feed, 20, waiting=5, taken=1).standing.records.value is RecordsState.WRITTEN
    slow_s = 20 + BEHIND_NS / S + 1
    assert seen(feed, slow_s, waiting=9, taken=2).standing.records.value is RecordsState.WRITTEN
    stuck = seen(feed, slow_s + BEHIND_NS / S + 1, waiting=20, taken=2)
    assert stuck.standing.records.value is RecordsState.BEHIND
    assert stuck.plain(0)["records"]["waiting"] == 20
    assert seen(feed, 99, lost=1).standing.records.value is RecordsState.LOST


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"mode": Mode.FULL, "engines_up": False}, ModeWhy.NONE),
        ({"mode": Mode.RULES_ONLY, "engines_up": False}, ModeWhy.ENGINE_STARTING),
        ({"mode": Mode.RULES_ONLY}, ModeWhy.ENGINE_SILENT),
        ({"mode": Mode.SAFE, "faults": FaultBit.CAMERA}, ModeWhy.CAMERA),
        ({"mode": Mode.SAFE}, ModeWhy.OTHER),
        ({"mode": Mode.FULL, "tested": True}, ModeWhy.TEST),
    ],
)
def test_feed_says_why_the_station_stands_on_less(
    feed: Feed, said: dict[str, object], why: ModeWhy
) -> None:
    """An engine that starts is not one that does not answer."""
    assert seen(feed, 20, **said).standing.why is why


def test_feed_marks_a_master_part_and_views_with_a_picture() -> None:
    """Of the part that is shown, and by the number of the view."""
    feed = Feed("cell", "run-1", Labels(("top",), (), ()))
    master = Mastered(MasterPart.BAD, MasterAnswer.RIGHT)
    feed.take(judged(2)._replace(master=master), 1)
    now = feed.now(QUIET, lambda part: {1} if part.serial == 2 else {0})
    assert now.part is not None
    assert now.part.master
    # the station file names one view: the other has its number for a name
    assert [(view.name, view.pictured) for view in now.part.views] == [("top", False), ("1", True)]
