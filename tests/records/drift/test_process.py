"""The drift process: reads what is recorded, looks at frames, warns, and goes on where it was."""

from __future__ import annotations

import logging
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.base.words import FaultBit, VerdictKind
from gonogo.commands.cli import main
from gonogo.ipc.drift_table import DriftView, make_drift_table
from gonogo.ipc.frame_ring import FrameRing, State
from gonogo.ipc.journal import Journal
from gonogo.launch.running_station import RunningStation
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.records.dispositions.reading import beside_records as dispositions_of
from gonogo.records.drift import saving
from gonogo.records.drift.feed import FedView, Feed
from gonogo.records.drift.following import Follower
from gonogo.records.drift.frames import Frames
from gonogo.records.drift.part import Conditions, Signal
from gonogo.records.drift.process import DriftedView, DriftPlan, Looking, Said, feed_of
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.rows import Mark, PartRow, ViewRow
from gonogo.records.drift.section import DriftSection
from gonogo.records.drift.told import NUMBERS
from gonogo.tests.fakes import SMALL
from gonogo.tests.records.drift.made import ENGINE, HOUR, NAMES, STEP_S, TOP, Recorded, learnt
from gonogo.tests.stations import free_port, small_station
from gonogo.tests.table import PATIENT_MS, supervised, turn_until
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.records.drift.part import JudgedPart

WAIT_S = 60.0
SCORES = NUMBERS[Signal.ACCEPTED_SCORES]


def plan_of(station: str, folder: Path, *names: str) -> DriftPlan:
    """A station of these views."""
    views = tuple(
        DriftedView(name=name, **SMALL._asdict(), exposure_us=500.0, scored=True) for name in names
    )
    return DriftPlan(
        station=station,
        path=folder / "records.sqlite",
        shift_starts=("06:00", "14:00", "22:00"),
        drift=DriftSection(look_every_s=0.5, reviews=False),
        views=views,
    )


@pytest.fixture
def plan(station: str, tmp_path: Path) -> Iterator[DriftPlan]:
    """Of a station whose memory is there, and whose charts have their reference."""
    made = plan_of(station, tmp_path, "top")
    ring, journal = FrameRing.create(station, 0, SMALL, 4), Journal.create(station, 16)
    make_drift_table(station)
    watch = learnt()
    watch.mark = Mark("", -1, -1)
    saving.write(saving.beside_records(made.path), watch)
    yield made
    ring.close()
    journal.close()


def row_of(plan: DriftPlan) -> RowPlan:
    """As the table has it."""
    return RowPlan(
        name="drift",
        module="gonogo.records.drift.process",
        argument=plan.model_dump_json(),
        limit_ms=PATIENT_MS,
    )


def test_process_warns_of_a_line_that_drifts_and_goes_on_when_it_is_killed(
    plan: DriftPlan, caplog: pytest.LogCaptureFixture
) -> None:
    """To the log, to whoever looks, to the PLC by its row; the next one knows of it at once."""
    caplog.set_level(logging.INFO)
    view, line = DriftView.attach(plan.station), Recorded(plan.path)
    line.parts(2 * HOUR)
    line.parts(7 * HOUR, 1.5)
    line.close()
    with supervised(plan.station, row_of(plan)) as supervisor:
        row = supervisor.beats.rows[1]
        turn_until(supervisor, lambda: row.warning == FaultBit.DRIFT)
        words = view.views()[0]
        assert (words.learnt_h, words.of_h) == (HOURS, HOURS)
        chart = words.charts[SCORES]
        assert chart.statistic is not None
        assert chart.limit is not None
        assert chart.statistic > chart.limit
        said_ns = view.said_ns
        os.kill(row.pid, signal.SIGKILL)
        turn_until(supervisor, lambda: view.said_ns > said_ns)
        assert row.warning == FaultBit.DRIFT
        assert view.views()[0] == words
    assert "GN616: view 'top', engine " in caplog.text
    kept = saving.read(saving.beside_records(plan.path)).watched[TOP]
    assert kept.hour.number == HOURS + 8
    view.close()


def test_looking_measures_a_frame_of_each_view_now_and_then(station: str, tmp_path: Path) -> None:
    """As often as the station file says; the feed brings it to the row of its part."""
    plan = plan_of(station, tmp_path, "top")
    ring = FrameRing.create(station, 0, SMALL, 4)
    for serial in (1, 2, 3):
        slot = ring.slots[serial]
        slot.begin(serial, serial, 10 * 10**9 + serial)
        slot.pixels[...] = 50 + serial
        slot.commit(State.READY, 1)
    feed = feed_of(plan, "run1")
    looking = Looking({"top": Frames(ring)}, feed, 0.5)
    looking.look(10.0)
    looking.look(10.4)
    assert brightness(feed, 2) == 52
    assert brightness(feed, 1) is None
    ring.close()


