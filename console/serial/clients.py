"""The console over the station's local socket "console": a byte stream, as at a terminal.

    socat -,raw,echo=0 UNIX-CONNECT:SOCKET

It lies in the private directory, and whose process is at the other end is looked at: the station's
user or root, who may what the command line may. Each connection is a session of its own.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import select
import socket
import struct
from typing import TYPE_CHECKING

from gonogo.base.errors import ConsolePortError
from gonogo.console.serial.cable import exchange
from gonogo.console.serial.port import SocketPort
from gonogo.ipc.control_socket import control_path, is_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.console.serial.session import Session

PURPOSE = "console"
CLIENTS = 4  # at once; the next one is turned away
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


class Clients:
    """`fd` is readable when one of them has something, or what else it was told to watch."""

    def __init__(self, station: str, session_for: Callable[[str], Session]) -> None:
        self._path, self._session_for = control_path(station, PURPOSE), session_for
        self._path.unlink(missing_ok=True)  # of a process that was killed
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        # bind(2) makes the file by the umask: nobody else may connect, not even in its first moment
        before = os.umask(0o177)
        try:
            self._listener.bind(str(self._path))
        finally:
            os.umask(before)
        self._listener.listen(CLIENTS)
        self._there: list[tuple[SocketPort, Session]] = []
        self._epoll = select.epoll()
        self.watch(self._listener.fileno())

    @property
    def fd(self) -> int:
        """To wait for."""
        return self._epoll.fileno()

    def watch(self, fd: int) -> None:
        """Wait for that as well."""
        self._epoll.register(fd, select.EPOLLIN)

    def turn(self) -> None:
        """All that can be done without waiting."""
        self._accept()
        for port, session in tuple(self._there):
            if not _served(port, session):
                self._there.remove((port, session))
                session.hang_up()
                port.close()  # which takes it out of what is watched

    def close(self) -> None:
        """All of them."""
        for port, session in self._there:
            session.hang_up()
            port.close()
        self._there.clear()
        self._listener.close()
        self._epoll.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            if len(self._there) >= CLIENTS or not is_known(client):
                client.close()
                return
            port = SocketPort(client)
            self._there.append((port, self._session_for(_user(client))))
            self.watch(port.fileno())


def _served(port: SocketPort, session: Session) -> bool:
    """Whether somebody is still there."""
    try:
        # what came is answered at once: the second time sends that
        for _ in range(2):
            exchange(port, session, None, port.fileno(), 0.0)
    except ConsolePortError:
        return False
    return bool(session.out) or not session.said.left


def _user(client: socket.socket) -> str:
    """Whose process is at the other end (unix(7), SO_PEERCRED)."""
    found = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(found)
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # nobody of this box
        return str(uid)
