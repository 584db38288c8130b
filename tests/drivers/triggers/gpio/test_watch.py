"""From edges to parts: numbers, refusals, and what the belt says to it."""

from __future__ import annotations

from gonogo.base.gpio.lines import Edge
from gonogo.base.words import Reason, TriggerEvent
from gonogo.drivers.triggers.gpio.watch import BeltWatch, EyeWatch
from gonogo.tests.drivers.triggers.gpio.eyes import MM_PER_EDGE, MS, QUARTERS, encoder, gpio

BEGAN_NS = 1000 * MS


class Station:
    """An eye and perhaps a belt, whose edges are all heard unless a test says otherwise."""

    def __init__(self, watch: EyeWatch | BeltWatch, lines: int) -> None:
        self.watch = watch
        watch.begin((False,) * lines)
        self.now_ns = BEGAN_NS
        self.parts: list[TriggerEvent] = []
        self._numbers = [0] * lines
        self._quarter = 0

    def replug(self) -> None:
        """The chip went, and is back while nobody is before the eye: numbers begin anew."""
        self.watch.doubt()
        self._numbers = [0] * len(self._numbers)
        self.watch.begin((False, *QUARTERS[self._quarter % 4]))

    def edge(self, line: int, *, active: bool, heard: bool = True) -> None:
        """An edge, now."""
        self._numbers[line] += 1
        if not heard:
            return
        edge = Edge(line, self.now_ns, active, self._numbers[line])
        part = self.watch.look(edge, self.now_ns)
        if part is not None:
            self.parts.append(part)

    def run(self, way_mm: float, *, speed_mm_s: float = 200.0, heard: bool = True) -> None:
        """The belt moves."""
        way = 1 if way_mm > 0 else -1
        for _ in range(round(abs(way_mm) / MM_PER_EDGE)):
            self.now_ns += round(MM_PER_EDGE / speed_mm_s * 1e9)
            before, self._quarter = QUARTERS[self._quarter % 4], self._quarter + way
            after = QUARTERS[self._quarter % 4]
            channel = 0 if before[0] is not after[0] else 1
            self.edge(1 + channel, active=after[channel], heard=heard)

    def pass_by(self, length_mm: float = 8.0) -> None:
        """A part covers the eye for its length."""
        self.edge(0, active=True)
        self.run(length_mm)
        self.edge(0, active=False)

    @property
    def rejects(self) -> list[Reason]:
        """Of all parts so far."""
        return [part.reject for part in self.parts]


def belt(**keys: float) -> Station:
    """A station with an encoder, whose belt runs."""
    section = encoder(**keys)
    made = Station(BeltWatch(section, 6), 3)
    made.run(40)
    return made


def test_eye_watch_numbers_parts_and_refuses_the_one_after_a_loss() -> None:
    """The next one is judged again."""
    station = Station(EyeWatch(gpio(), 6), 1)
    for heard in (True, False, True, True):
        station.now_ns += 100 * MS
        station.edge(0, active=True, heard=heard)
        station.now_ns += 30 * MS
        station.edge(0, active=False, heard=heard)
    assert [part.part_id for part in station.parts] == [7, 8, 9]
    assert station.rejects == [Reason.OK, Reason.TRIGGER, Reason.OK]
    assert station.watch.missed == 1
    assert station.watch.counts() == {
        "edges of the eye lost": 2, "parts missed, or perhaps": 1, "parts too close": 0,
    }  # fmt: skip


def test_eye_watch_refuses_the_first_part_of_a_chip_that_came_back() -> None:
    """Nobody saw who passed meanwhile."""
    station = Station(EyeWatch(gpio(), 6), 1)
    station.watch.doubt()
    station.edge(0, active=True)
    assert station.rejects == [Reason.TRIGGER]


def test_belt_watch_judges_parts_of_a_belt_that_moves_on() -> None:
    """A part every 20 mm."""
    station = belt()
    for _ in range(4):
        station.pass_by()
        station.run(12)
    assert [part.part_id for part in station.parts] == [7, 8, 9, 10]
    assert station.rejects == [Reason.OK] * 4


def test_belt_watch_gives_no_number_to_a_part_that_comes_back() -> None:
    """The belt runs backwards, and forwards again; the next new part has the next number."""
    station = belt()
    station.pass_by()
    station.run(6)
    station.run(-6)
    station.edge(0, active=True)
    station.run(-8)
    station.edge(0, active=False)
    station.run(-10)
    station.run(10)
    station.pass_by()
    station.run(12)
    station.pass_by()
    assert [part.part_id for part in station.parts] == [7, 8]
    assert station.watch.counts()["parts that came back"] == 2


def test_belt_watch_refuses_a_part_after_the_encoder_has_lost_edges() -> None:
    """Where it is on the belt is not known; the one after it is measured from it."""
    station = belt()
    station.pass_by()
    station.run(6, heard=False)
    station.run(6)
    station.pass_by()
    station.run(12)
    station.pass_by()
    assert station.rejects == [Reason.OK, Reason.TRIGGER, Reason.OK]
    assert station.watch.counts()["edges of the encoder lost"] > 0


def test_belt_watch_refuses_a_part_that_is_where_the_one_before_was_counted() -> None:
    """The belt went on while the chip was gone, and nobody counted: it is another part."""
    station = belt()
    station.pass_by()
    station.replug()
    station.now_ns += 5000 * MS
    station.pass_by()
    station.run(12)
    station.pass_by()
    assert [part.part_id for part in station.parts] == [7, 8, 9]
    assert station.rejects == [Reason.OK, Reason.TRIGGER, Reason.OK]
    assert station.watch.counts()["parts that came back"] == 0


def test_belt_watch_refuses_a_part_within_the_one_before_of_a_belt_whose_edges_are_lost() -> None:
    """20 mm further on, of which 2 were counted."""
    station = belt()
    station.pass_by(1)
    station.run(18, heard=False)
    station.run(1)
    station.pass_by()
    assert [part.part_id for part in station.parts] == [7, 8]
    assert station.rejects == [Reason.OK, Reason.TRIGGER]


def test_belt_watch_tells_of_a_part_that_did_not_come() -> None:
    """By the way of the belt, and the next one is refused."""
    station = belt(part_within_mm=30.0)
    station.pass_by()
    station.run(12)
    station.pass_by()
    station.run(24)
    assert station.watch.missed == 1
    assert station.watch.counts()["parts overdue"] == 1
    station.pass_by()
    assert station.rejects == [Reason.OK, Reason.OK, Reason.TRIGGER]


def test_belt_watch_refuses_parts_outside_of_the_speeds() -> None:
    """Too slow for an ejector that goes by time, too fast for the budget."""
    station = belt(speed_min_mm_s=100.0)
    for speed_mm_s in (200.0, 60.0, 300.0):
        station.run(20, speed_mm_s=speed_mm_s)
        station.pass_by(0)
        station.now_ns += 10 * MS
    assert station.rejects == [Reason.OK, Reason.BELT, Reason.BELT]


def test_belt_watch_keeps_a_doubt_for_the_next_new_part() -> None:
    """One that came back does not take it away."""
    station = belt()
    station.pass_by()
    station.run(4)
    station.run(-4)
    station.watch.doubt()
    station.edge(0, active=True)
    station.now_ns += 10 * MS
    station.edge(0, active=False)
    station.run(24)
    station.pass_by()
    assert station.rejects == [Reason.OK, Reason.TRIGGER]
