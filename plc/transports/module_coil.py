"""An output that the ejector hangs on: told where it changes, and again for its watchdog."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REFRESH_NS = 50_000_000  # the coil is written at least this often, for the module's watchdog


class ModuleCoil:
    """`told` is what was written and acknowledged last; None: nothing, on this connection.

    `write` switches it, LinkError where nobody acknowledges.
    """

    def __init__(self, write: Callable[[bool], None]) -> None:
        self._write = write
        self.told: bool | None = None
        self.told_ns = 0

    def due(self, *, on: bool, edge_is_near: bool) -> bool:
        """At once where it changes; a refresh can be left to an edge that is just coming.

        One request at a time: a refresh just before an edge would hold the edge up by a reply.
        """
        if on is not self.told:
            return True
        # twice REFRESH_NS at most: well within the 300 ms that a module's watchdog should have
        overdue_ns = time.monotonic_ns() - self.told_ns - REFRESH_NS
        return overdue_ns >= (REFRESH_NS if edge_is_near else 0)

    def tell(self, *, on: bool) -> None:
        """Write it; LinkError as an exchange."""
        self._write(on)
        self.told, self.told_ns = on, time.monotonic_ns()

    def let_go(self) -> None:
        """Off, where it is on: nothing will come after this. LinkError as an exchange."""
        on, self.told = self.told, None
        if on:
            self._write(False)  # noqa: FBT003 - off

    def distrust(self, since_ns: int) -> None:
        """It does not read as it was told at that time: it is told again when that is due."""
        self.told_ns = min(self.told_ns, since_ns)
