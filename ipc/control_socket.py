"""The local socket of a running station: one JSON line in, one JSON line out.

Served by a process between two looks at its own work (the supervisor: "control", the
loader: "engines"): never blocking, a bounded number of clients, a bounded line. The
socket lies in the private directory, and each end looks whose process the other one is:
the station's user, or root.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ControlError, GonogoError
from gonogo.base.maintenance_key import proof_of
from gonogo.base.shm import segment_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Handler = Callable[[dict[str, Any]], dict[str, Any]]

CLIENTS = 16  # at once; the next one is turned away
LINE_BYTES = 4096  # of a request; whoever sends a longer one is cut off
BACKLOG = 16  # connections that nobody has accepted yet (listen(2))
ANSWER_S = 5.0  # many looks of the supervisor at its rows, between which it answers
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
_CROWDED = "too many commands at once; try again"


class ControlServer:
    """Answers requests with `handle`; GonogoErrors of it become an answer, too."""

    def __init__(self, station: str, handle: Handler, purpose: str = "control") -> None:
        self._path = control_path(station, purpose)  # in a directory that has been looked at
        self._handle = handle
        self._path.unlink(missing_ok=True)  # of a process that was killed
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        # bind(2) makes the file by the umask: nobody else may connect, not even in its first moment
        before = os.umask(0o177)
        try:
            self._listener.bind(str(self._path))
        finally:
            os.umask(before)
        self._listener.listen(BACKLOG)
        self._clients: dict[int, tuple[socket.socket, bytearray]] = {}

    @property
    def fds(self) -> list[int]:
        """What to wait for."""
        return [self._listener.fileno(), *self._clients]

    def serve(self, readable: Sequence[int]) -> None:
        """Do what can be done without waiting."""
        if self._listener.fileno() in readable:
            self._accept()
        for fd in readable:
            # others stand there, too: the stop of a process, pidfds
            if fd in self._clients:
                self._read(fd)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            if len(self._clients) >= CLIENTS or not is_known(client):
                client.close()
                return
            # one that does not send, or does not read, holds nobody up
            client.settimeout(0)
            self._clients[client.fileno()] = (client, bytearray())

    def _read(self, fd: int) -> None:
        client, buffer = self._clients[fd]
        try:
            chunk = client.recv(LINE_BYTES)
        except OSError:
            chunk = b""
        buffer += chunk
        line, end, _ = bytes(buffer).partition(b"\n")
        if end:
            # between two looks of this process at its own work, so no handler may wait
            self._answer(client, line)
        # one request a connection: who is answered makes room for the next
        if end or not chunk or len(buffer) > LINE_BYTES:
            del self._clients[fd]
            client.close()

    def _answer(self, client: socket.socket, line: bytes) -> None:
        reply: dict[str, Any]
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ControlError('expected one JSON object a line, as in {"do": "status"}')
            reply = {"ok": True, **self._handle(request)}
        except (ValueError, RecursionError, GonogoError) as error:
            reply = {"ok": False, "error": str(error)}
        with contextlib.suppress(OSError):  # it did not wait, or does not read
            client.send(json.dumps(reply).encode() + b"\n")

    def close(self) -> None:
        """Close everything and remove the socket."""
        for client, _ in self._clients.values():
            client.close()
        self._clients.clear()
        self._listener.close()
        self._path.unlink(missing_ok=True)


def ask(station: str, *, purpose: str = "control", **request: object) -> dict[str, Any]:
    """Ask a running station; ControlError when it is not there or says no."""
    path = control_path(station, purpose)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(ANSWER_S)
            client.connect(str(path))
            if not is_known(client):
                raise ControlError(f"{path}: served by another user's process; nothing was asked")
            client.sendall(json.dumps(request).encode() + b"\n")
            # to the end of the line: an answer may be longer than a request
            with client.makefile("rb") as answers:
                answer = answers.readline()
    # closed before it was read: more than CLIENTS or BACKLOG of us
    except (BlockingIOError, BrokenPipeError, ConnectionResetError) as error:
        raise ControlError(f"station '{station}': {_CROWDED}") from error
    except OSError as error:
        raise ControlError(
            f"station '{station}': {error.strerror or error} at {path}; "
            "is it running, on this box and as this user?"
        ) from error
    if not answer:
        raise ControlError(f"station '{station}': {_CROWDED}")
    reply: dict[str, Any] = json.loads(answer)
    if not reply.pop("ok"):
        raise ControlError(str(reply["error"]))
    return reply


def asked_with(station: str, key: str, **request: object) -> dict[str, Any]:
    """Ask for what needs the maintenance key; the work of proving it is done here."""
    salt = ask(station, do="faults")["salt"]
    given = {**request, "proof": None if salt is None else proof_of(salt, key)}
    return ask(station, purpose="control", **given)


def is_known(peer: socket.socket) -> bool:
    """Whether the other end is a process of this user, or of root (unix(7), SO_PEERCRED)."""
    found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(found)
    return uid in {os.geteuid(), 0}


def control_path(station: str, purpose: str = "control") -> Path:
    """Where the socket of a station for a purpose lies."""
    return segment_path(station, purpose)
