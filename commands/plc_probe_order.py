"""What a probe is asked for, and how long its steps take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gonogo.base.words import VerdictKind


class ProbeTimes(NamedTuple):
    """In seconds; of a PLC and, the last two, of a remote I/O module. Tests take less.

    `first_s`: who else writes there is looked for, before anything is written. `least_s`,
    `most_s`: words are exchanged. `drive_s`: a verdict by hand may take. `watch_s`: as
    `first_s`. `hold_s`: a coil is held, and longer where it may follow late.
    """

    first_s: float = 1.0  # ten beats of whoever else is there
    least_s: float = 3.0
    most_s: float = 30.0
    drive_s: float = 10.0
    watch_s: float = 1.0
    hold_s: float = 0.5


TIMES = ProbeTimes()


class ProbeOrder(NamedTuple):
    """How many round trips; the PLC's view of D24-D25; a verdict to drive by hand."""

    trips: int = 1000
    pattern: int | None = None
    drive: VerdictKind | None = None
    times: ProbeTimes = TIMES
