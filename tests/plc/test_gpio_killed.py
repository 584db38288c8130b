"""Whoever holds the ejector's output is killed while it is on, by SIGKILL, and another takes over.

The pin is the judge, looked at all the time. A chip in a file, whose lines the kernel takes back
as it takes back a real chip's, either keeps the level or drops it; the kernel's simulator has a
resistor, which pulls down or up (as a chip that keeps the level on would).
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.base.gpio.sim import sim_chip
from gonogo.tests.plc.filechip import FileChip
from gonogo.tests.plc.nozzle import EJECT, SPEED_MM_S
from gonogo.tests.plc.pin import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.tests.plc.pin import Pin

log = logging.getLogger(__name__)

WAIT_S = 120.0
AFTER = 6  # parts of the one who took over
CHIPS = {  # kind of chip, whether the output stays on, how slow
    "keeps": ("keeps", True, 3.0),
    "drops": ("drops", False, 3.0),
    "gpio-sim pulled down": ("kernel", False, 6.0),
    "gpio-sim pulled up": ("kernel", True, 6.0),
}


class Holder:
    """A process of holder.py, ready; `parts` are its parts and when they were triggered."""

    def __init__(self, chip: str, kind: str, slow: float) -> None:
        program = [sys.executable, "-I", "-m", "gonogo.tests.plc.holder", chip, kind, str(slow)]
        self._process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._order, self._said = self._process.stdin, self._process.stdout
        self.parts: list[tuple[int, int]] = []
        assert self._said.readline() == "ready\n"
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()

    def _hear(self) -> None:
        for line in self._said:
            part_id, trigger_ns = map(int, line.split())
            self.parts.append((part_id, trigger_ns))

    def begin(self) -> None:
        """Its turn."""
        self._order.write("\n")
        self._order.flush()

    def kill(self) -> None:
        """SIGKILL, and wait until the kernel has taken everything back; idempotent."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._order.close()
        self._said.close()


@pytest.fixture(params=CHIPS)
def chip(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Pin, str, bool, float]]:
    """Each of them: the pin, its kind, whether it stays on, how slow."""
    kind, stays, slow = CHIPS[request.param]
    if kind != "kernel":
        yield FileChip(tmp_path / "chip", keeps=stays), kind, stays, slow
        return
    pytest.importorskip("gpiod", reason="gpiod is not installed")
    with sim_chip() as sim:
        sim.set(0, active=stays)
        yield sim, kind, stays, slow


def until(what: str, done: Callable[[], object]) -> None:
    """Wait for something; the bound only ends a test that fails."""
    end_s = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < end_s, what
        time.sleep(0.005)


def windows(parts: list[tuple[int, int]], slow: float) -> Iterator[tuple[bool, float, float]]:
    """Of each part: whether it is good, and the middle half of its window at the nozzle."""
    speed_mm_ns = SPEED_MM_S / slow / 1e9
    for part_id, trigger_ns in parts:
        middle_ns = trigger_ns + EJECT["distance_mm"] / speed_mm_ns
        quarter_ns = EJECT["window_mm"] / speed_mm_ns / 4
        yield part_id % 2 == 1, middle_ns - quarter_ns, middle_ns + quarter_ns


def test_holder_that_is_killed_with_the_output_on_lets_no_bad_part_pass(
    chip: tuple[Pin, str, bool, float],
) -> None:
    """Off with it, or once the next one has the line; until then a chip that keeps it is open."""
    pin, kind, stays, slow = chip
    with contextlib.ExitStack() as stack, Watch(pin) as watch:
        first, spare = (Holder(pin.name, kind, slow) for _ in range(2))
        stack.callback(spare.kill)
        stack.callback(first.kill)
        first.begin()
        until("no parts", lambda: len(first.parts) >= AFTER)
        begun_ns = time.monotonic_ns()
        until("never off", lambda: watch.first(begun_ns, on=False))
        off_ns = watch.first(begun_ns, on=False)
        until("never on", lambda: watch.first(off_ns, on=True))
        killed_ns = time.monotonic_ns()
        first.kill()
        spare.begin()
        until("it stays on", lambda: watch.first(killed_ns, on=False))
        freed_ns = watch.first(killed_ns, on=False)
        until("no parts any more", lambda: len(spare.parts) >= AFTER)
    log.info("%s, %s: off %.1f ms after the kill", kind, stays, (freed_ns - killed_ns) / 1e6)
    seen: dict[bool, set[bool]] = {True: set(), False: set()}
    for good, begin_ns, end_ns in windows(first.parts + spare.parts, slow):
        if not (stays and begin_ns < freed_ns and killed_ns < end_ns):
            seen[good] |= watch.within(begin_ns, end_ns)
    assert seen[False] == {False}
    assert True in seen[True]
