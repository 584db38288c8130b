"""Every part that is wanted has its picture or a miss, whoever read the journal before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import Reason, VerdictKind, ViewCapture
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.journal import Journal, JournalView
from gonogo.ipc.journal_records import DeliveryEntry, UnfinishedEntry
from gonogo.records.labels import Clock
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.choice import Chooser
from gonogo.records.pictures.desk import Job
from gonogo.records.pictures.follower import WAITING_MAX_BYTES, Follower, View, hour_of
from gonogo.records.pictures.ring import RingReader
from gonogo.tests.fakes import part_now, put
from gonogo.tests.records.pictures.made import GEOMETRY, images_in, judged, photographed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REJECT, ACCEPT = VerdictKind.REJECT, VerdictKind.ACCEPT


class Hand:
    """Keeps what it is given; `waiting_bytes` as a test says."""

    def __init__(self) -> None:
        self.given: list[Any] = []
        self.waiting_bytes = 0

    def give(self, work: object) -> None:
        """Kept."""
        self.given.append(work)

    @property
    def told(self) -> list[tuple[int, int, str]]:
        """Serial, view and state of each."""
        jobs = [each for each in self.given if isinstance(each, Job)]
        return [(job.row.serial, job.row.view, job.row.state.name) for job in jobs]


class Line:
    """Writes frames and verdicts as the line does, and a follower that reads them."""

    def __init__(self, station: str, folder: Path, **keys: Any) -> None:  # noqa: ANN401 - of the section
        self.station = station
        self.images = images_in(folder, **({"audit_sample": 0} | keys))
        self.journal = Journal.create(station, 64)
        self.rings = [FrameRing.create(station, k, GEOMETRY, 4) for k in range(2)]
        self.hand = Hand()
        self.seen = JournalView.attach(station)
        self.views = [
            View(name, RingReader(FrameRing.attach(station, k, GEOMETRY, read_only=True)))
            for k, name in enumerate(("top", "side"))
        ]
        self.follower = self.follow()

    def follow(self, told: set[int] | None = None) -> Follower:
        """One that begins."""
        chooser = Chooser(self.journal.run, self.images, ("06:00",))
        return Follower(self.seen, self.views, chooser, self.hand, told)  # type: ignore[arg-type]

    def pass_part(self, serial: int, kind: VerdictKind = REJECT) -> None:
        """A part in the next slot of both rings."""
        part = part_now(serial)
        looks = [photographed(ring, serial % 4, part, serial) for ring in self.rings]
        put(self.journal, judged(part, kind, *looks))

    def close(self) -> None:
        """Unmap it all."""
        self.journal.close()
        self.seen.close()
        for ring, view in zip(self.rings, self.views, strict=True):
            ring.close()
            view.ring.close()


@pytest.fixture
def line(station: str, tmp_path: Path) -> Iterator[Line]:
    """With a follower that wants rejects alone."""
    made = Line(station, tmp_path / "pictures")
    yield made
    made.close()


def test_follower_copies_each_view_of_a_part_that_was_not_accepted(line: Line) -> None:
    """Its own pixels, in the folder of its hour; an accepted one has none."""
    line.pass_part(1)
    line.pass_part(2, ACCEPT)
    line.pass_part(3, VerdictKind.RECHECK)
    line.follower.catch_up()
    line.follower.catch_up()
    assert line.hand.told == [(k, view, "KEPT") for k in (1, 3) for view in (0, 1)]
    assert [int(job.copied.pixels.max()) for job in line.hand.given] == [1, 1, 3, 3]
    assert [job.row.name for job in line.hand.given] == ["top", "side"] * 2
    assert {job.hour for job in line.hand.given} <= {hour_of(_now_ms() - 1000), hour_of(_now_ms())}


def test_follower_tells_a_frame_that_was_overwritten_as_a_miss(line: Line) -> None:
    """The ring has four slots: of seven parts the last four are there, and no other's frame."""
    for serial in range(1, 8):
        line.pass_part(serial)
    line.follower.catch_up()
    wanted = ["OVERWRITTEN"] * 3 + ["KEPT"] * 4
    assert line.hand.told == [(k + 1, view, wanted[k]) for k in range(7) for view in (0, 1)]
    kept = [job for job in line.hand.given if job.copied is not None]
    assert [int(job.copied.pixels.min()) for job in kept] == [4, 4, 5, 5, 6, 6, 7, 7]


