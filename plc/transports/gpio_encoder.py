"""An encoder at lines of the ejector's chip, counted as a PLC would count it in P110-P111. Pure.

Whoever follows the belt knows of a count only that it jumped (gonogo.plc.belt): so edges that
were lost, and lines that were opened anew, make it jump by half of its range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.gpio.quadrature import Quadrature

if TYPE_CHECKING:
    from gonogo.base.gpio.lines import Edge

EDGES_PER_S_MAX = 2000.0  # beyond it the link would have no time for its verdicts
_U32, _HALF = 1 << 32, 1 << 31


class EncoderCount:
    """All edges of both channels, forwards and backwards."""

    def __init__(self, *, a_first: bool) -> None:
        self._quadrature = Quadrature(a_first=a_first)
        self._jump = 0
        self._lost = False

    def begin(self, a: bool, b: bool) -> None:  # noqa: FBT001 - two levels
        """The lines were opened: until then the belt may have moved unseen."""
        self._quadrature.begin(a, b)
        self._lost = True

    def look(self, channel: int, edge: Edge) -> None:
        """Take one edge."""
        if not self._quadrature.look(channel, edge):
            self._lost = True

    def take(self) -> int:
        """The count now, a u32; each call is for somebody who compares it with the one before."""
        # once a call, however often: two jumps would be none
        if self._lost:
            self._lost, self._jump = False, self._jump ^ _HALF
        return (self._quadrature.position + self._jump) % _U32
