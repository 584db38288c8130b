"""How late the simulator itself is, by its own clock: what a judge has to know of itself.

A thread of it owes something from a moment on: a scan from its place in the grid, a reply from
the arrival of the request in its socket, a look at a reply from that one's arrival. Until it is
done, the station waits for us and not we for it. A process that was stopped notices nothing but
this: that it is later than it was a moment ago.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.proving.plcsim.plan import NS_PER_MS

if TYPE_CHECKING:
    from gonogo.proving.plcsim.diary import Tell

TOLD_MS = 10.0  # told when owed for longer than this, or than a scan where that is shorter


class Owed:
    """What one thread owes, and since when; tells the diary where that lasted too long."""

    def __init__(self, tell: Tell, scan_ms: float) -> None:
        # of one thread alone: each that answers has an Owed of its own, so none needs a lock
        self._tell = tell
        self._told_ns = round(min(scan_ms, TOLD_MS) * NS_PER_MS)
        self._what = ""
        self._since_ns = 0  # monotonic ns; means nothing while nothing is owed

    def since(self, at_ns: int, what: str) -> None:
        """From now on, or from a moment that has passed, it is our turn."""
        self._what, self._since_ns = what, at_ns

    def until(self, now_ns: int) -> None:
        """Done: it is the station's turn, or nobody's."""
        if self._what:
            self.span(self._what, self._since_ns, now_ns)
            self._what = ""

    def span(self, what: str, since_ns: int, until_ns: int) -> None:
        """It was our turn between these two moments."""
        # below that it is jitter, and thousands of lines
        if until_ns - since_ns > self._told_ns:
            self._tell("behind", until_ns, what=what, since_ns=since_ns)


def untold() -> Owed:
    """For a connection that nobody judges by."""
    return Owed(lambda *_, **__: None, TOLD_MS)
