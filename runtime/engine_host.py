"""The process behind an engine slot, as the line sees it: whether it serves, and whether it lives.

What it says of itself stands in shared memory (gonogo.ipc.engine_queue); that it has ended, its
pidfd says sooner than anybody who waits for an answer could find out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.ipc.engine_queue import HostState
from gonogo.ipc.peer_process import PeerProcess

if TYPE_CHECKING:
    from gonogo.ipc.engine_queue import LineMailbox


class EngineHost:
    """One host after the other; each start of one is an epoch of its own."""

    def __init__(self, mailbox: LineMailbox) -> None:
        self.process = PeerProcess()
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
