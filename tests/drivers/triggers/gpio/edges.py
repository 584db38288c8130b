"""How many edges a second the triggers by GPIO follow on this box, with the fake chip.

    python -I -m gonogo.tests.drivers.triggers.gpio.edges

Ratios alone: to the 2,000 edges a second that an encoder may have, and to reading and dropping the
same edges. Not measured: the kernel's interrupts, which take their own time of the processor.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from gonogo.drivers.triggers.gpio.section import EDGES_PER_S_MAX
from gonogo.drivers.triggers.gpio.trigger import GpioTrigger
from gonogo.drivers.triggers.gpio.watch import BeltWatch
from gonogo.testing.gpio import FakeChip
from gonogo.tests.drivers.triggers.gpio.eyes import MS, QUARTERS, encoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.gpio.lines import Edge
    from gonogo.base.words import TriggerEvent

ROUNDS, EDGES = 40, 1000
PITCH_EDGES = 100  # a part every so many


class Nobody:
    """A watch that looks at nothing: what reading alone takes."""

    missed = 0

    def begin(self, levels: tuple[bool, ...]) -> None:
        """Nothing."""

    def doubt(self) -> None:
        """Nothing."""

    def look(self, edge: Edge, now_ns: int) -> TriggerEvent | None:
        """Nothing."""

    def counts(self) -> dict[str, int]:
        """Nothing."""
        return {}


class Belt:
    """Turns an encoder and lets parts pass, in the past."""

    def __init__(self, chip: FakeChip) -> None:
        self._chip = chip
        self._edges = 0
        self._at_ns = time.monotonic_ns() - 3600 * 1000 * MS

    def run(self, edges: int) -> None:
        """So many edges of the encoder, at 400 a second."""
        for _ in range(edges):
            self._at_ns += 5 * MS // 2
            before, self._edges = QUARTERS[self._edges % 4], self._edges + 1
            after = QUARTERS[self._edges % 4]
            channel = 0 if before[0] is not after[0] else 1
            self._chip.set(1 + channel, active=after[channel], at_ns=self._at_ns)
            if self._edges % PITCH_EDGES in {0, PITCH_EDGES // 2}:
                self._chip.set(0, active=self._edges % PITCH_EDGES == 0, at_ns=self._at_ns)
        self._chip.record.clear()


def drained(trigger: GpioTrigger) -> None:
    """All that waits, as the line takes it."""
    while trigger.wait(0) is not None:
        pass


def ns_per_edge(watch: object, step: int) -> float:
    """Of the trigger's side alone: `step` edges wait each time that the line asks."""
    chip, section = FakeChip(), encoder()
    trigger = GpioTrigger(section.order, watch, chip.open)  # type: ignore[arg-type]  # a watch or Nobody
    belt, took_ns = Belt(chip), 0
    with closing(trigger):
        for _ in range(ROUNDS * (EDGES // step)):
            belt.run(step)
            # of the processor: what others take from this thread is no part of it
            began_ns = time.thread_time_ns()
            drained(trigger)
            took_ns += time.thread_time_ns() - began_ns
    return took_ns / (ROUNDS * EDGES)


def rows(measure: Callable[[object, int], float] = ns_per_edge) -> list[str]:
    """The ratios, in words."""
    said = []
    for what, step in (("one by one", 1), ("500 at a time", 500)):
        follows = measure(BeltWatch(encoder(), 0), step)
        reads = measure(Nobody(), step)
        share = EDGES_PER_S_MAX * follows / 1e9
        said.append(
            f"edges that come {what}: one core follows {1 / share:.1f} times 2,000 a second "
            f"({100 * share:.1f} % of it at 2,000); {follows / reads:.2f} times reading alone"
        )
    return said


if __name__ == "__main__":
    print("\n".join(rows()))  # noqa: T201 - this is its output
