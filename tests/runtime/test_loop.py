"""The cycle: order of stages, refusals, and what it costs in memory."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import (
    NS_PER_MS,
    FaultBit,
    Mode,
    Part,
    Reason,
    TriggerEvent,
    VerdictKind,
    not_inspected,
)
from gonogo.config.master_part import MasterPartSection
from gonogo.drivers.cameras.synthetic import SyntheticCamera
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.drivers.triggers.gpio.trigger import GpioTrigger
from gonogo.drivers.triggers.gpio.watch import EyeWatch
from gonogo.ipc.engine_queue import Mailbox
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal, JournalReader
from gonogo.ipc.journal_records import DeliveryEntry, UnfinishedEntry, VerdictEntry
from gonogo.ipc.master_part import MasterPartMemory
from gonogo.plc.handshake.state import NOT_TAKEN
from gonogo.rules.ruleset import RuleSet
from gonogo.runtime.acquire import Acquisition, View
from gonogo.runtime.budget import Budget, Wire
from gonogo.runtime.decide import Policy
from gonogo.runtime.engine_client import EngineClient
from gonogo.runtime.engine_requests import EnginePort
from gonogo.runtime.engine_switch import EngineSwitch
from gonogo.runtime.judging import Judging
from gonogo.runtime.loop import Line
from gonogo.runtime.master_trial import MasterTrial
from gonogo.runtime.stages import Stages
from gonogo.testing.gpio import FakeChip
from gonogo.testing.memory import growth_of
from gonogo.tests.drivers.triggers.gpio.eyes import gpio
from gonogo.tests.fakes import scratch_station
from gonogo.tests.stations import synthetic

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.words import RuleResult, Verdict
    from gonogo.plc.handshake.state import Condition

BUDGET_MS = 2000.0
FEW_BYTES = 40_000  # the contrast of a 16 x 16 sample is most of it


class FakePlc:
    """Takes reports; what it should say of deliveries is put into `facts`.

    Not simulated: time, the wire, the handshake.
    """

    def __init__(self) -> None:
        self.reports: list[tuple[Part, Verdict]] = []
        self.facts: list[DeliveryEntry] = []
        self.condition: Condition | None = None

    def report(self, part: Part, verdict: Verdict) -> None:
        """Remember a verdict."""
        self.reports.append((part, verdict))

    def deliveries(self) -> list[DeliveryEntry]:
        """The facts put here, once."""
        facts, self.facts = self.facts, []
        return facts

    session = 1
    faults = 0
    recipe_wanted = 0
    clears = 0
    cleared = 0
    hung = False

    def clear(self) -> None:
        """Somebody has acknowledged."""
        self.cleared += 1

    def seen(self, part_id: int, at_ns: int) -> None:
        """Nothing to tell."""

    def alive(self, now_ns: int) -> None:
        """Nothing to tell."""

    def close(self) -> None:
        """What is not acknowledged by now never will be."""
        self.facts += [fact_of(part, verdict) for part, verdict in self.reports]


def fact_of(part: Part, verdict: Verdict) -> DeliveryEntry:
    """A verdict that was published and never acknowledged."""
    return DeliveryEntry(
        part.serial, part.part_id, 4, 1000, 0, delivered=False, kind=verdict.kind,
        reason=verdict.reason,
    )  # fmt: skip


class FakeProcess:
    """A row of the table that turns so many times, and is acknowledged before some of them."""

    def __init__(self, turns: int, *acknowledged: int) -> None:
        self.left = turns
        self.turns = acknowledged
        self.acknowledged = 7  # by earlier lives
        self.asked = False
        self.stop = self

    def warnings(self) -> int:
        """Nobody warns."""
        return 0

    def beat(self) -> None:
        """A turn is over."""
        self.left -= 1
        self.asked = self.left == 0
        self.acknowledged += self.left in self.turns

    def acknowledge(self) -> None:
        """The PLC's command reaches every row, this one too."""
        self.acknowledged += 1


class NoTrigger:
    """No part ever comes."""

    def wait(self, until_ns: int) -> None:
        """At once."""


