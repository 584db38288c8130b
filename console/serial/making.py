"""A support bundle that is being made by a process of its own, and what follows once it is."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from gonogo.base.errors import NotTakenAlong
from gonogo.console.serial.table import GIVE_UP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import Answer

MOST_S = 300.0  # the command itself gives up after 180 s
_SAID_BYTES = 4000
_KILLED_S = 1.0  # a disk that hangs may hold it longer: nobody waits for that


class Goal(Protocol):
    """What the bundle is made for; one of the two is called, once."""

    def made(self, said: str) -> Answer:
        """It is there; what the command said of it."""
        ...

    def failed(self, problem: str) -> None:
        """It is not: nothing may be left of it."""
        ...


class Making:
    """The command under way; Ctrl-C or Ctrl-X end it."""

    def __init__(self, words: Sequence[str], goal: Goal, most_s: float = MOST_S) -> None:
        self._goal, self._most_s = goal, most_s
        self._end_s: float | None = None
        self._problem = ""
        self._said = os.memfd_create("said")
        # a session of its own: what it has started itself ends with it
        self._child = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said,
            start_new_session=True,
        )  # fmt: skip

    def receive(self, data: bytes, now_s: float) -> None:  # noqa: ARG002 - an errand's
        """Nothing but the end of it is listened to."""
        if any(key in data for key in GIVE_UP):
            self._stop("given up at the keyboard")

    def tick(self, now_s: float, waiting: int) -> bytes:  # noqa: ARG002 - an errand's
        """It says nothing until it ends."""
        if self._end_s is None:
            self._end_s = now_s + self._most_s
        if now_s > self._end_s:
            self._stop(f"not made within {self._most_s:.0f} s")
        return b""

    def finished(self) -> Answer | None:
        """NotTakenAlong where it was not made, or given up."""
        code = self._child.poll()
        if code is None and not self._problem:
            return None
        said = self._take()
        problem = self._problem or ("" if code == 0 else said or f"exit code {code}")
        if problem:
            self._goal.failed(problem)
            raise NotTakenAlong(f"no support bundle: {problem}")
        return self._goal.made(said)

    def cancel(self) -> bytes:
        """Nobody is there any more."""
        if not self._problem and self._said >= 0:
            self._stop("the console was left")
            self._take()
            self._goal.failed(self._problem)
        return b""

    def _stop(self, problem: str) -> None:
        self._problem = self._problem or problem
        if self._child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(_KILLED_S)

    def _take(self) -> str:
        """What it has said, once."""
        if self._said < 0:
            return ""
        text = os.pread(self._said, _SAID_BYTES, 0).decode(errors="replace").strip()
        os.close(self._said)
        self._said = -1
        return text
