"""The process behind an engine slot, as the line sees it: whether it serves, and whether it lives.

What it says of itself stands in shared memory (gonogo.ipc.engine_queue); that it has ended, its
pidfd says sooner than anybody who waits for an answer could find out.
"""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

from gonogo.ipc.engine_queue import HostState

if TYPE_CHECKING:
    from gonogo.ipc.engine_queue import LineMailbox


class HostProcess:
    """Its pidfd is readable the moment it ends.

    A host that was never followed counts as there: its answers decide.
    """

    def __init__(self) -> None:
        self.fds: list[int] = []
        self.gone = False

    def follow(self, pid: int) -> None:
        """A host with this process id has started."""
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


class EngineHost:
    """One host after the other; each start of one is an epoch of its own."""

    def __init__(self, mailbox: LineMailbox) -> None:
        self.process = HostProcess()
        self._mailbox = mailbox
        self._met = -1  # the epoch whose process is followed
        self._shunned = -1  # the epoch of a host that has loaded what must not judge

    def meet(self) -> bool:
        """Before it is asked: whether it is another one than the last time."""
        anew = self._mailbox.epoch != self._met
        if anew:
            self._met = self._mailbox.epoch
            self.process.follow(self._mailbox.pid)
        self.process.poll()
        return anew

    def shun(self) -> None:
        """Trust nothing that the present one says: it has loaded another recipe than is judged."""
        self._shunned = self._mailbox.epoch

    @property
    def replaced(self) -> bool:
        """Whether another one has started since we met: what the former was asked is over."""
        return self._mailbox.epoch != self._met

    @property
    def ready(self) -> bool:
        """Whether it serves, and its process lives."""
        self.process.poll()
        epoch = self._mailbox.epoch  # read once: the host may start anew between two lines
        gone = self.process.gone and epoch == self._met
        return self._mailbox.ready and not gone and epoch != self._shunned

    @property
    def failed(self) -> bool:
        """Whether it could not load what it was told."""
        return self._mailbox.state == HostState.FAILED

    @property
    def epoch(self) -> int:
        """How often one has started."""
        return self._mailbox.epoch

    @property
    def gains(self) -> bool:
        """Whether it answers faster when it is kept warm."""
        return self._mailbox.gains