class Noted(Feed):
    """Says of each row whether it came with a frame."""

    def __init__(self, *views: FedView) -> None:
        super().__init__("run1", views)
        self.seen: list[bool] = []

    def parts(self, row: PartRow) -> Iterator[JudgedPart]:
        """As ever."""
        for part in super().parts(row):
            self.seen.append(part.looks is not None)
            yield part


def test_looking_brings_the_frames_of_a_slow_line_to_their_rows(
    station: str, tmp_path: Path
) -> None:
    """A part each ten seconds: its row is read long before the next one is triggered."""
    line, ring = Recorded(tmp_path / "records.sqlite"), FrameRing.create(station, 0, SMALL, 4)
    feed = Noted(FedView("top", 500.0, scored=True))
    follower = Follower(line.base, feed, lambda: ())
    looking = Looking({"top": Frames(ring)}, feed, 5.0)
    for _ in range(6):
        line.wait(10.0 - STEP_S)
        (entry,) = line.parts(1)
        slot = ring.slots[entry.part.serial % 4]
        slot.begin(entry.part.part_id, entry.part.serial, line.ns)
        slot.commit(State.READY, 1)
        for half_s in range(20):
            looking.look(line.ns / 10**9 + half_s / 2)
            if half_s % 4 == 0:
                follower.turn()
    line.close()
    ring.close()
    assert feed.seen == [True] * 6


def brightness(feed: Feed, serial: int) -> float | None:
    """Of the frame of that part, as its charts get it."""
    seen = ViewRow("top", trusted=True, score=5.0, engine=NAMES[ENGINE])
    key = 1 << 40 | serial
    row = PartRow(key, "run1", 0, 0, "ACCEPT", 1, master_part=False, views=(seen,))
    (part,) = feed.parts(row)
    assert part.conditions == Conditions("top", NAMES[ENGINE], 1, 500.0)
    return None if part.looks is None else part.looks.brightness


def test_said_asks_what_is_known_of_the_newest_shift(station: str, tmp_path: Path) -> None:
    """Rejects of some shifts ago that nobody has reviewed; None while nobody can be asked."""
    plan = plan_of(station, tmp_path, "top")
    plan = plan.model_copy(update={"drift": DriftSection()})
    assert Said(plan)() is None
    day_ago = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 30 * 3600))
    line = Recorded(plan.path, wall=day_ago)
    line.parts(24 * HOUR, kind=VerdictKind.REJECT)
    line.close()
    (found,) = Said(plan)() or ()
    assert (found.view, found.said.signal, found.said.alarmed) == ("top", Signal.REVIEWS, True)
    of_two = plan.model_copy(update={"views": plan.views * 2})
    assert [each.view for each in Said(of_two)() or ()] == [""]
    off = plan.model_copy(update={"drift": DriftSection(reviews=False)})
    assert Said(off)() == ()
    dispositions_of(plan.path).write_bytes(b"damaged" * 1000)
    assert Said(plan)() is None


def test_running_station_charts_its_own_parts(tmp_path: Path) -> None:
    """End to end: its row of the table, the rows of the records, and `gonogo status`."""
    made = small_station(tmp_path, trigger={"driver": "timer", "period_ms": 80})
    plc = ModbusServerSection(driver="modbus-server", host="127.0.0.1", port=free_port())
    records = made.records.model_copy(update={"drift": DriftSection(look_every_s=0.5)})
    name, state = made.station.name, saving.beside_records(records.path)
    with RunningStation(made.model_copy(update={"plc": plc, "records": records})):
        end_s = time.monotonic() + WAIT_S
        said = ""
        while "LEARNING" not in said:
            assert time.monotonic() < end_s, said
            time.sleep(0.2)
            said = CliRunner().invoke(main, ["status", "--station", name]).output
        shown = CliRunner().invoke(main, ["drift", "--station", name]).output
    assert "  drift        up " in said
    assert "  drift of view 'top': LEARNING, 0 of 160 h" in said
    assert shown.startswith("view 'top', no engine, recipe 1: LEARNING, 0 of 160 h of production")
    mark = saving.read(state).mark
    assert mark is not None
    assert mark.part > 0
