"""The eye in the chute: every rejected part must be seen there, and nobody else."""

from __future__ import annotations

from gonogo.plc.link.chute import Chute, Found, Stray

MS = 1_000_000
WITHIN_MS = 100
POLL_MS = 5


class Bench:
    """A chute with time: parts have a window of 50 ms, the eye is read every 5 ms."""

    def __init__(self, misses: int = 1) -> None:
        self.chute = Chute(WITHIN_MS * MS, misses)
        self.chute.forget(-1000 * MS)
        self.ms = 0
        self.found: list[tuple[int, Found]] = []
        self._events: list[tuple[int, int, bool, bool]] = []
        self._covers: list[tuple[int, int]] = []

    def part(self, part_id: int, at_ms: int, *, rejected: bool, length_ms: int = 50) -> None:
        """Its window."""
        self._events += [
            (at_ms, part_id, rejected, False),
            (at_ms + length_ms, part_id, rejected, True),
        ]

    def covered(self, from_ms: int, for_ms: int = 20) -> None:
        """Something is before the eye."""
        self._covers.append((from_ms, from_ms + for_ms))

    def run(self, until_ms: int) -> list[tuple[int, Found]]:
        """What was found, and when."""
        while self.ms <= until_ms:
            for at_ms, part_id, rejected, left in sorted(self._events):
                if self.ms - POLL_MS < at_ms <= self.ms and not left:
                    self.chute.arrived(part_id, rejected=rejected)
                elif self.ms - POLL_MS < at_ms <= self.ms:
                    self.chute.left(part_id, self.ms * MS)
            covered = any(begin <= self.ms < end for begin, end in self._covers)
            now_ns = self.ms * MS
            found = self.chute.watch(now_ns, now_ns + MS, covered=covered)
            if found is not None:
                self.found.append((self.ms, found))
            self.ms += POLL_MS
        return self.found


def test_rejected_parts_that_are_seen_and_accepted_ones_that_are_not_are_right() -> None:
    """Seen at any moment between the begin of the window and the end of the time."""
    bench = Bench()
    bench.part(1, 100, rejected=True)
    bench.covered(110)
    bench.part(2, 300, rejected=False)
    bench.part(3, 500, rejected=True)
    bench.covered(600)
    assert not bench.run(1000)


def test_rejected_part_that_is_not_seen_is_named_when_its_time_is_over() -> None:
    """The end of its window, and 100 ms."""
    bench = Bench()
    bench.part(7, 100, rejected=True)
    assert bench.run(400) == [(250, Found(Stray.MISSING, 7))]


def test_misses_count_in_a_row_only() -> None:
    """One that is seen begins anew."""
    bench = Bench(misses=2)
    for part_id, at_ms in ((1, 100), (2, 400), (3, 700), (4, 1000)):
        bench.part(part_id, at_ms, rejected=True)
    bench.covered(430)
    assert bench.run(1300) == [(1150, Found(Stray.MISSING, 4))]


def test_part_that_nobody_rejected_is_one_too_many() -> None:
    """An accepted part was caught, or one was thrown in by hand."""
    bench = Bench()
    bench.part(1, 100, rejected=False)
    bench.covered(150)
    assert bench.run(300) == [(150, Found(Stray.EXTRA, 0))]


def test_edges_near_a_rejected_part_are_its_own() -> None:
    """A ring has two; both are within its time."""
    bench = Bench()
    bench.part(1, 100, rejected=True)
    bench.covered(150, 10)
    bench.covered(180, 10)
    assert not bench.run(400)
    bench.covered(450, 10)
    assert [found.stray for _, found in bench.run(500)] == [Stray.EXTRA]


def test_accepted_part_that_a_rejected_one_overlaps_is_excused() -> None:
    """The ejector may have caught both."""
    for rejected in ((True, False), (False, True)):
        bench = Bench()
        bench.part(1, 100, rejected=rejected[0])
        bench.part(2, 130, rejected=rejected[1])
        bench.covered(160, 10)
        bench.covered(230, 10)
        assert not bench.run(600), rejected


def test_two_rejected_parts_at_the_nozzle_together_may_come_as_one() -> None:
    """One edge for both; none at all is a miss."""
    bench = Bench()
    bench.part(1, 100, rejected=True)
    bench.part(2, 130, rejected=True)
    bench.covered(160, 60)
    assert not bench.run(600)


def test_eye_that_is_covered_for_ever_confirms_nobody() -> None:
    """A jam, or a dirty lens: only an edge is a part."""
    bench = Bench()
    bench.covered(0, 10_000)
    bench.part(1, 100, rejected=True)
    assert bench.run(400) == [(250, Found(Stray.MISSING, 1))]


def test_unknown_belt_excuses_what_falls_and_expects_nobody() -> None:
    """After a start, and after a new connection."""
    bench = Bench()
    bench.part(1, 100, rejected=True)
    bench.run(120)
    bench.chute.forget(120 * MS)
    bench.covered(200)
    assert not bench.run(600)
