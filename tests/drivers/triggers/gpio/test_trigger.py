"""Parts by edges of GPIO lines, as the line waits for them."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.gpio.lines import MOST_EDGES
from gonogo.base.words import Reason
from gonogo.drivers.triggers.gpio.trigger import GpioTrigger
from gonogo.drivers.triggers.gpio.watch import BeltWatch, EyeWatch
from gonogo.testing.gpio import FakeChip
from gonogo.testing.triggers import TriggerContract, soon_ns
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.drivers.triggers.gpio.eyes import MS, QUARTERS, encoder, gpio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.base.gpio.lines import Edge, Lines, Order
    from gonogo.base.words import TriggerEvent
    from gonogo.drivers.triggers.gpio.section import EyeSection
    from gonogo.drivers.triggers.trigger import TriggerSection

AGAIN_S = 0.01
LONG_S = 30.0
PART_MS = 30  # how long one covers the eye


class Eye:
    """A trigger with a photo-eye at a fake chip; parts pass at moments of the past."""

    def __init__(self, chip: FakeChip | None = None, **keys: Any) -> None:  # noqa: ANN401 - of a section
        self.chip = chip or FakeChip()
        section = gpio(**keys)
        self.trigger = GpioTrigger(
            section.order, EyeWatch(section, 0), self.chip.open, again_s=AGAIN_S
        )
        # far enough back for all that a test lets pass
        self.at_ns = time.monotonic_ns() - 60_000 * MS

    def pass_by(self, parts: int = 1, pitch_ms: int = 100) -> None:
        """Parts, one after the other."""
        for _ in range(parts):
            self.at_ns += (pitch_ms - PART_MS) * MS
            self.chip.set(0, active=True, at_ns=self.at_ns)
            self.at_ns += PART_MS * MS
            self.chip.set(0, active=False, at_ns=self.at_ns)

    def taken(self) -> list[TriggerEvent]:
        """All parts that wait."""
        found = iter(lambda: self.trigger.wait(0), None)
        return list(found)

    def until(self, done: Callable[[], bool]) -> None:
        """Wait as the line does, until something is so."""
        until = time.monotonic() + LONG_S
        while not done():
            assert time.monotonic() < until, "it has not come to that"
            assert self.trigger.wait(soon_ns(5)) is None


@pytest.fixture
def eye() -> Iterator[Eye]:
    """An open one."""
    made = Eye()
    yield made
    made.trigger.close()


def rejects(parts: list[TriggerEvent]) -> list[Reason]:
    """Why they are refused, OK for those that are not."""
    return [part.reject for part in parts]


@pytest.fixture(params=["gpio", "encoder"])
def chip(request: pytest.FixtureRequest) -> FakeChip:
    """Named after the driver that is tried on it."""
    return FakeChip(request.param)


class TestGpioTrigger(TriggerContract):
    """What every trigger promises, with a fake chip behind it."""

    @pytest.fixture
    def section(self, chip: FakeChip) -> TriggerSection:
        """Parts of this suite come as fast as it can make them."""
        keys = {"bounce_ms": 0.0, "min_pitch_ms": 0.001}
        return gpio(**keys) if chip.name == "gpio" else encoder(same_part_mm=0.5, **keys)

    @pytest.fixture
    def trigger(
        self, section: EyeSection, last_part_id: int, chip: FakeChip
    ) -> Iterator[GpioTrigger]:
        """Opened without the catalogue, which knows the kernel's chips alone."""
        watch: Any = EyeWatch if chip.name == "gpio" else BeltWatch
        trigger = GpioTrigger(section.order, watch(section, last_part_id), chip.open)
        yield trigger
        trigger.close()

    @pytest.fixture
    def pulse(self, chip: FakeChip) -> Callable[[int], object]:
        """The belt moves by a pulse of the encoder, where there is one, and a part passes."""

        def part(_: int) -> None:
            for levels in (*QUARTERS[1:], QUARTERS[0]) if chip.name == "encoder" else ():
                for line, active in enumerate(levels, 1):
                    chip.set(line, active=active)
            chip.set(0, active=True)
            chip.set(0, active=False)
            chip.record.clear()

        return part


