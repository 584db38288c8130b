"""What triggers and ejectors ask of a chip, of the fake one and of the kernel's simulator alike."""

from __future__ import annotations

import contextlib
import select
import time
from typing import TYPE_CHECKING, Protocol

import pytest

from gonogo.base.errors import GpioAbsent, GpioHeld
from gonogo.base.gpio.lines import Edge, Lines, Order, Wanted
from gonogo.testing.gpio import FakeChip
from gonogo.tests.base.gpio.sim import sim_chip
from gonogo.tests.drivers.triggers.gpio.eyes import MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.base.gpio.sim import SimChip

LONG_S = 30.0
STANDS_NS = 50 * MS
BOUNCES = 21


class Bench(Protocol):
    """A chip on the bench: opened by an order, with levels that a test sets."""

    name: str

    def open(self, order: Order) -> Lines:
        """As the driver does."""
        ...

    def set(self, line: int, *, active: bool) -> None:
        """A level at the pin."""
        ...

    def level(self, line: int) -> bool:
        """What is at the pin, whoever made it so."""
        ...

    def unplug(self) -> None:
        """The chip goes."""
        ...


class SimBench:
    """The kernel's simulator, by the real binding."""

    def __init__(self, chip: SimChip) -> None:
        self.name, self._chip = chip.path, chip
        self.set, self.level, self.unplug = chip.set, chip.level, chip.unplug

    def open(self, order: Order) -> Lines:
        """As the driver does."""
        from gonogo.base.gpio.chip import open_lines  # noqa: PLC0415 - where it is used

        return open_lines(order)


