"""The lines of a chip as the kernel has them; most of it needs the kernel's simulator."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

gpiod = pytest.importorskip("gpiod", reason="gpiod is not installed")

from gonogo.base.errors import (  # noqa: E402 - after the package that it needs
    GpioAbsent,
    GpioError,
    GpioHeld,
    GpioNotPermitted,
)
from gonogo.base.gpio.chip import Found, look_at, names, open_lines, refused  # noqa: E402
from gonogo.base.gpio.lines import Order, Wanted  # noqa: E402
from gonogo.tests.base.gpio.sim import LINES, sim_chip  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from typing_extensions import Self

    from gonogo.base.gpio.lines import Drive
    from gonogo.tests.base.gpio.sim import SimChip

EYE = Wanted("0")


def order(chip: str, *lines: Wanted) -> Order:
    """Lines of a chip, for this test."""
    return Order(chip, lines or (EYE,), "gonogo bolts", 64)


@pytest.fixture
def sim() -> Iterator[SimChip]:
    """A chip of the kernel's simulator."""
    with sim_chip() as chip:
        yield chip


def test_chip_that_is_not_there_is_absent(tmp_path: Path) -> None:
    """By path and by name; the message says which there are."""
    with pytest.raises(GpioAbsent, match=r"GN231: chip .*gpiochip7 is not there; there are: "):
        open_lines(order(str(tmp_path / "gpiochip7")))
    with pytest.raises(GpioAbsent, match=r"chip 'no-such-label' is not there; expected a path"):
        look_at(order("no-such-label"))


def test_file_that_is_no_chip_is_named() -> None:
    """A path that was mistyped."""
    with pytest.raises(GpioError, match=r"GN230: /dev/null: expected a GPIO chip"):
        open_lines(order("/dev/null"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every chip")
def test_chip_that_this_user_may_not_open_is_said_with_the_group(tmp_path: Path) -> None:
    """And how to get into it."""
    path = tmp_path / "gpiochip0"
    path.touch(mode=0)
    with pytest.raises(GpioNotPermitted, match=r"GN233: .*usermod -aG gpio"):
        open_lines(order(str(path)))


class Info(NamedTuple):
    """What the library says of a line."""

    offset: int
    used: bool
    consumer: str


class ChipInfo(NamedTuple):
    """What the library says of a chip."""

    label: str


class TakenChip:
    """What a request is refused by, as far as a refusal asks it."""

    path = "/dev/gpiochip0"

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer

    def get_info(self) -> ChipInfo:
        """Its label."""
        return ChipInfo("pinctrl")

    def get_line_info(self, offset: int) -> Info:
        """Odd lines are taken."""
        return Info(offset, bool(offset % 2), self._consumer)


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.EBUSY, GpioHeld, r"\(pinctrl\): line 3 is taken by 'gonogo press'; end it"),
        (errno.EPERM, GpioNotPermitted, "docs/triggers.md"),
        (errno.EINVAL, GpioError, r"refuses line 0 \(edges, as-is\): .*with interrupts"),
    ],
)
def test_request_that_is_refused_says_why(number: int, kind: type[GpioError], said: str) -> None:
    """And of a line that is taken, by whom."""
    chip: Any = TakenChip("gonogo press")
    error = refused(chip, order("pinctrl"), [2, 3], OSError(number, os.strerror(number)))
    assert type(error) is kind
    with pytest.raises(kind, match=said):
        raise error


class GoingChip:
    """A chip of the library that goes with the call of that name; "" stays. It has one line."""

    def __init__(self, path: str, goes: str) -> None:
        self.path, self._goes = path, goes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _asked(self, call: str) -> None:
        if call == self._goes:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def get_info(self) -> ChipInfo:
        """Its label."""
        self._asked("get_info")
        return ChipInfo("pinctrl")

    def line_offset_from_id(self, name: str) -> int:
        """All names are of one line."""
        del name
        return 17

    def get_line_info(self, offset: int) -> Info:
        """It is taken."""
        self._asked("get_line_info")
        return Info(offset, used=True, consumer="gonogo press")

    def request_lines(self, *_: object, **__: object) -> None:
        """It is taken."""
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


@pytest.mark.parametrize("goes", ["get_info", "get_line_info"])
@pytest.mark.parametrize("asks", [open_lines, look_at])
def test_chip_that_goes_while_it_is_asked_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch, goes: str, asks: Callable[[Order], object]
) -> None:
    """Whichever call it goes with: what waits for it would die of another one."""
    monkeypatch.setattr(gpiod, "Chip", lambda path: GoingChip(path, goes))
    with pytest.raises(GpioError, match=r"GN230: chip /dev/gpiochip0.*No such device"):
        asks(order("/dev/gpiochip0"))


