"""Tells systemd that the station lives (sd_notify(3)), without a library: one datagram a word.

Nothing here waits or raises: a service manager that does not listen is counted.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

US_PER_S = 1_000_000


class Notifier:
    """The socket of NOTIFY_SOCKET, or nothing.

    `watchdog_s` is within what time systemd wants to hear of us; None if it does not
    ask, or asks another process.
    """

    def __init__(self, address: str, watchdog_s: float | None) -> None:
        self.watchdog_s = watchdog_s
        self.unheard = 0
        self._address = address
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    @property
    def heard_by(self) -> bool:
        """Whether a service manager listens."""
        return bool(self._address)

    @classmethod
    def from_environment(cls, environ: MutableMapping[str, str]) -> Notifier:
        """Take what systemd set, and keep it from our children."""
        # taken away: a child that spoke to it would speak for the supervisor
        address = environ.pop("NOTIFY_SOCKET", "")
        interval_us = environ.pop("WATCHDOG_USEC", "")
        asked_pid = environ.pop("WATCHDOG_PID", "")
        # WATCHDOG_PID says who is asked, where it is there (sd_watchdog_enabled(3))
        asked = interval_us.isdigit() and asked_pid in {"", str(os.getpid())}
        # an abstract socket: systemd writes @ for its leading zero (unix(7))
        address = "\0" + address[1:] if address.startswith("@") else address
        return cls(address, int(interval_us) / US_PER_S if asked else None)

    def ready(self, status: str) -> None:
        """The station is up."""
        self._say(f"READY=1\nSTATUS={status}")

    def starting(self, more_s: float, status: str) -> None:
        """It is not up yet, and gets on: systemd shall wait so long from now on, at least."""
        self._say(f"EXTEND_TIMEOUT_USEC={round(more_s * US_PER_S)}\nSTATUS={status}")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._say(f"STATUS={text}")

    def alive(self) -> None:
        """Cycles complete."""
        if self.watchdog_s is not None:
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """An ordered stop has begun."""
        self._say("STOPPING=1")

    def _say(self, words: str) -> None:
        if self._socket is None:
            return
        try:
            # not connected: a manager that is started anew listens at the same address
            self._socket.sendto(words.encode(), self._address)
        except OSError:
            self.unheard += 1

    def close(self) -> None:
        """Close the socket; idempotent."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
