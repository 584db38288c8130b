"""Who keeps the lines open, in a thread of its own."""

from __future__ import annotations

import select

import pytest

from gonogo.drivers.triggers.gpio.keeper import Keeper, Opened
from gonogo.testing.gpio import FakeChip, FakeLines
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.drivers.triggers.gpio.eyes import gpio

LONG_S = 30.0
AGAIN_S = 0.005


@pytest.fixture
def chip() -> FakeChip:
    """A chip whose lines nobody has."""
    return FakeChip()


def keeper(chip: FakeChip) -> Keeper:
    """One that tries often."""
    return Keeper(lambda: chip.open(gpio().order), AGAIN_S)


def rings(kept: Keeper) -> bool:
    """Whether its bell has rung, by and by."""
    return bool(select.select((kept.bell_fd,), (), (), LONG_S)[0])


def test_keeper_has_the_lines_ready_as_it_is_made(chip: FakeChip) -> None:
    """With their levels; they are handed out once."""
    chip.set(0, active=True)
    kept = keeper(chip)
    opened = kept.take()
    assert opened is not None
    assert opened.levels == (True,)
    assert kept.take() is None
    assert kept.error is None
    kept.close(opened.lines)


def test_keeper_tries_until_the_chip_is_there(chip: FakeChip) -> None:
    """And says why it is not, until then."""
    chip.unplug()
    kept = keeper(chip)
    assert kept.take() is None
    assert "GN231" in str(kept.error)
    chip.plug()
    assert rings(kept)
    opened = kept.take()
    assert opened is not None
    assert kept.error is None
    kept.close(opened.lines)


def test_keeper_closes_what_broke_before_it_opens_it_anew(chip: FakeChip) -> None:
    """Otherwise the line would be held against ourselves."""
    kept = keeper(chip)
    for times in (2, 3):
        opened = kept.take()
        assert opened is not None
        kept.lose(opened.lines)
        assert rings(kept)
        assert chip.opened == times
    kept.close(None)


def test_keeper_does_not_keep_lines_that_cannot_be_read(chip: FakeChip) -> None:
    """They were opened, and went at once: closed, and opened anew."""
    broken: list[FakeLines] = []

    def opens() -> FakeLines:
        lines = chip.open(gpio().order)
        if not broken:
            broken.append(lines)
            lines.break_off()
        return lines

    kept = Keeper(opens, AGAIN_S)
    assert rings(kept)
    opened = kept.take()
    assert opened is not None
    assert opened.lines is not broken[0]
    assert broken[0].fd < 0
    kept.close(opened.lines)


class Hasty(Keeper):
    """One whose line takes what was opened before its thread has looked up again."""

    taken: Opened | None = None

    def _try(self) -> bool:
        opened = super()._try()
        self.taken = self.take() or self.taken
        return opened


def test_keeper_rings_for_what_the_line_has_taken_already(chip: FakeChip) -> None:
    """And does not open them a second time, against itself."""
    kept = Hasty(lambda: chip.open(gpio().order), AGAIN_S)
    first = kept.taken
    assert first is not None
    kept.lose(first.lines)
    assert rings(kept)
    assert kept.error is None
    assert chip.opened == 2
    kept.close(kept.taken.lines if kept.taken else None)


def test_keeper_leaves_nothing_open(chip: FakeChip) -> None:
    """Neither what is in use, nor what nobody has fetched, nor its thread."""
    with nothing_left_open():
        fetched = keeper(chip)
        opened = fetched.take()
        assert opened is not None
        fetched.close(opened.lines)
        fetched.close(opened.lines)
        keeper(chip).close(None)
        chip.unplug()
        keeper(chip).close(None)