class SpyRules(RuleSet):
    """A rule set that remembers where the frames it was given lie."""

    def __init__(self, sections: list[tuple[()]], geometries: list[object]) -> None:
        super().__init__(sections, geometries, Path())  # type: ignore[arg-type]
        self.addresses: list[int] = []

    def check(  # type: ignore[override]
        self, frames: list[NDArray[np.uint8] | None], part_id: int = 0
    ) -> list[RuleResult]:
        """Note the addresses, check as ever."""
        self.addresses += [frame.ctypes.data for frame in frames if frame is not None]
        return super().check(frames, part_id)


class Bench:
    """A line in this process, with a real camera, ring, journal and heartbeat."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        section = SyntheticSection.model_validate(
            synthetic(width_px=640, height_px=480, pool=2, noise=0.0)
        )
        self.ring = FrameRing.create(name, 0, section.geometry, 4)
        mailbox = Mailbox.create(name, 0)
        bells = os.eventfd(0), os.eventfd(0)
        for fd in bells:
            stack.callback(os.close, fd)
        engines = EngineClient(EnginePort(mailbox, 0, bells[0], bells[1]), [self.ring], [False])
        acquisition = Acquisition(
            [View("top", SyntheticCamera(section, "top"), self.ring)], engines
        )
        stack.callback(acquisition.close)
        self.rules = SpyRules([()], [section.geometry])
        self.plc = FakePlc()
        self.journal, self.heartbeat = Journal.create(name), Heartbeat.create(name)
        trigger: Any = None  # parts are handed over by the tests
        plc: Any = self.plc
        self.stages = Stages(
            trigger,
            acquisition,
            EngineSwitch([engines]),
            plc,
            self.journal,
            self.heartbeat,
            FaultBoard.create(name),
            MasterTrial(MasterPartMemory.create(name), self.journal, MasterPartSection()),
        )
        policy = Policy((None,), VerdictKind.ACCEPT)
        self.line = Line(self.stages, Budget(BUDGET_MS, Wire(10, 2)), Judging(self.rules, policy))

    def entries(self) -> list[VerdictEntry]:
        """Judged parts in the journal."""
        return [e for e in JournalReader(self.journal) if isinstance(e, VerdictEntry)]


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A line that can be stepped through."""
    with scratch_station() as name, ExitStack() as stack:
        yield Bench(name, stack)


def pulse(part_id: int = 1, late_ms: float = 0.0, reject: Reason = Reason.OK) -> TriggerEvent:
    """A trigger that was `late_ms` ago."""
    return TriggerEvent(part_id, time.monotonic_ns() - round(late_ms * NS_PER_MS), reject)


def test_cycle_reports_journals_and_then_beats(bench: Bench) -> None:
    """One part: one report, one entry with all stamps in order, one beat."""
    verdict = bench.line.take(pulse(7))
    ((part, reported),) = bench.plc.reports
    (entry,) = bench.entries()
    assert reported is verdict
    assert part.part_id == entry.part.part_id == 7
    assert list(entry.stamps) == sorted(entry.stamps)
    assert entry.stamps.frame_ns >= part.trigger_ns
    assert bench.heartbeat.cycles == 1


def test_take_refuses_a_part_that_cannot_be_photographed_in_time(bench: Bench) -> None:
    """Half of the budget has passed before the line came to it: overrate, and no beat."""
    verdict = bench.line.take(pulse(late_ms=0.6 * BUDGET_MS))
    assert verdict[:2] == (VerdictKind.NOT_INSPECTED, Reason.OVERRATE)
    assert bench.plc.reports[0][1] is verdict
    assert bench.entries()[0].reason is Reason.OVERRATE
    assert bench.heartbeat.cycles == 0


def test_take_refuses_a_part_whose_id_is_wrong(bench: Bench) -> None:
    """What the handshake rejects is reported under its own reason, uninspected."""
    verdict = bench.line.take(pulse(reject=Reason.PART_ID))
    assert verdict[:2] == (VerdictKind.NOT_INSPECTED, Reason.PART_ID)
    assert bench.rules.addresses == []