def test_trigger_makes_one_part_of_an_edge_that_bounces(eye: Eye) -> None:
    """Stamped by the first of them."""
    script = [(0, 0, True), (300, 0, False), (700, 0, True), (30_000, 0, False)]
    eye.chip.play(script, eye.at_ns)
    (part,) = eye.taken()
    assert (part.at_ns, part.reject) == (eye.at_ns, Reason.OK)


@pytest.mark.parametrize("hz", [100, 250, 1000])
@pytest.mark.parametrize("debounce_ms", [0.5, 1.0, 10.0])
def test_trigger_takes_the_kernels_debouncing_back(hz: int, debounce_ms: float) -> None:
    """The part was there before its level had stood, and before the tick at which that was seen."""
    eye = Eye(FakeChip(hz=hz), debounce_ms=debounce_ms)
    with contextlib.closing(eye.trigger):
        eye.pass_by()
        eye.chip.settle(eye.at_ns + 100 * MS)
        (part,) = eye.taken()
    assert 0 <= eye.at_ns - PART_MS * MS - part.at_ns < 20 * MS


def test_trigger_inspects_the_newest_of_those_that_waited(eye: Eye) -> None:
    """Each has its verdict, and the picture of the others would be of somebody else."""
    eye.pass_by(3)
    parts = eye.taken()
    assert [part.part_id for part in parts] == [1, 2, 3]
    assert rejects(parts) == [Reason.OVERRATE, Reason.OVERRATE, Reason.OK]


def test_trigger_looks_again_before_it_hands_out_one_that_waited(eye: Eye) -> None:
    """The line was busy between the two: who came meanwhile is before the camera now."""
    eye.pass_by(2)
    first = eye.trigger.wait(0)
    eye.pass_by()
    parts = eye.taken()
    assert first is not None
    assert [part.part_id for part in parts] == [2, 3]
    assert rejects(parts) == [Reason.OVERRATE, Reason.OK]


def test_trigger_refuses_one_that_waited_when_the_next_was_half_seen() -> None:
    """Its beginning and its end shared an interrupt: nobody is handed out for it."""
    eye = Eye(FakeChip(merge_us=500))
    with contextlib.closing(eye.trigger):
        eye.pass_by(2)
        eye.trigger.wait(0)
        eye.chip.play([(100_000, 0, True), (100_200, 0, False)], eye.at_ns)
        assert rejects(eye.taken()) == [Reason.OVERRATE]


def test_trigger_refuses_one_that_waited_when_the_chip_went(eye: Eye) -> None:
    """Nobody knows who has passed since."""
    eye.pass_by(2)
    eye.trigger.wait(0)
    eye.chip.unplug()
    assert rejects(eye.taken()) == [Reason.TRIGGER]


class Chatter:
    """Lines at which a level bounces on for as long as somebody reads."""

    def __init__(self, chip: FakeChip, order: Order, at_ns: int) -> None:
        self._chip, self._lines, self._at_ns = chip, chip.open(order), at_ns
        self.fd, self.levels, self.close = self._lines.fd, self._lines.levels, self._lines.close
        self.put = self._lines.put

    def read(self) -> list[Edge]:
        """What waits; then there is as much again."""
        found = self._lines.read()
        for k in range(MOST_EDGES):
            self._chip.set(0, active=k % 2 == 1, at_ns=self._at_ns)
        return found


def test_trigger_refuses_a_part_behind_which_more_waits_than_it_reads() -> None:
    """Another one may be among it."""
    chip, section, at_ns = FakeChip(), gpio(), time.monotonic_ns()
    trigger = GpioTrigger(
        section.order, EyeWatch(section, 0), lambda order: Chatter(chip, order, at_ns)
    )
    with contextlib.closing(trigger):
        chip.set(0, active=True, at_ns=at_ns)
        part = trigger.wait(0)
    assert part is not None
    assert part.reject is Reason.OVERRATE


def test_trigger_refuses_parts_that_are_closer_than_the_pitch(eye: Eye) -> None:
    """Also where each is fetched as it comes."""
    found = []
    for pitch_ms in (100, 50, 50, 100):
        eye.pass_by(pitch_ms=pitch_ms)
        found += eye.taken()
    assert rejects(found) == [Reason.OK, Reason.OVERRATE, Reason.OVERRATE, Reason.OK]