@pytest.fixture(params=["fake", "gpio-sim"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each of them."""
    if request.param == "fake":
        yield FakeChip("eye")
        return
    pytest.importorskip("gpiod", reason="gpiod is not installed")
    with sim_chip() as chip:
        yield SimBench(chip)


def order(bench: Bench, *lines: Wanted, consumer: str = "gonogo bolts") -> Order:
    """Lines of that chip; one that is not debounced, where none is given."""
    return Order(bench.name, lines or (Wanted("0"),), consumer, 64)


def edges(lines: Lines, count: int) -> list[Edge]:
    """So many, by and by."""
    found: list[Edge] = []
    while len(found) < count:
        assert select.select((lines.fd,), (), (), LONG_S)[0], f"{len(found)} of {count} edges"
        found += lines.read()
    return found


def test_lines_say_each_edge_with_number_level_and_time(bench: Bench) -> None:
    """By CLOCK_MONOTONIC; numbers count from 1, each line by itself."""
    with contextlib.closing(bench.open(order(bench, Wanted("0"), Wanted("1")))) as lines:
        began_ns = time.monotonic_ns()
        found = []
        for line, active in ((0, True), (0, False), (1, True)):
            bench.set(line, active=active)
            found += edges(lines, 1)
        ended_ns = time.monotonic_ns()
    assert [(edge.line, edge.active, edge.sequence) for edge in found] == [
        (0, True, 1), (0, False, 2), (1, True, 1),
    ]  # fmt: skip
    times_ns = [edge.at_ns for edge in found]
    assert began_ns <= times_ns[0] <= times_ns[1] <= times_ns[2] <= ended_ns


def test_lines_that_are_quiet_are_not_readable(bench: Bench) -> None:
    """Neither before the first edge nor after the last was read."""
    with contextlib.closing(bench.open(order(bench))) as lines:
        assert not select.select((lines.fd,), (), (), 0)[0]
        bench.set(0, active=True)
        edges(lines, 1)
        assert not select.select((lines.fd,), (), (), 0)[0]


def test_lines_say_their_levels(bench: Bench) -> None:
    """As they are now, whatever edges there were."""
    bench.set(1, active=True)
    with contextlib.closing(bench.open(order(bench, Wanted("0"), Wanted("1")))) as lines:
        assert lines.levels() == (False, True)
        bench.set(0, active=True)
        assert lines.levels() == (True, True)


def test_lines_are_debounced_and_stamped_after_that_time(bench: Bench) -> None:
    """Fewer edges than there were, and the last no sooner than its level has stood."""
    wanted = Wanted("0", debounce_us=STANDS_NS // 1000)
    with contextlib.closing(bench.open(order(bench, wanted))) as lines:
        for k in range(BOUNCES - 1):
            bench.set(0, active=k % 2 == 0)
        before_ns = time.monotonic_ns()
        bench.set(0, active=True)
        if isinstance(bench, FakeChip):
            bench.settle(time.monotonic_ns() + STANDS_NS + 20 * MS)
        found = edges(lines, 1)
        # on a machine that stood still meanwhile, a level before it has stood as well
        while found[-1].at_ns - STANDS_NS < before_ns:
            found += edges(lines, 1)
    assert found[-1].active
    assert len(found) < BOUNCES


def test_lines_that_are_taken_are_said_to_be_by_whom(bench: Bench) -> None:
    """Of two stations the second is told who has the line, until it is closed."""
    with (
        contextlib.closing(bench.open(order(bench, consumer="gonogo press"))) as lines,
        pytest.raises(GpioHeld, match="line 0 is taken by 'gonogo press'"),
    ):
        bench.open(order(bench))
    lines.close()
    bench.open(order(bench)).close()


def test_lines_of_a_chip_that_is_not_there_are_absent(bench: Bench) -> None:
    """By its name, with what to do."""
    if isinstance(bench, FakeChip):
        bench.unplug()
    with pytest.raises(GpioAbsent, match=r"chip 'other' is not there.*plug it in"):
        bench.open(order(bench)._replace(chip="other"))


# -- outputs -----------------------------------------------------------------------------

OUT = Wanted("0", drive="push-pull")


def test_output_is_opened_inactive_and_does_what_it_is_told(bench: Bench) -> None:
    """At the pin, and as it is read back."""
    with contextlib.closing(bench.open(order(bench, OUT))) as lines:
        seen = [(bench.level(0), lines.levels())]
        for active in (True, False, True):
            lines.put(0, active=active)
            seen.append((bench.level(0), lines.levels()))
    assert seen == [(active, (active,)) for active in (False, True, False, True)]


def test_output_is_inactive_again_as_soon_as_it_is_opened_again(bench: Bench) -> None:
    """Whoever had it before may have been killed while it was on."""
    lines = bench.open(order(bench, OUT))
    lines.put(0, active=True)
    lines.close()
    with contextlib.closing(bench.open(order(bench, OUT))) as lines:
        assert (bench.level(0), lines.levels()) == (False, (False,))


def test_output_that_nobody_has_goes_to_its_resistor(bench: Bench) -> None:
    """So does the kernel's simulator; other chips keep what was, and so the fake one can."""
    lines = bench.open(order(bench, OUT))
    lines.put(0, active=True)
    lines.close()
    assert not bench.level(0)


def test_output_stands_beside_inputs_with_and_without_edges(bench: Bench) -> None:
    """An order of all kinds: levels of all, edges of those alone that want them."""
    quiet = Wanted("1", edges=False)
    with contextlib.closing(bench.open(order(bench, OUT, quiet, Wanted("2")))) as lines:
        lines.put(0, active=True)
        bench.set(1, active=True)
        bench.set(2, active=True)
        assert [(edge.line, edge.active) for edge in edges(lines, 1)] == [(2, True)]
        assert lines.levels() == (True, True, True)
        assert not select.select((lines.fd,), (), (), 0)[0]


def test_output_of_a_chip_that_goes_is_an_error_to_switch_and_to_read(bench: Bench) -> None:
    """And closing it is none."""
    with contextlib.closing(bench.open(order(bench, OUT))) as lines:
        bench.unplug()
        for asked in (lines.levels, lambda: lines.put(0, active=True)):
            with pytest.raises(OSError, match="No such device"):
                asked()


def test_input_cannot_be_switched(bench: Bench) -> None:
    """A line that something else drives."""
    with (
        contextlib.closing(bench.open(order(bench))) as lines,
        pytest.raises(OSError, match="not permitted"),
    ):
        lines.put(0, active=True)
