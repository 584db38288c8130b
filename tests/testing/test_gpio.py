"""The fake chip does what the kernel does of levels, and says what it was shown."""

from __future__ import annotations

import time

import pytest

from gonogo.base.gpio.lines import MOST_EDGES, Order, Wanted
from gonogo.testing.gpio import FakeChip, Level

MS = 1_000_000


def order(*lines: Wanted, buffer_edges: int = 64) -> Order:
    """One line, unless a test says otherwise."""
    return Order("fake", lines or (Wanted("0"),), "test", buffer_edges)


def test_fake_chip_records_what_it_was_shown() -> None:
    """In microseconds since it was made, also while nobody has its lines."""
    chip = FakeChip()
    chip.play([(0, 0, True), (250, 1, True), (900, 0, False)], time.monotonic_ns())
    first = chip.record[0].t_us
    assert first >= 0
    assert chip.record == [
        Level(first, 0, active=True),
        Level(first + 250, 1, active=True),
        Level(first + 900, 0, active=False),
    ]


def test_fake_chip_drops_the_oldest_edges_and_leaves_their_numbers_out() -> None:
    """As the kernel does when nobody reads."""
    chip = FakeChip()
    lines = chip.open(order(buffer_edges=16))
    for k in range(20):
        chip.set(0, active=k % 2 == 0)
    assert [edge.sequence for edge in lines.read()] == list(range(5, 21))
    lines.close()


def test_fake_chip_gives_as_many_edges_as_fit_one_read() -> None:
    """What is left keeps the lines readable; a read of nothing is an error here."""
    chip = FakeChip()
    lines = chip.open(order(buffer_edges=1024))
    for k in range(MOST_EDGES + 1):
        chip.set(0, active=k % 2 == 0)
    assert [len(lines.read()), len(lines.read())] == [MOST_EDGES, 1]
    with pytest.raises(BlockingIOError):
        lines.read()
    lines.close()


def test_fake_chip_merges_edges_that_share_an_interrupt() -> None:
    """No number is left out, and the level is that at the end."""
    chip = FakeChip(merge_us=100)
    lines = chip.open(order())
    chip.play([(0, 0, True), (50, 0, False), (300, 0, True)], 1000 * MS)
    found = [(edge.at_ns - 1000 * MS, edge.active, edge.sequence) for edge in lines.read()]
    assert found == [(0, False, 1), (300_000, True, 2)]
    lines.close()


def test_fake_chip_believes_a_level_that_has_stood() -> None:
    """Stamped when it had; one that did not stand is no edge."""
    chip = FakeChip(hz=1000)
    lines = chip.open(order(Wanted("0", debounce_us=5000)))
    chip.play([(0, 0, True), (3000, 0, False), (4000, 0, True), (30_000, 0, False)], 1000 * MS)
    chip.play([(33_000, 0, True), (40_000, 0, True)], 1000 * MS)
    found = [(edge.at_ns - 1000 * MS, edge.active) for edge in lines.read()]
    assert found == [(10 * MS, True)]
    lines.close()


@pytest.mark.parametrize(
    ("hz", "soonest_us", "latest_us"),
    [(100, 10_001, 20_000), (250, 4001, 8000), (1000, 1001, 2000)],
)
def test_fake_chip_believes_a_level_at_a_tick_of_its_kernel(
    hz: int, soonest_us: int, latest_us: int
) -> None:
    """One millisecond takes one tick to two, by when within a tick it begins."""
    late_us = []
    for at_us in (0, 1_000_000 // hz - 1):
        chip = FakeChip(hz=hz)
        lines = chip.open(order(Wanted("0", debounce_us=1000)))
        chip.play([(at_us, 0, True), (900_000, 0, True)], 1000 * MS)
        (edge,) = lines.read()
        late_us.append((edge.at_ns - 1000 * MS) // 1000 - at_us)
        lines.close()
    assert late_us == [latest_us, soonest_us]


def test_fake_chip_that_is_unplugged_breaks_its_lines_off() -> None:
    """Reading and looking fail as the kernel's do, and it is open for another once it is back."""
    chip = FakeChip()
    lines = chip.open(order())
    chip.unplug()
    for asked in (lines.read, lines.levels):
        with pytest.raises(OSError, match="No such device"):
            asked()
    lines.close()
    chip.plug()
    chip.open(order()).close()
    assert chip.opened == 2
