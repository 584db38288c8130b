"""Two channels, a quarter of a pulse apart: how far the belt has come, and which way. Pure.

forwards, A first    A  _|~~|__|~~|__
                     B  __|~~|__|~~|_
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.base.gpio.lines import Edge

A, B = 0, 1


class Quadrature:
    """`position` counts edges forwards; `lost` those that never came."""

    def __init__(self, *, a_first: bool) -> None:
        self._forwards = 1 if a_first else -1
        self._levels = [False, False]
        self._sequences = [0, 0]
        self.position = 0
        self.lost = 0

    def begin(self, a: bool, b: bool) -> None:  # noqa: FBT001 - two levels
        """The lines were opened: numbers begin anew, and the position stays."""
        self._levels = [a, b]
        self._sequences = [0, 0]

    def look(self, channel: int, edge: Edge) -> bool:
        """Take one edge of a channel; False where some were lost before it."""
        lost = edge.sequence - self._sequences[channel] - 1
        self._sequences[channel] = edge.sequence
        # two edges of a channel that say the same: the one between them was merged away
        merged = edge.active is self._levels[channel]
        self._levels[channel] = edge.active
        self.lost += max(lost, int(merged))
        if merged:
            return False
        alike = edge.active is self._levels[1 - channel]
        # A that meets another B has gone first; B goes first where it meets another A
        a_leads = alike if channel == B else not alike
        self.position += self._forwards if a_leads else -self._forwards
        return lost <= 0