def test_trigger_hands_out_a_burst_that_is_longer_than_a_read() -> None:
    """All of them, once, and only the last is inspected."""
    eye = Eye(buffer_edges=1024)
    with contextlib.closing(eye.trigger):
        eye.pass_by(200)
        parts = eye.taken()
    assert [part.part_id for part in parts] == list(range(1, 201))
    assert rejects(parts) == [Reason.OVERRATE] * 199 + [Reason.OK]


def test_trigger_counts_what_the_kernel_dropped() -> None:
    """The oldest go first: those that are left are handed out, the first of them unsure."""
    eye = Eye(buffer_edges=16)
    with contextlib.closing(eye.trigger):
        eye.pass_by(30)
        parts = eye.taken()
        assert len(parts) + eye.trigger.missed == 30
        assert rejects(parts)[0] is Reason.TRIGGER
        (said,) = eye.trigger.messages()
    assert "44 edges of the eye lost, 22 parts missed, or perhaps" in said


def test_trigger_notices_edges_that_the_kernel_merged() -> None:
    """No number is missing: two parts so close that one interrupt served the gap between them."""
    eye = Eye(FakeChip(merge_us=500))
    with contextlib.closing(eye.trigger):
        eye.pass_by()
        assert rejects(eye.taken()) == [Reason.OK]
        at_us = 100_000
        script = [(at_us, 0, True), (at_us + 30_000, 0, False), (at_us + 30_200, 0, True)]
        eye.chip.play([*script, (at_us + 60_000, 0, False)], eye.at_ns)
        eye.taken()
        assert eye.trigger.missed == 1


def test_trigger_goes_on_without_its_chip_and_comes_back(eye: Eye) -> None:
    """It is told, nobody is accepted meanwhile, and the first part after that is refused."""
    eye.pass_by()
    assert rejects(eye.taken()) == [Reason.OK]
    eye.chip.unplug()
    eye.until(lambda: not eye.trigger.ready)
    missed = eye.trigger.missed
    assert missed > 0
    eye.until(lambda: any("GN231" in said for said in eye.trigger.messages()))
    eye.pass_by()
    eye.chip.plug()
    eye.until(lambda: eye.trigger.ready)
    assert any("open again; the next part is rejected" in said for said in eye.trigger.messages())
    eye.pass_by()
    eye.at_ns += 200 * MS
    first = eye.taken()
    eye.pass_by()
    assert [(part.part_id, part.reject) for part in first + eye.taken()] == [
        (2, Reason.TRIGGER), (3, Reason.OK),
    ]  # fmt: skip


def test_trigger_whose_line_another_program_has_waits_for_it() -> None:
    """It says whose it is, and sees parts once it is given up."""
    chip = FakeChip()
    chip.take("gonogo press")
    eye = Eye(chip)
    with contextlib.closing(eye.trigger):
        assert not eye.trigger.ready
        said, doubt = eye.trigger.messages()
        assert "GN232" in said
        assert "1 parts missed, or perhaps" in doubt
        assert "'gonogo press'" in said
        assert list(eye.trigger.messages()) == []
        chip.give()
        eye.until(lambda: eye.trigger.ready)
        eye.pass_by()
        assert rejects(eye.taken()) == [Reason.TRIGGER]


def test_trigger_waits_no_longer_while_a_chip_hangs() -> None:
    """Opening may take seconds: another thread does it."""
    hangs, tried = threading.Event(), threading.Event()
    chip = FakeChip()

    def opens(order: Order) -> Lines:
        if chip.opened:
            tried.set()
            hangs.wait(LONG_S)
        return chip.open(order)

    section = gpio()
    trigger = GpioTrigger(section.order, EyeWatch(section, 0), opens, again_s=AGAIN_S)
    chip.unplug()
    assert trigger.wait(soon_ns(20)) is None
    assert tried.wait(LONG_S)
    assert trigger.wait(soon_ns(20)) is None
    assert not trigger.ready
    hangs.set()
    trigger.close()


def test_trigger_wakes_for_a_part(eye: Eye) -> None:
    """While it sleeps in wait."""
    covers = threading.Timer(0.02, eye.pass_by)
    covers.start()
    assert eye.trigger.wait(soon_ns()) is not None
    covers.join()


def test_trigger_leaves_nothing_open() -> None:
    """Neither with a chip nor without one."""
    with nothing_left_open():
        eye = Eye()
        eye.trigger.close()
        eye.chip.unplug()
        without = Eye(eye.chip)
        without.trigger.close()
        without.trigger.close()
