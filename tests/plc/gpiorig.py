"""An ejector at a GPIO chip, the fake one or the kernel's simulator, with feedback and eye.

Import it as `gonogo.tests.plc.gpiorig`.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.plc.register_map import State
from gonogo.plc.transports.gpio_io import GpioIo
from gonogo.plc.transports.gpio_section import GpioIoSection
from gonogo.testing.gpio import FakeChip
from gonogo.tests.base.gpio.sim import sim_chip
from gonogo.tests.plc.nozzle import NozzleBelt, Wired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.base.gpio.lines import Opens
    from gonogo.tests.base.gpio.sim import SimChip

OUT, FEEDBACK, EYE = 0, 1, 2
SLOW = 6.0  # an emulated processor


class _Chip:
    """What both have: the times at which something is before the eye."""

    def __init__(self) -> None:
        self.senses = True  # feedback and eye are at lines 1 and 2
        self.feedback_stuck: bool | None = None
        self.eye_stuck: bool | None = None
        self.covered: list[tuple[int, int]] = []

    def cover(self, begin_ns: int, end_ns: int) -> None:
        """Something is before the eye then."""
        self.covered.append((begin_ns, end_ns))

    def sees(self) -> bool:
        """Whether the eye says so now."""
        now_ns = time.monotonic_ns()
        seen = any(begin <= now_ns < end for begin, end in self.covered)
        return seen if self.eye_stuck is None else self.eye_stuck


class FakeRig(_Chip):
    """The fake chip: its outputs can be broken (`chip.outputs[OUT]`)."""

    slow = 1.0

    def __init__(self, merge_us: int = 0) -> None:
        super().__init__()
        self.chip = FakeChip("ejector", merge_us)
        self.name = self.chip.name
        self.opens: Opens = self.chip.open
        self.unplug, self.plug = self.chip.unplug, self.chip.plug

    @property
    def output(self) -> bool:
        """What it really is."""
        return self.chip.outputs[OUT].level

    def was(self, at_ns: int) -> bool:
        """What it really was."""
        return self.chip.outputs[OUT].was(at_ns)

    def tend(self) -> None:
        """Feedback and eye say what they say."""
        stuck = self.feedback_stuck
        if self.senses:
            self.chip.ties = {FEEDBACK: OUT} if stuck is None else {}
            self.chip.set(FEEDBACK, active=bool(stuck))
            self.chip.set(EYE, active=self.sees())
        _ = self.output


class SimRig(_Chip):
    """The kernel's simulator, by the real binding; its output cannot be broken."""

    slow = SLOW

    def __init__(self, chip: SimChip) -> None:
        super().__init__()
        from gonogo.base.gpio.chip import open_lines  # noqa: PLC0415 - after the package it needs

        self.chip, self.name = chip, chip.label
        self.opens: Opens = open_lines
        self.switched: list[tuple[int, bool]] = [(0, False)]
        self._there = True

    def unplug(self) -> None:
        """The chip goes."""
        self._there = False
        self.chip.unplug()

    def plug(self) -> None:
        """It is there again."""
        self.chip.plug()
        self._there = True

    @property
    def output(self) -> bool:
        """What is at the pin."""
        return self._there and self.chip.level(OUT)

    def was(self, at_ns: int) -> bool:
        """As it was seen."""
        return [active for since_ns, active in self.switched if since_ns <= at_ns][-1]

    def tend(self) -> None:
        """Look at the output, and let feedback and eye say what they say."""
        if not self._there:
            return
        on = self.output
        if on is not self.switched[-1][1]:
            self.switched.append((time.monotonic_ns(), on))
        stuck = self.feedback_stuck
        if self.senses:
            self.chip.set(FEEDBACK, active=on if stuck is None else stuck)
            self.chip.set(EYE, active=self.sees())


Rig = FakeRig | SimRig


@contextlib.contextmanager
def rig_of(kind: str) -> Iterator[Rig]:
    """The one of that kind: fake, or gpio-sim."""
    if kind == "fake":
        yield FakeRig(merge_us=1)
        return
    pytest.importorskip("gpiod", reason="gpiod is not installed")
    with sim_chip() as chip:
        yield SimRig(chip)


def section_of(name: str, **plc: Any) -> GpioIoSection:  # noqa: ANN401 - keys of [plc]
    """An ejector at line 0 of that chip."""
    keys = {"driver": "gpio-io", "chip": name, "line": str(OUT)}
    return GpioIoSection.model_validate(keys | plc)


def gpio_belt(rig: Rig, eject: dict[str, Any] | None = None, **plc: Any) -> NozzleBelt:  # noqa: ANN401 - keys of sections
    """A belt whose ejector hangs on that chip."""
    section = section_of(rig.name, **plc)
    make: Callable[[int], GpioIo] = lambda wake_fd: GpioIo(section, wake_fd, rig.opens)  # noqa: E731
    return NozzleBelt(rig, Wired(section, make), eject)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says of the ejector, with its number."""
    return [r.getMessage() for r in caplog.records if "GN420" in r.getMessage()]


def stands(belt: NozzleBelt) -> bool:
    """Whether FAULT is latched and the permit off."""
    return belt.link.state is State.FAULT and not belt.link.permit
