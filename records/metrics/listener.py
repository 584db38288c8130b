"""The port on which figures are served, as the station file says.

One that cannot be had is told once, and tried again: the figures are not worth a station.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import MetricsPortTaken
from gonogo.base.log.logger import get_logger
from gonogo.base.ports import joined, listening

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

log = get_logger(__name__)

RETRY_S = 10.0
QUEUE = 128  # connections that nobody has accepted yet (listen(2))


class Listener:
    """Not open before `open_if_due` says so; nothing of it waits."""

    def __init__(self, address: tuple[str, int], clock_s: Callable[[], float]) -> None:
        self._address = address
        self._clock_s = clock_s
        self._socket: socket.socket | None = None
        self._next_s = clock_s()
        self._told = False

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return 0 if self._socket is None else int(self._socket.getsockname()[1])

    @property
    def fd(self) -> int:
        """What to wait for; -1 while it is not open."""
        return -1 if self._socket is None else self._socket.fileno()

    def open_if_due(self) -> bool:
        """Whether it has just been opened."""
        now_s = self._clock_s()
        if self._socket is not None or now_s < self._next_s:
            return False
        self._next_s = now_s + RETRY_S
        try:
            self._socket = listening(self._address, QUEUE)
        except OSError as error:
            self._refused(error)
            return False
        self._told = False
        log.info(
            "metrics_served",
            text="figures are served at http://%(address)s/metrics",
            address=joined(self._address[0], self.port),
        )
        return True

    def accept(self) -> socket.socket | None:
        """The next connection; None where nobody has come, or he has gone again."""
        try:
            return None if self._socket is None else self._socket.accept()[0]
        except OSError:
            return None

    def _refused(self, error: OSError) -> None:
        if self._told:
            return
        self._told = True
        host, port = self._address
        said = MetricsPortTaken(
            f"[metrics] {joined(host, port)}: {error.strerror or error}; expected an address of "
            f"this box and a port that nobody has (`ss -ltnp 'sport = :{port}'` shows who); tried "
            f"again each {RETRY_S:.0f} s, parts are judged and recorded meanwhile"
        )
        log.error("metrics_port_taken", text="%(error)s", error=said)

    def close(self) -> None:
        """Let it go; idempotent."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