def test_settle_records_a_part_that_the_link_refused_itself(bench: Bench) -> None:
    """A part that came while one waited already has a row like any other."""
    now_ns = time.monotonic_ns()
    bench.plc.facts = [
        DeliveryEntry(
            serial=NOT_TAKEN,
            part_id=9,
            sequence=4,
            published_ns=now_ns,
            acked_ns=now_ns,
            delivered=True,
            kind=VerdictKind.NOT_INSPECTED,
            reason=Reason.OVERRATE,
        )
    ]
    bench.line.settle()
    refused, delivery = JournalReader(bench.journal)
    assert isinstance(refused, VerdictEntry)
    assert isinstance(delivery, DeliveryEntry)
    assert (refused.part.part_id, refused.reason) == (9, Reason.OVERRATE)
    assert delivery.serial == refused.part.serial > 0


def test_settle_tells_the_link_the_condition(bench: Bench) -> None:
    """Camera and engine ok are said before the first part, or there would never be one."""
    bench.line.settle()
    assert bench.plc.condition is not None
    assert bench.plc.condition.camera_ok
    assert bench.plc.condition.tested
    assert bench.plc.condition.checksum == bench.line.policy.word
    judging = bench.line.judging
    bench.line.judge_by(judging._replace(policy=judging.policy._replace(checksum=99)))
    bench.line.settle()
    assert bench.plc.condition.checksum == bench.line.policy.word


