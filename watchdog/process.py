"""One supervised process: started by us, or found alive and adopted."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from gonogo.base.handover import hand_over
from gonogo.base.realtime import without_rank
from gonogo.ipc.process_table import start_time

if TYPE_CHECKING:
    from gonogo.ipc.process_table import RowView


class Process:
    """A process that is watched through its pidfd, whoever started it.

    `code` is its exit status once it ended (negative: the signal), None while it runs,
    and for ever where somebody else was its parent or a debugger was told first.

    That it ended is seen without reaping it. The kernel reaps by taking the files of the
    process in /proc down, and waits for its last thread to have taken its own down, in a
    loop, without sleeping: a reaper of a higher rank on the core of that thread would hold
    it up, and itself, for ever. `reap` therefore reaps without rank.
    """

    def __init__(self, pid: int, popen: subprocess.Popen[bytes] | None) -> None:
        self.pid = pid
        # it leads to this process for ever, while its pid may be given to another (pidfd_open(2))
        self.pidfd = os.pidfd_open(pid)
        self.code: int | None = None
        self._popen = popen

    @classmethod
    def spawn(cls, module: str, told: str, words: tuple[str, ...], stderr_fd: int,
              popen: type[subprocess.Popen[bytes]] = subprocess.Popen) -> Process:  # fmt: skip
        """Start `python -m module FD words...` in a session of its own.

        `told` is what it can read from the descriptor FD; the words are for everybody to see.
        """
        fd = hand_over(told)
        try:
            child = popen(
                # -I: neither this folder nor PYTHON variables change what is imported
                [sys.executable, "-I", "-m", module, str(fd), *words],
                stdin=subprocess.DEVNULL,
                stderr=stderr_fd,
                pass_fds=(fd,),
                # Ctrl-C at the terminal reaches the supervisor alone, which stops the rows in order
                start_new_session=True,
            )
        finally:
            # the child has its own
            os.close(fd)
        return cls(child.pid, child)

    @classmethod
    def adopt(cls, pid: int) -> Process:
        """Watch a process that another supervisor started; ProcessLookupError if it is gone."""
        return cls(pid, None)

    @classmethod
    def of(cls, beat: RowView) -> Process | None:
        """The living process that a row of the table names and seals; None without one."""
        if not beat.lives:
            return None
        try:
            found = cls.adopt(beat.pid)
        except ProcessLookupError:
            return None
        if start_time(beat.pid) == beat.started:  # what the descriptor leads to stays what it is
            return found
        # the pid was given to another process while we looked
        os.close(found.pidfd)
        return None

    @property
    def ended(self) -> bool:
        """Whether it has ended; where it is ours, it is still to be reaped."""
        if self.pidfd < 0:
            return True
        # readable once it has ended, and not yet reaped (pidfd_open(2))
        if not select.select([self.pidfd], [], [], 0)[0]:
            return False
        if self._popen is not None:
            # only a parent is told how its child ended
            self.code = _status_of(self.pidfd)
        os.close(self.pidfd)
        self.pidfd = -1
        return True

    def reap(self) -> bool:
        """Reap it after its end, when nothing else is urgent; False where a debugger holds it."""
        if self._popen is None:
            return True
        with without_rank():
            return self._popen.poll() is not None

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens to a process that has ended."""
        if self.pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; False when it still runs after that."""
        if self.pidfd >= 0:
            select.select([self.pidfd], [], [], timeout_s)
        return self.ended


def _status_of(pidfd: int) -> int | None:
    """Exit status of a child that has ended, which stays as it is; None while it is traced."""
    # WNOWAIT: it stays a zombie, for `reap`
    found = os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    if found is None:
        return None
    return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


def describe(code: int | None) -> str:
    """An exit status in words."""
    if code is None:
        return "status unknown"
    return f"signal {-code}" if code < 0 else f"exit code {code}"
