"""The bare PLC that tests poll the station with: what it says from scan to scan."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from gonogo.plc.register_map import CMD_SEQ_AT, D_WORDS, PlcWords, unpack_plc
from gonogo.proving.peers.raw_plc import WordsPlc

if TYPE_CHECKING:
    from collections.abc import Iterator

import pytest

_CLEAR = 1
_WRITE_HEAD = 6  # function, address, count and bytes of FC16


class _Scripted(WordsPlc):
    """Its thread finds nobody and ends; each `say` is one scan against the words that it is shown.

    What is scripted is the station: the reply to FC3, and nothing for FC16.
    """

    def __init__(self) -> None:
        self._answered_seq = 0
        self._wrote = b""
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            super().__init__(closed.getsockname()[1])
            self._thread.join()

    def ask(self, sock: socket.socket, pdu: bytes) -> bytes:
        """Answered from the script."""
        del sock
        if pdu[0] != 3:
            self._wrote = pdu
            return pdu[:5]
        words = [0] * D_WORDS
        words[CMD_SEQ_AT] = self._answered_seq
        return struct.pack(f">BB{D_WORDS}H", 3, 2 * D_WORDS, *words)

    def say(self, answered: int) -> PlcWords:
        """One scan while D10 shows `answered`."""
        self._answered_seq = answered
        with socket.socket() as nobody:
            self.scan(nobody)
        body = self._wrote[_WRITE_HEAD:]
        return unpack_plc(struct.unpack(f">{len(body) // 2}H", body))


@pytest.fixture
def plc() -> Iterator[_Scripted]:
    """One that is scanned by hand."""
    with _Scripted() as plc:
        yield plc


def test_a_command_stands_until_its_number_is_answered(plc: _Scripted) -> None:
    """A station that has not looked in between two scans, or saw another's words, misses none."""
    assert plc.say(0).cmd_code == 0
    plc.command = _CLEAR
    said = [plc.say(0) for _ in range(3)]
    assert [(each.cmd_seq, each.cmd_code) for each in said] == [(1, _CLEAR)] * 3
    after = plc.say(1)
    assert (after.cmd_seq, after.cmd_code, plc.command) == (1, 0, 0)


def test_the_next_command_has_the_next_number(plc: _Scripted) -> None:
    """The same command again is another one."""
    plc.command = _CLEAR
    assert plc.say(0).cmd_seq == 1
    plc.say(1)
    plc.command = _CLEAR
    assert plc.say(1).cmd_seq == 2
