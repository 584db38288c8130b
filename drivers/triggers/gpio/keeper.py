"""Keeps the lines open: a thread that opens them again while they are gone.

To open a chip, or to close one that hangs on USB, may take seconds. The line's thread only picks
up what this one has ready.

    the line's thread              this one
    take()          ◀── opened ──  opens, once a second until it can
    lose(error)     ── broken ──▶  closes what broke, opens anew
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import GpioError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.gpio.lines import Lines

AGAIN_S = 1.0  # from one try to the next
JOIN_S = 2.0  # a device that hangs as we end is left to the kernel


class Opened(NamedTuple):
    """Lines, and the level of each as they were opened."""

    lines: Lines
    levels: tuple[bool, ...]


class Keeper:
    """`opens` opens the lines, GpioError where it cannot; the first try is the constructor's.

    Each value has one writer, and is replaced whole: nobody waits for a lock.
    """

    def __init__(self, opens: Callable[[], Lines], again_s: float = AGAIN_S) -> None:
        self._opens, self._again_s = opens, again_s
        self.bell_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        """Readable once the lines are open again."""
        self.error: GpioError | None = None
        """Why they could not be opened, of the last try; None once they are."""
        self._ready: Opened | None = None
        self._broken: Lines | None = None
        self._wanted = threading.Event()
        self._ending = threading.Event()
        if not self._try():
            self._wanted.set()
        self._thread = threading.Thread(target=self._keep, name="gpio-keeper", daemon=True)
        self._thread.start()

    # -- the line's thread -----------------------------------------------------------------

    def take(self) -> Opened | None:
        """Lines that have been opened since, once."""
        # the bell first: it rings after the lines are there, and may ring for what we have
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self.bell_fd)
        opened = self._ready
        if opened is not None:
            self._ready = None
        return opened

    def lose(self, broken: Lines) -> None:
        """They cannot be read any more: close them, and open them anew."""
        self._broken = broken
        self._wanted.set()

    def close(self, held: Lines | None) -> None:
        """End the thread, and close what is open; idempotent."""
        if self._ending.is_set():
            return
        # by that thread: to close them may hang as well
        self._broken = held or self._broken
        self._ending.set()
        self._wanted.set()
        self._thread.join(JOIN_S)
        # one that hangs rings it later: then it must not be somebody else's
        if not self._thread.is_alive():
            os.close(self.bell_fd)

    # -- the thread of its own -------------------------------------------------------------

    def _keep(self) -> None:
        while True:
            self._wanted.wait()
            self._let_go()
            if self._ending.is_set():
                return
            self._wanted.clear()
            # what it says, not what lies ready: the line may have taken that already
            if self._try():
                os.eventfd_write(self.bell_fd, 1)
            # not cleared by now: lost again, or ended
            elif not self._ending.wait(self._again_s):
                self._wanted.set()

    def _let_go(self) -> None:
        broken, self._broken = self._broken, None
        if broken is not None:
            broken.close()
        if self._ending.is_set() and self._ready is not None:
            self._ready.lines.close()
            self._ready = None

    def _try(self) -> bool:
        """Whether they are open."""
        try:
            lines = self._opens()
        except GpioError as error:
            self.error = error
            return False
        try:
            levels = lines.levels()
        except OSError as error:
            lines.close()
            self.error = GpioError(f"opened, and cannot be read: {error}; look at its cable")
            return False
        self.error = None
        self._ready = Opened(lines, levels)
        return True
