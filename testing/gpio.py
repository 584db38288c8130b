"""A GPIO chip for tests: photo-eye and encoder, and what hangs at an output.

    chip = FakeChip("eye")
    trigger = GpioTrigger(section.order, watch, chip.open)
    chip.set(0, active=True, at_ns=...)          # a level at a line, by its place in the order

It shows what the kernel makes of levels: stamps, numbers, debounce, a buffer whose oldest edges are
dropped without a word, edges that merge while an interrupt waits, a chip that goes and comes back,
lines that another program has. `record` keeps every level as (t_us, line, active). Outputs:
gonogo.testing.gpio_output; `ties` let an input follow one.

Not simulated: the time that the kernel takes, edges while nobody has the lines, resistors, edges of
an input that is tied.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import GpioAbsent, GpioHeld
from gonogo.base.gpio.lines import MOST_EDGES, Edge, Order
from gonogo.testing.gpio_output import FakeOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

US = 1000  # ns
S = 1_000_000_000  # ns


class Level(NamedTuple):
    """What was at a line since when: microseconds after the chip was made."""

    t_us: int
    line: int
    active: bool


class FakeChip:
    """One chip, whose lines one order has at a time.

    `merge_us`: edges closer than that to the one before share its interrupt: one edge comes of
    them, with the level at the end, and no number is left out. `hz`: the kernel's ticks a second,
    of which its debouncing is made (100, 250, 300 or 1000). `keeps`: an output that nobody has any
    more stays as it was; many chips do, others let it go to its resistor.
    """

    def __init__(
        self, name: str = "fake", merge_us: int = 0, hz: int = 250, *, keeps: bool = False
    ) -> None:
        self.name = name
        self._keeps = keeps
        self.outputs: defaultdict[int, FakeOutput] = defaultdict(FakeOutput)
        """What hangs at each output, to be broken at will."""
        self.ties: dict[int, int] = {}
        """Inputs that follow an output, as a feedback does."""
        self._tick_ns = S // hz
        self.record: list[Level] = []
        self.opened = 0  # times
        self._merge_ns = merge_us * US
        self._made_ns = time.monotonic_ns()
        self._levels: dict[int, bool] = {}
        self._held: FakeLines | None = None
        self._holder = ""
        self._there = True

    # -- what a trigger does ----------------------------------------------------------------

    def open(self, order: Order) -> FakeLines:
        """As gonogo.base.gpio.chip.open_lines: GpioAbsent, GpioHeld."""
        if not self._there:
            raise GpioAbsent(f"chip '{order.chip}' is not there; plug it in")
        if self._holder:
            raise GpioHeld(
                f"chip {self.name}: line {order.lines[0].name} is taken by '{self._holder}'"
            )
        self._holder, self.opened = order.consumer, self.opened + 1
        for line, wanted in enumerate(order.lines):
            if wanted.drive is not None:
                self.outputs[line].put(active=False)
        self._held = FakeLines(
            order, Silicon(self.level, self.outputs, self._merge_ns, self._tick_ns, self._let_go)
        )
        return self._held

    def _let_go(self) -> None:
        if not self._keeps:
            for output in self.outputs.values():
                output.put(active=False)
        self._held, self._holder = None, ""

    def level(self, line: int) -> bool:
        """What is at the pin now, whoever made it so."""
        if line in self.outputs:
            return self.outputs[line].level
        tied = self.ties.get(line)
        return self._levels.get(line, False) if tied is None else self.outputs[tied].level

    # -- what a test does -------------------------------------------------------------------

    def set(self, line: int, *, active: bool, at_ns: int | None = None) -> None:
        """The level at a line changes (logical: active_low is past), at a moment in the past."""
        at_ns = time.monotonic_ns() if at_ns is None else at_ns
        self.record.append(Level((at_ns - self._made_ns) // US, line, active))
        if self._held is not None:
            self._held.settle(at_ns)
        changed = self._levels.get(line, False) is not active
        self._levels[line] = active
        if changed and self._held is not None:
            self._held.change(line, at_ns, active=active)

    def play(self, levels: Iterable[tuple[int, int, bool]], from_ns: int) -> None:
        """A script of (t_us, line, active), from that moment on."""
        for t_us, line, active in levels:
            self.set(line, active=active, at_ns=from_ns + t_us * US)

    def settle(self, at_ns: int) -> None:
        """Nothing changes until then: what the kernel debounces is believed."""
        if self._held is not None:
            self._held.settle(at_ns)

    def take(self, consumer: str) -> None:
        """Another program has the lines."""
        self._holder = consumer

    def give(self) -> None:
        """It has them no more."""
        self._holder = ""

    def unplug(self) -> None:
        """The chip goes, as an expander on USB does."""
        self._there = False
        if self._held is not None:
            self._held.break_off()

    def plug(self) -> None:
        """It is there again."""
        self._there = True


class Silicon(NamedTuple):
    """What lines have of their chip: levels, outputs, times in ns, and how they are let go."""

    level: Callable[[int], bool]
    outputs: Mapping[int, FakeOutput]
    merge_ns: int
    tick_ns: int
    let_go: Callable[[], None]


class FakeLines:
    """Lines of a fake chip (see gonogo.base.gpio.lines.Lines)."""

    def __init__(self, order: Order, chip: Silicon) -> None:
        self._order, self._chip = order, chip
        self._merge_ns, self._tick_ns = chip.merge_ns, chip.tick_ns
        self._edges: deque[Edge] = deque(maxlen=order.buffer_edges)
        self._sequences = [0] * len(order.lines)
        self._stable = [chip.level(line) for line in range(len(order.lines))]
        # since when a debounced line has shown another level than the one that is believed
        self._doubted_ns: dict[int, int] = {}
        self._interrupt_ns: dict[int, int] = {}
        self._broken = False
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    @property
    def fd(self) -> int:
        """See Lines."""
        return self._fd

    def read(self) -> list[Edge]:
        """See Lines; BlockingIOError where the kernel's would wait for ever."""
        if self._broken:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        os.eventfd_read(self._fd)
        taken = [self._edges.popleft() for _ in range(min(len(self._edges), MOST_EDGES))]
        if self._edges:
            os.eventfd_write(self._fd, 1)
        return taken

    def levels(self) -> tuple[bool, ...]:
        """See Lines."""
        if self._broken:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return tuple(
            # what has no edges is no matter of belief
            self._chip.level(line) if wanted.drive or not wanted.edges else self._stable[line]
            for line, wanted in enumerate(self._order.lines)
        )

    def put(self, line: int, *, active: bool) -> None:
        """See Lines; as the kernel's, an input cannot be switched."""
        if self._broken:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        if self._order.lines[line].drive is None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        self._chip.outputs[line].put(active=active)

    def close(self) -> None:
        """See Lines."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            self._chip.let_go()
            os.close(fd)

    # -- what the chip does -----------------------------------------------------------------

    def change(self, line: int, at_ns: int, *, active: bool) -> None:
        """A level at the pin."""
        # a line that nobody asked for, or without edges
        if line >= len(self._order.lines) or not self._order.lines[line].edges:
            return
        if self._order.lines[line].debounce_us:
            self._doubted_ns[line] = at_ns
            return
        last_ns = self._interrupt_ns.get(line)
        if last_ns is not None and at_ns - last_ns < self._merge_ns:
            self._merge(line, active=active)
            return
        self._interrupt_ns[line] = at_ns
        self._emit(line, at_ns, active=active)

    def settle(self, at_ns: int) -> None:
        """What has stood for the time of its debouncing is believed, and stamped after it."""
        for line, since_ns in list(self._doubted_ns.items()):
            # whole ticks, and the one that runs is none of them: a timer is never early
            ticks = -(-self._order.lines[line].debounce_us * US // self._tick_ns) + 1
            over_ns = (since_ns // self._tick_ns + ticks) * self._tick_ns
            if over_ns <= at_ns:
                del self._doubted_ns[line]
                active = self._chip.level(line)
                if active is not self._stable[line]:
                    self._emit(line, over_ns, active=active)

    def break_off(self) -> None:
        """The chip is gone: readable, and an error to read."""
        self._broken = True
        os.eventfd_write(self._fd, 1)

    def _emit(self, line: int, at_ns: int, *, active: bool) -> None:
        self._stable[line] = active
        self._sequences[line] += 1
        self._edges.append(Edge(line, at_ns, active, self._sequences[line]))
        # once is enough: a read leaves it ringing while there is more
        with contextlib.suppress(BlockingIOError):
            os.eventfd_write(self._fd, 1)

    def _merge(self, line: int, *, active: bool) -> None:
        """The interrupt that waits reads the level as it is now."""
        self._stable[line] = active
        for k in range(len(self._edges) - 1, -1, -1):
            if self._edges[k].line == line:
                self._edges[k] = self._edges[k]._replace(active=active)
                return