def test_settle_warns_the_plc_of_what_others_found_and_of_a_hot_engine(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Camera and engine stay ok: parts are judged as ever. One line at each change."""
    bench.line.status.warnings = FaultBit.DISK
    for _ in range(3):
        bench.line.engines.pace.add(0.95)
        bench.line.settle()
    assert bench.plc.condition is not None
    assert bench.plc.condition.faults == FaultBit.DISK | FaultBit.ENGINE
    bench.line.status.warnings = 0
    bench.line.engines.pace.tight = False
    bench.line.settle()
    assert bench.plc.condition.faults == 0
    warned = [line for line in caplog.messages if line.startswith("warning to the PLC")]
    assert warned == [
        "warning to the PLC: disk",
        "warning to the PLC: engine, disk",
        "warning to the PLC: none any more",
    ]


def test_cycle_hands_the_camera_s_own_memory_to_the_rules(bench: Bench) -> None:
    """No copy: the frame that rules get is the ring slot that the camera wrote."""
    for part_id in range(1, 5):
        bench.line.take(pulse(part_id))
    slots = {slot.pixels.ctypes.data for slot in bench.ring.slots}
    assert set(bench.rules.addresses) == slots


def test_cycle_allocates_a_few_small_objects_only(bench: Bench) -> None:
    """Frames are 900 kB here; a cycle's memory must not come near one, nor grow."""
    for part_id in range(1, 4):
        bench.line.take(pulse(part_id))
    bench.plc.reports.clear()
    bench.rules.addresses.clear()
    parts = count(4)
    growth = growth_of(lambda: bench.line.take(pulse(next(parts))), FEW_BYTES, runs=1)
    assert growth.peak_bytes < FEW_BYTES
    assert growth.kept_bytes < FEW_BYTES


def test_pulse_that_bounces_is_counted_and_judged_once(bench: Bench) -> None:
    """A photo-eye of our own that sees a part twice: never two results for one id."""
    bench.line.own_eye = True
    for part_id in (1, 1, 1, 2):
        bench.line.triggered(pulse(part_id))
    assert [part.part_id for part, _ in bench.plc.reports] == [1, 2]
    assert bench.line.bounces == 2


def test_line_goes_on_without_its_photo_eye(bench: Bench) -> None:
    """Parts are judged while its chip is there; without it the station is safe, and turns."""
    chip, section = FakeChip(), gpio()
    trigger = GpioTrigger(section.order, EyeWatch(section, 0), chip.open)
    with closing(trigger):
        stages = bench.stages._replace(trigger=trigger, eye=trigger)
        line = Line(stages, bench.line.budget, bench.line.judging, own_eye=True)
        chip.set(0, active=True)
        process: Any = FakeProcess(2)
        line.run(process)
        assert [part.part_id for part, _ in bench.plc.reports] == [1]
        chip.unplug()
        process = FakeProcess(3)
        line.run(process)
        assert line.modes.mode is Mode.SAFE
        assert bench.plc.condition is not None
        assert not bench.plc.condition.trigger_ok
    assert len(bench.plc.reports) == 1


class Killed(BaseException):
    """The process ends here: no handler of ours sees it."""


def killed(*_: object) -> Any:  # noqa: ANN401 - in the place of any stage
    """A stage in which the line is killed."""
    raise Killed


def heir_of(bench: Bench) -> Line:
    """The warm spare takes over."""
    return Line(bench.stages, bench.line.budget, bench.line.judging)


ALWAYS = ("heartbeat.begin", "plc.report", "journal.append", "journal._commit")
INSPECTED = ("engines.begin", "acquisition.capture", "rules.check", "engines.collect")


@pytest.mark.parametrize(
    ("place", "reject"),
    [
        *((place, Reason.OK) for place in ALWAYS + INSPECTED),
        *((place, Reason.PART_ID) for place in ALWAYS),
    ],
)
def test_every_serial_has_one_entry_wherever_the_line_is_killed(
    bench: Bench, place: str, reject: Reason
) -> None:
    """Above all between the report and the journal: the PLC has a verdict, and so has the row."""
    stage, call = place.split(".")
    it = pulse(42, reject=reject)
    bench.line.take(pulse(41))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(getattr(bench.line, stage), call, killed)
        with pytest.raises(Killed):
            bench.line.take(it)
    assert len(bench.plc.reports) == 1 + place.startswith("journal")
    heir_of(bench).take(pulse(43))
    first, unfinished, third = JournalReader(bench.journal)
    assert isinstance(first, VerdictEntry)
    assert isinstance(unfinished, UnfinishedEntry)
    assert isinstance(third, VerdictEntry)
    assert [entry.part.serial for entry in (first, unfinished, third)] == [1, 2, 3]
    assert unfinished.part[1:3] == (42, it.at_ns)


def test_line_enters_a_part_that_the_link_refused_for_the_one_before(bench: Bench) -> None:
    """The PLC knows of it; the line that would have heard of it was killed."""
    bench.line.take(pulse(41))
    bench.journal.refusals.add(TriggerEvent(42, 4242))
    heir = heir_of(bench)
    heir.take(pulse(43))
    assert [entry.part[:2] for entry in bench.entries()] == [(1, 41), (2, 42), (3, 43)]
    refused = bench.entries()[1]
    assert (refused.kind, refused.reason) == (VerdictKind.NOT_INSPECTED, Reason.OVERRATE)
    assert refused.part.trigger_ns == 4242
    assert bench.journal.refusals.open() == []


def test_settle_records_a_refused_part_once_and_for_its_successor(bench: Bench) -> None:
    """Under its trigger; its serial is not given again by the line after this one."""
    bench.journal.refusals.add(TriggerEvent(9, 4242))
    part = Part(NOT_TAKEN, 9, 0, 0, 0, 0)
    bench.plc.facts = [fact_of(part, not_inspected(Reason.OVERRATE))]
    bench.line.settle()
    heir_of(bench).take(pulse(10))
    assert [entry.part[:2] for entry in bench.entries()] == [(1, 9), (2, 10)]
    assert bench.entries()[0].part.trigger_ns == 4242


def test_finish_records_what_became_of_the_last_verdicts(bench: Bench) -> None:
    """The link takes leave first; what was on its way then is told as it is."""
    bench.line.take(pulse(7))
    bench.line.finish()
    entry, delivery = JournalReader(bench.journal)
    assert isinstance(entry, VerdictEntry)
    assert isinstance(delivery, DeliveryEntry)
    assert (delivery.serial, delivery.delivered) == (entry.part.serial, False)


def test_line_goes_on_with_the_numbers_of_the_one_before(bench: Bench) -> None:
    """A successor never gives a serial twice, whether the last part was finished or not."""
    bench.line.take(pulse(41))
    bench.heartbeat.begin(2, 42)  # and died in the middle of part 42
    heir_of(bench).take(pulse(43))
    assert [entry.part.serial for entry in bench.entries()] == [1, 3]


def test_run_clears_the_link_s_faults_when_somebody_acknowledges(bench: Bench) -> None:
    """Once for each time; what was acknowledged before this line began is over."""
    bench.line.trigger = NoTrigger()  # type: ignore[assignment]
    process: Any = FakeProcess(10, 7, 3)
    bench.line.run(process)
    assert bench.plc.cleared == 2
