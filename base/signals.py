"""Ctrl-C and SIGTERM as a flag, so that the end of a run is always an ordered one."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Interrupt:
    """`asked` is set by the first signal; later ones change nothing."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self, *_: object) -> None:
        """Ask for the end."""
        self.asked = True


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Take SIGINT and SIGTERM for the duration of the block (main thread only)."""
    interrupt = Interrupt()
    before = {s: signal.signal(s, interrupt.ask) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        # also after an error: whoever called us has its own way with signals
        for number, handler in before.items():
            signal.signal(number, handler)
