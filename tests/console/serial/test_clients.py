"""The console over the local socket."""

from __future__ import annotations

import os
import pwd
import select
import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.console.serial.access import StationUser
from gonogo.console.serial.clients import CLIENTS, PURPOSE, Clients
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.session import Session
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.ipc.control_socket import control_path
from gonogo.tests.console.serial.told import CODE, told_station
from gonogo.tests.descriptors import nothing_left_open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT_S = 20.0


class Hall:
    """Clients of a station, and the sockets of those who come."""

    def __init__(self, station: str) -> None:
        self.station = station
        self.users: list[str] = []
        self.clients = Clients(station, self._session)

    def _session(self, user: str) -> Session:
        self.users.append(user)
        guest = Guest(StationUser(user), Place(self.station, None, "local socket", "socket"))
        return Session(Conversation(guest, code=lambda: CODE), time.monotonic())

    def enter(self) -> socket.socket:
        """Somebody comes."""
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(control_path(self.station, PURPOSE)))
        client.settimeout(WAIT_S)
        assert select.select([self.clients.fd], [], [], WAIT_S)[0]
        self.clients.turn()
        return client

    def ask(self, client: socket.socket, typed: bytes, words: str) -> str:
        """Type, and read until that comes."""
        client.sendall(typed)
        got, end_s = "", time.monotonic() + WAIT_S
        while words not in got:
            assert time.monotonic() < end_s, got
            select.select([self.clients.fd], [], [], 0.1)
            self.clients.turn()
            if select.select([client], [], [], 0)[0]:
                got += client.recv(4096).decode("ascii")
        return got


@pytest.fixture
def hall(station: str) -> Iterator[Hall]:
    """Of a station."""
    with nothing_left_open():
        made = Hall(station)
        yield made
        made.clients.close()
    assert not control_path(station, PURPOSE).exists()


def test_clients_are_sessions_of_their_own(hall: Hall) -> None:
    """What one types, the other does not see; each is who its process is."""
    with closing(hall.enter()) as one, closing(hall.enter()) as other:
        hall.ask(one, b"stat", "> \x1b[Kstat")
        assert "stat\x1b" not in hall.ask(other, b"recip", "> \x1b[Krecip")
    assert hall.users == [pwd.getpwuid(os.getuid()).pw_name] * 2


def test_client_s_change_is_told_with_its_user(station: str, hall: Hall, tmp_path: Path) -> None:
    """And by the way that it came."""
    with told_station(station, tmp_path) as told, closing(hall.enter()) as client:
        hall.ask(client, b"acknowledge\r", "reason: ")
        hall.ask(client, b"new cable\r", "to do it: ")
        hall.ask(client, CODE.encode() + b"\r", "tried again")
    row = next(iter(rows_backwards(beside_records(told.records))))
    assert (row.who["way"], row.who["account"]) == ("socket", hall.users[0])


def test_client_beyond_the_last_is_turned_away(hall: Hall) -> None:
    """Until one of them leaves."""
    there = [hall.enter() for _ in range(CLIENTS)]
    with closing(hall.enter()) as late:
        assert late.recv(100) == b""
    there.pop().close()
    hall.clients.turn()
    with closing(hall.enter()) as next_one:
        hall.ask(next_one, b"", "> ")
    for client in there:
        client.close()


def test_client_that_signs_out_is_let_go(hall: Hall) -> None:
    """Once it has read its goodbye."""
    with closing(hall.enter()) as client:
        hall.ask(client, b"logout\r", "signed out")
        hall.clients.turn()
        while client.recv(100):
            pass
