"""A file to whoever sits at the terminal: they start `rb`, or Receive Ymodem of their program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import NotTakenAlong
from gonogo.console.serial.table import GIVE_UP, Answer
from gonogo.console.serial.ymodem import ASK, YmodemSender

if TYPE_CHECKING:
    from collections.abc import Callable

HOW = (
    "start YMODEM to receive: picocom with Ctrl-A Ctrl-R (--receive-cmd rb), minicom with Ctrl-A R;"
    " Ctrl-X gives up"
)


class Sending:
    """One file by YMODEM; `ended` is told how it ended, '' for well: a trail may want to know."""

    def __init__(
        self, name: str, data: bytes, now_s: float, ended: Callable[[str], None] | None = None
    ) -> None:
        self._name, self._size = name, len(data)
        self._wire = YmodemSender(name, data, now_s)
        self._ended = ended
        self._begun = False  # whether anything but a person has answered

    def receive(self, data: bytes, now_s: float) -> None:
        """Of the receiver; or of a person, as long as there is none."""
        if not self._begun and any(key in data for key in GIVE_UP):
            self._wire.cancel("given up at the keyboard")
            return
        self._begun = self._begun or ASK in data
        self._wire.receive(data, now_s)

    def tick(self, now_s: float, waiting: int) -> bytes:
        """The next block."""
        self._wire.tick(now_s, waiting)
        out = bytes(self._wire.out)
        self._wire.out.clear()
        return out

    def finished(self) -> Answer | None:
        """NotTakenAlong where the file did not get there."""
        if not self._wire.over or self._wire.out:
            return None
        problem = self._wire.problem
        self._tell(problem)
        if problem:
            raise NotTakenAlong(
                f"{self._name}: not received: {problem}; {self._wire.sent_bytes} of {self._size} "
                "bytes were acknowledged: remove what the receiver has kept of it"
            )
        value = {"file": self._name, "bytes": self._size}
        return Answer([f"{self._name}: {self._size} bytes received"], value)

    def cancel(self) -> bytes:
        """The cable went, or nobody is there any more."""
        self._wire.cancel("the console was left")
        self._tell(self._wire.problem)
        return self.tick(0.0, 0)

    def _tell(self, how: str) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(how)
