"""An ejector at a GPIO chip that follows its belt by an encoder: stop, go, and lost edges."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.plc.transports.gpio_io import GpioIo
from gonogo.tests.plc.gpiorig import FakeRig, Rig, rig_of, section_of
from gonogo.tests.plc.nozzle import NozzleBelt, Wired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.plc.transports.transport import Inputs, ProcessImage

A, B = 1, 2  # places in the order
QUARTERS = ((A, True), (B, True), (A, False), (B, False))
EJECT = {
    "by": "encoder",
    "counts_per_mm": 1.0,
    "distance_mm": 40.0,  # 30 to 50 counts after the trigger
    "window_mm": 20.0,
}
KEYS = {"encoder": {"line_a": "1", "line_b": "2"}, "readback_ms": 2000.0}


class Counted(GpioIo):
    """Counts its exchanges."""

    exchanges = 0

    def exchange(self, image: ProcessImage) -> Inputs:
        """One more."""
        self.exchanges += 1
        return super().exchange(image)


class Driven:
    """A belt that moves as far as it is told, and no further."""

    def __init__(self, belt: NozzleBelt, rig: Rig, made: list[Counted]) -> None:
        self.belt, self.rig, self._made = belt, rig, made
        self._quarter = 0

    def move(self, counts: int) -> bool:
        """So many edges forwards; whether the output is on once the link has followed."""
        for _ in range(counts):
            line, active = QUARTERS[self._quarter % 4]
            self._quarter += 1
            self.rig.chip.set(line, active=active)
        return self.settle()

    def settle(self) -> bool:
        """Whether the output is on, some exchanges later."""
        until = self._made[0].exchanges + 4
        self.belt.until("no exchange", lambda: self._made[0].exchanges >= until)
        return self.rig.output

    def part(self, part_id: int, *, good: bool) -> None:
        """One passes the photo-eye, and its verdict is known to the ejector."""
        delivered = len(self.belt.deliveries)
        self.belt.part(part_id, good=good, pitch_s=0.0)
        self.belt.until("no delivery", lambda: len(self.belt.deliveries) > delivered)

    def merge(self) -> None:
        """A pulse of A that shares one interrupt: two edges were there, and one is told."""
        if not isinstance(self.rig, FakeRig):
            pytest.skip("the kernel's simulator tells of every edge")
        now_ns = time.monotonic_ns()
        level = self.rig.chip.level(A)
        self.rig.chip.set(A, active=not level, at_ns=now_ns)
        self.rig.chip.set(A, active=level, at_ns=now_ns)


@pytest.fixture(params=["fake", "gpio-sim"])
def driven(request: pytest.FixtureRequest) -> Iterator[Driven]:
    """A belt of which all is known: nothing lies on it."""
    with rig_of(request.param) as rig:
        rig.senses = False  # their lines are the encoder's here
        section, made = section_of(rig.name, **KEYS), list[Counted]()

        def make(wake_fd: int) -> GpioIo:
            made.append(Counted(section, wake_fd, rig.opens))
            return made[0]

        with NozzleBelt(rig, Wired(section, make), EJECT) as belt:
            belt.until("no permit", lambda: belt.link.permit)
            driven = Driven(belt, rig, made)
            driven.move(60)
            yield driven


def test_ejector_speaks_for_a_part_where_it_is_however_long_that_takes(driven: Driven) -> None:
    """A belt that stops with the part at the nozzle."""
    driven.part(1, good=True)
    driven.part(2, good=False)
    assert [driven.move(25), driven.settle(), driven.move(15)] == [False, False, False]
    driven.move(60)
    driven.part(3, good=True)
    assert [driven.move(25), driven.move(10), driven.settle(), driven.move(20)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_edges_that_are_lost_make_the_whole_belt_unknown(driven: Driven) -> None:
    """Whoever was accepted goes out; who comes after it is known again."""
    driven.part(1, good=True)
    assert not driven.move(20)
    driven.merge()
    assert [driven.move(1) for _ in range(40)] == [False] * 40
    driven.part(2, good=True)
    assert [driven.move(25), driven.move(15)] == [False, True]


def test_chip_that_comes_back_is_never_on_for_where_the_belt_was(driven: Driven) -> None:
    """A good part was at the nozzle as it went; what is there now is unknown."""
    if not isinstance(driven.rig, FakeRig):
        pytest.skip("the kernel's simulator does not tell what its output was in between")
    output = driven.rig.chip.outputs[0]
    driven.part(1, good=True)
    assert driven.move(40)
    driven.rig.unplug()
    driven.belt.until("still a permit", lambda: not driven.belt.link.permit)
    output.put(active=False)  # to its resistor
    switched = len(output.switched)
    driven.rig.plug()
    driven.belt.until("no permit", lambda: driven.belt.link.permit)
    assert not driven.settle()
    assert len(output.switched) == switched


def test_chip_that_went_and_came_back_makes_the_whole_belt_unknown(driven: Driven) -> None:
    """It has moved meanwhile, or not."""
    driven.part(1, good=True)
    assert not driven.move(20)
    driven.rig.unplug()
    driven.belt.until("still a permit", lambda: not driven.belt.link.permit)
    driven.rig.plug()
    driven.belt.until("no permit", lambda: driven.belt.link.permit)
    assert [driven.move(1) for _ in range(40)] == [False] * 40
    driven.part(2, good=True)
    assert [driven.move(25), driven.move(15)] == [False, True]
