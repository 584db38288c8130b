"""The pin of an output, looked at all the time from the outside: the judge of an ejector.

Import it as `gonogo.tests.plc.pin`.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self

LOOK_S = 0.003


class Pin(Protocol):
    """A chip from the outside."""

    @property
    def name(self) -> str:
        """What a station file calls it."""
        ...

    def level(self, line: int) -> bool:
        """What is at the pin now."""
        ...


class Look(NamedTuple):
    """What the pin was at some moment in between."""

    before_ns: int
    after_ns: int
    on: bool


class Watch:
    """Looks at the pin all the time."""

    def __init__(self, pin: Pin) -> None:
        self._pin = pin
        self.looks: list[Look] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(LOOK_S):
            before_ns, on = time.monotonic_ns(), self._pin.level(0)
            self.looks.append(Look(before_ns, time.monotonic_ns(), on))

    def first(self, after_ns: int, *, on: bool) -> int:
        """When it was seen so first; 0: not yet."""
        looks = (each for each in self.looks if each.before_ns >= after_ns and each.on is on)
        return next((each.after_ns for each in looks), 0)

    def within(self, begin_ns: float, end_ns: float) -> set[bool]:
        """What it was seen to be."""
        return {e.on for e in self.looks if begin_ns <= e.before_ns and e.after_ns <= end_ns}
