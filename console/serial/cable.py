"""A session on a serial port that may not be there yet, be taken, go, and come back.

The port is tried again every second. What it was called under /dev/serial when it was last open is
remembered: an adapter that comes back as another ttyUSB is found by that.
"""

from __future__ import annotations

import select
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import ConsolePortError
from gonogo.base.log.logger import get_logger
from gonogo.console.serial.port import Pace, SerialPort

if TYPE_CHECKING:
    from gonogo.config.console import ConsoleSection
    from gonogo.console.serial.port import Port
    from gonogo.console.serial.session import Session

log = get_logger(__name__)

LINKS = Path("/dev/serial")
AGAIN_S = 1.0
TURN_S = 0.2
_PACED_S = 0.02  # while something waits to be sent


class Names:
    """All that the adapter is called, the surest first: by its own id, by its socket, as said."""

    def __init__(self, device: Path, links: Path = LINKS) -> None:
        self._device, self._links = device, links
        self._others: list[Path] = []

    def now(self) -> Path:
        """Under which it is there, or should be."""
        return next((each for each in self._others if each.exists()), self._device)

    def note(self, opened: Path) -> None:
        """It was opened: what else it is called."""
        there = opened.resolve()
        found = [each for each in self._links.glob("by-*/*") if each.resolve() == there]
        self._others = sorted(found) or self._others


class Cable:
    """The port while it is there; its session is signed out when it goes."""

    def __init__(
        self,
        section: ConsoleSection,
        session: Session,
        links: Path = LINKS,
        again_s: float = AGAIN_S,
    ) -> None:
        self._section, self._session = section, session
        self._names = Names(Path(section.device), links)
        self._port: SerialPort | None = None
        self._pace = Pace(section.baud, time.monotonic())
        self._again_s = again_s
        self._next_s = 0.0
        self._said = ""

    def turn(self, stop_fd: int) -> None:
        """Wait a little for bytes, and do what they ask; or look for the port."""
        now_s = time.monotonic()
        if self._port is None and now_s >= self._next_s:
            self._open(now_s)
        if self._port is None:
            select.select([stop_fd], [], [], TURN_S)
            return
        try:
            exchange(self._port, self._session, self._pace, stop_fd)
        except ConsolePortError as error:
            self._tell(error)
            self.close()
            self._next_s = time.monotonic() + self._again_s

    def close(self) -> None:
        """Nobody is signed in any more, and nothing is under way. Idempotent."""
        if self._port is not None:
            self._port.close()
        self._port = None
        self._session.hang_up()

    def _open(self, now_s: float) -> None:
        self._next_s = now_s + self._again_s
        device = self._names.now()
        try:
            self._port = SerialPort(device, self._section.baud)
        except ConsolePortError as error:
            self._tell(error)
            return
        self._names.note(device)
        self._said = ""
        log.info("console_port_open", text="the console is at %(device)s", device=device)

    def _tell(self, error: ConsolePortError) -> None:
        """Once for each reason, not once a second."""
        if str(error) != self._said:
            self._said = str(error)
            log.warning("console_port_missing", text="%(error)s", error=error)


def exchange(
    port: Port, session: Session, pace: Pace | None, stop_fd: int, most_s: float = TURN_S
) -> None:
    """One turn: send what may go, take what came, let time pass; ConsolePortError.

    It waits for that, or for `stop_fd`, for `most_s` at the longest.
    """
    out = session.out
    room = len(out) if pace is None else min(len(out), pace.room(time.monotonic()))
    wait_s = min(most_s, _PACED_S) if out else most_s
    fd = port.fileno()
    readable, writable, _ = select.select([fd, stop_fd], [fd] if room else [], [], wait_s)
    if writable:
        sent = port.write(bytes(out[:room]))
        del out[:sent]
        if pace is not None:
            pace.spend(sent)
    if fd in readable:
        session.receive(port.read(), time.monotonic())
    session.tick(time.monotonic())