def test_follower_tells_that_no_frame_came(line: Line) -> None:
    """What lies in the slot is another part's."""
    line.pass_part(1, ACCEPT)
    part = part_now(2)
    put(line.journal, judged(part, REJECT, ViewCapture(0, 1, 5, Reason.CAMERA)))
    line.follower.catch_up()
    assert line.hand.told == [(2, 0, "NO_FRAME")]


def test_follower_copies_nothing_where_too_much_waits(line: Line) -> None:
    """A miss, so that memory does not grow with a slow disk."""
    line.hand.waiting_bytes = WAITING_MAX_BYTES
    line.pass_part(1)
    line.follower.catch_up()
    assert line.hand.told == [(1, 0, "BEHIND"), (1, 1, "BEHIND")]


def test_follower_copies_an_accepted_part_that_the_plc_threw_out(line: Line) -> None:
    """When that is heard."""
    line.pass_part(1, ACCEPT)
    late = DeliveryEntry(1, 1, 1, 1, 2, delivered=True, kind=REJECT, reason=Reason.DEADLINE)
    line.follower.catch_up()
    assert line.hand.given == []
    put(line.journal, late)
    line.follower.catch_up()
    assert line.hand.told == [(1, 0, "KEPT"), (1, 1, "KEPT")]
    assert {job.row.kind for job in line.hand.given} == {PictureKind.REJECT}


def test_follower_finds_the_frames_of_a_part_whose_line_ended(line: Line) -> None:
    """It had photographed one view."""
    part = part_now(9)
    photographed(line.rings[1], 2, part, 99)
    put(line.journal, UnfinishedEntry(part))
    line.follower.catch_up()
    assert line.hand.told == [(9, 1, "KEPT")]
    assert int(line.hand.given[0].copied.pixels[0, 0]) == 99


def test_follower_that_takes_over_sees_to_what_nobody_saw_to(line: Line) -> None:
    """From the oldest entry on, but for the parts that have a row already."""
    for serial in range(1, 7):
        line.pass_part(serial)
    line.follow({1, 2, 4}).catch_up()
    states = {serial: state for serial, _, state in line.hand.told}
    assert states == {3: "KEPT", 5: "KEPT", 6: "KEPT"}


def test_follower_counts_what_the_journal_lost(line: Line) -> None:
    """More entries than it holds: the oldest cannot be chosen any more."""
    for serial in range(1, 71):
        line.pass_part(serial)
    line.follower.catch_up()
    assert line.follower.lost == 70 - line.journal.records


def test_follower_puts_drawn_parts_into_the_sample(station: str, tmp_path: Path) -> None:
    """One that has no picture takes nobody's place."""
    line = Line(station, tmp_path / "pictures", audit_sample=1)
    for serial in range(1, 30):
        line.pass_part(serial, ACCEPT)
        if serial % 2:
            line.follower.catch_up()
    line.follower.catch_up()
    jobs = [each for each in line.hand.given if isinstance(each, Job)]
    out = [each.serial for each in line.hand.given if not isinstance(each, Job)]
    drawn = sorted({job.row.serial for job in jobs})
    assert {job.row.kind for job in jobs} == {PictureKind.AUDIT}
    assert {job.row.state for job in jobs} == {PictureState.KEPT}
    assert sorted(out) == drawn[:-1]
    line.close()


def test_hour_is_that_of_utc() -> None:
    """Whatever the box's zone."""
    assert hour_of(1_700_000_000_000) == "2023/11/14/22"


def _now_ms() -> int:
    return Clock.now().wall_ns // 1_000_000
