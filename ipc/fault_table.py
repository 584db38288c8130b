"""Which faults are to be shown at this moment: a table in shared memory, one row a kind.

Written by the injector, read by whoever shows them: one word and one comparison, for
it stands in the cycle.

words of a row    0 until ns (0: off)  1 amount (float64)  2 injected  3 shown
                  4 injected, as far as an event was taken up
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.shm import Segment, segment_path
from gonogo.ipc.fault_kinds import FAULTS, NUMBERS

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

ROW_WORDS = 5
NS_PER_S = 1_000_000_000
FOR_EVER_NS = (1 << 63) - 1
_UNTIL_NS, _AMOUNT, _INJECTED, _SHOWN, _TAKEN = range(ROW_WORDS)
# what lies behind the rows: gonogo.ipc.output_test
BEHIND_AT, BEHIND_WORDS = 8 * len(FAULTS) * ROW_WORDS, 8


class FaultsToShow:
    """The board for whoever shows faults: a process asks, and counts what it has shown."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fence = segment.fence
        rows = {kind: 8 * ROW_WORDS * number for kind, number in NUMBERS.items()}
        # mapped once, here: what asks in the cycle finds its row by one look into a table
        self._rows = {kind: segment.words(at, ROW_WORDS) for kind, at in rows.items()}
        self._reals = {kind: segment.reals(at, ROW_WORDS) for kind, at in rows.items()}

    @classmethod
    def attach(cls, station: str) -> Self:
        """Map the board of a station."""
        return cls(Segment.attach(board_path(station)))

    def show(self, kind: str) -> bool:
        """Whether to show a fault now; counted where it is shown."""
        row = self._rows[kind]
        until_ns = row[_UNTIL_NS]
        # 0 first: without a fault no clock is read in the cycle
        if not until_ns or time.monotonic_ns() >= until_ns:
            return False
        row[_SHOWN] += 1
        return True

    def show_once(self, kind: str) -> bool:
        """Whether to show a fault that is an event: once, however often it was asked for."""
        row = self._rows[kind]
        injected = row[_INJECTED]
        # more than one may be waiting; they are shown as one
        if row[_TAKEN] >= injected:
            return False
        row[_TAKEN] = injected
        row[_SHOWN] += 1
        return True

    def shown(self, kind: str) -> None:
        """A fault that was found active has been shown."""
        self._rows[kind][_SHOWN] += 1

    def active(self, kind: str) -> bool:
        """Whether a fault is to be shown now; not counted."""
        return self._rows[kind][_UNTIL_NS] > time.monotonic_ns()

    def amount(self, kind: str) -> float:
        """How much of it, of one that was found active."""
        self.fence()
        return self._reals[kind][_AMOUNT]

    def close(self) -> None:
        """Drop this process's view of the board."""
        self._rows.clear()
        self._reals.clear()
        self.segment.close()


class FaultBoard(FaultsToShow):
    """The board for whoever says what is to be shown: the supervisor, and what makes it."""

    @classmethod
    def create(cls, station: str) -> Self:
        """Make the board of a station: nothing is to be shown."""
        return cls(Segment.create(board_path(station), BEHIND_AT + 8 * BEHIND_WORDS))

    def set(self, kind: str, for_s: float | None, amount: float) -> None:
        """Show a fault from now on, for so many seconds or until it is cleared."""
        row = self._rows[kind]
        self._reals[kind][_AMOUNT] = amount
        # before it is shown, so that nobody can have shown more than there were
        row[_INJECTED] += 1
        until_ns = FOR_EVER_NS
        if for_s is not None:
            until_ns = time.monotonic_ns() + round(for_s * NS_PER_S)
        self.fence()
        row[_UNTIL_NS] = until_ns  # last: who shows it finds its amount

    def clear(self) -> None:
        """Show nothing any more."""
        for row in self._rows.values():
            row[_UNTIL_NS] = 0
            # an event that nobody has shown yet does not come after it was cleared
            row[_TAKEN] = row[_INJECTED]

    def counts(self, kind: str) -> tuple[int, int]:
        """How often it was injected, and shown."""
        row = self._rows[kind]
        return row[_INJECTED], row[_SHOWN]


def board_path(station: str) -> Path:
    """Where the board of a station lies."""
    return segment_path(station, "faults")