def test_chip_that_goes_while_another_is_looked_for_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has no name then: it is not the one."""
    monkeypatch.setattr(gpiod, "Chip", lambda path: GoingChip(path, "get_info"))
    assert names("/dev/gpiochip0") == ()


@pytest.mark.parametrize("asks", [open_lines, look_at])
def test_line_that_two_names_are_of_is_refused(
    monkeypatch: pytest.MonkeyPatch, asks: Callable[[Order], object]
) -> None:
    """An offset and a name of the same line: the file cannot tell."""
    monkeypatch.setattr(gpiod, "Chip", lambda path: GoingChip(path, ""))
    with pytest.raises(GpioError, match=r"'17' and 'GPIO17' are both line 17; expected a line"):
        asks(order("/dev/gpiochip0", Wanted("17"), Wanted("GPIO17")))


@pytest.mark.parametrize(("consumer", "said"), [("press", "taken by 'press'"), ("", "the kernel")])
def test_line_that_nobody_named_is_the_kernels(consumer: str, said: str) -> None:
    """A driver of the kernel need not say what it is."""
    chip: Any = TakenChip(consumer)
    assert said in str(refused(chip, order("pinctrl"), [1], OSError(errno.EBUSY, "busy")))


def test_found_line_is_said_in_words() -> None:
    """For whoever checks a station file."""
    assert Found("/dev/gpiochip0 (pins)", "EYE", 17, "", active=True).in_words() == (
        "/dev/gpiochip0 (pins), line 17 'EYE': free, active now"
    )
    taken = Found("/dev/gpiochip0 (pins)", "", 3, "press", active=None)
    assert taken.in_words() == "/dev/gpiochip0 (pins), line 3: taken by 'press'"


def test_chip_is_found_by_path_name_and_label(sim: SimChip) -> None:
    """A label stays when the number changes."""
    for name in (sim.path, sim.path.removeprefix("/dev/"), sim.label):
        (found,) = look_at(order(name))
        assert (found.offset, found.consumer, found.active) == (0, "", False)


def test_line_that_a_chip_lacks_is_absent(sim: SimChip) -> None:
    """By offset and by name."""
    for line in (str(LINES), "PHOTO_EYE"):
        wanted = rf"has no line '{line}'; expected a name, or 0 to {LINES - 1}; see gpioinfo"
        with pytest.raises(GpioAbsent, match=wanted):
            open_lines(order(sim.path, Wanted(line)))


def test_look_says_level_and_consumer_and_keeps_nothing(sim: SimChip) -> None:
    """Of a line that is taken the level is the other program's."""
    sim.set(0, active=True)
    (found,) = look_at(order(sim.path, Wanted("0", active_low=True)))
    assert (found.consumer, found.active) == ("", False)
    with contextlib.closing(open_lines(order(sim.path))):
        (found,) = look_at(order(sim.path))
        assert (found.consumer, found.active) == ("gonogo bolts", None)
    assert look_at(order(sim.path))[0].consumer == ""


def test_line_of_a_chip_that_is_asked_for_twice_is_refused(sim: SimChip) -> None:
    """As the library reads its names."""
    with pytest.raises(GpioError, match="'0' and '00' are both line 0"):
        open_lines(order(sim.path, Wanted("0"), Wanted("00")))


@pytest.mark.parametrize("drive", ["push-pull", "open-drain", "open-source"])
def test_output_that_is_active_low_is_high_while_it_is_off(sim: SimChip, drive: Drive) -> None:
    """From the moment at which it is opened; what an open drain leaves alone is its resistor's."""
    wanted = Wanted("0", active_low=True, drive=drive)
    sim.set(0, active=True)
    with contextlib.closing(open_lines(order(sim.path, wanted))) as lines:
        seen = [(sim.level(0), lines.levels()[0])]
        lines.put(0, active=True)
        seen.append((sim.level(0), lines.levels()[0]))
    # an open source never pulls down: a resistor would have to
    assert seen == [(True, False), (drive == "open-source", drive != "open-source")]


def test_look_neither_has_nor_switches_an_output(sim: SimChip) -> None:
    """Whoever looks is told who has it, and its level by nobody."""
    sim.set(0, active=True)
    out = Wanted("0", drive="push-pull")
    (found,) = look_at(order(sim.path, out))
    assert (found.consumer, found.active, sim.level(0)) == ("", None, True)
    with contextlib.closing(open_lines(order(sim.path, out))) as lines:
        lines.put(0, active=True)
        (found,) = look_at(order(sim.path, out))
        assert (found.consumer, found.active, sim.level(0)) == ("gonogo bolts", None, True)
