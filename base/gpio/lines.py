"""What triggers and ejectors ask of a GPIO chip: the kernel stands behind it (chip.py), or a fake.

The fake one is gonogo.testing.gpio: no test needs a chip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Bias = Literal["as-is", "disabled", "pull-up", "pull-down"]
Drive = Literal["push-pull", "open-drain", "open-source"]
MOST_EDGES = 64  # read in one go
LONG_AGO_NS = -(1 << 62)  # before any moment of CLOCK_MONOTONIC, which begins as the box does


class Wanted(NamedTuple):
    """One line; `name` is an offset in digits or the line's name. `debounce_us`: the kernel's.

    `drive`: an output, which is opened inactive; None: an input. `edges`: an input whose edges are
    wanted, for which a chip needs interrupts; of others, and of outputs, there are levels alone.
    """

    name: str
    active_low: bool = False
    bias: Bias = "as-is"
    debounce_us: int = 0
    drive: Drive | None = None
    edges: bool = True


class Order(NamedTuple):
    """Lines of one chip, asked for together; edges, where wanted, both, by CLOCK_MONOTONIC.

    `chip` is a path, a name or a label. `consumer` is what `gpioinfo` shows. `buffer_edges`: what
    the kernel keeps for us while nobody reads; beyond it the oldest are dropped.
    """

    chip: str
    lines: tuple[Wanted, ...]
    consumer: str
    buffer_edges: int


class Edge(NamedTuple):
    """One edge: `line` is its place in the order, `sequence` counts the edges of that line from 1.

    `at_ns` is the kernel's stamp. `active`: the level after it, as the line was read a moment
    later: of a pulse shorter than that moment both edges say the same.
    """

    line: int
    at_ns: int
    active: bool
    sequence: int


class Lines(Protocol):
    """Lines that are open. Only `levels`, `put` and `close` may wait for the device."""

    @property
    def fd(self) -> int:
        """Readable while edges wait, and once the chip is gone."""
        ...

    def read(self) -> Sequence[Edge]:
        """At most MOST_EDGES that wait, oldest first; OSError once the chip is gone."""
        ...

    def levels(self) -> tuple[bool, ...]:
        """Whether each line is active now; OSError. Of an output, as its chip reads it."""
        ...

    def put(self, line: int, *, active: bool) -> None:
        """Switch an output, by its place in the order; OSError."""
        ...

    def close(self) -> None:
        """Let others have them; idempotent."""
        ...


if TYPE_CHECKING:
    Opens = Callable[[Order], Lines]
