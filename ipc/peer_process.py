"""Another process of the station, as one that waits for its answers sees it."""

from __future__ import annotations

import os
import select


class PeerProcess:
    """Its pidfd is readable the moment it ends: nobody has to wait for an answer of the dead.

    One that was never followed counts as there: its answers decide.
    """

    def __init__(self) -> None:
        self.fds: list[int] = []
        self.gone = False

    def follow(self, pid: int) -> None:
        """A process with this id has started in its place."""
        self._drop()
        self.gone = False
        try:
            self.fds = [os.pidfd_open(pid)] if pid else []
        except OSError:
            self.gone = True

    def poll(self) -> None:
        """See whether it has ended; never waits."""
        if self.fds and select.select(self.fds, [], [], 0)[0]:
            self.ended()

    def ended(self) -> None:
        """It has ended: nothing will come of what it was asked."""
        self._drop()
        self.gone = True

    def _drop(self) -> None:
        for fd in self.fds:
            os.close(fd)
        self.fds = []
