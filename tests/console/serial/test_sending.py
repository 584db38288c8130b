"""A file that is sent has the terminal until it is there, or nobody wants it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.console.serial.access import StationUser
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.sending import Sending
from gonogo.console.serial.session import Session
from gonogo.console.serial.table import Answer, Command
from gonogo.console.serial.ymodem import ABORT, ACK, EOT, NOBODY_S, PAUSE_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import At


class Desk:
    """A session with one command, `send`, which sends 100 bytes."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.how: list[str] = []
        command = Command("send", "", "see-setup", "Send it.", self._send)
        guest = Guest(StationUser("anna"), Place("cell", None, "ttyTEST0"))
        self.session = Session(Conversation(guest, (command,)), 0.0, idle_s=30.0)
        self.sent()

    def _send(self, _: At, __: Sequence[str]) -> Answer:
        sending = Sending("a.bin", bytes(100), self.now_s, self.how.append)
        return Answer(["it comes"], {"is": "sent"}, sending)

    def type(self, data: bytes, after_s: float = 0.1) -> bytes:
        """Say it; what comes back."""
        self.now_s += after_s
        self.session.receive(data, self.now_s)
        return self.sent()

    def wait(self, after_s: float) -> bytes:
        """Say nothing."""
        self.now_s += after_s
        self.session.tick(self.now_s)
        return self.sent()

    def sent(self) -> bytes:
        """All that was sent."""
        data = bytes(self.session.out)
        self.session.out.clear()
        return data


def received(desk: Desk) -> bytes:
    """Another program receives it; what is sent last."""
    assert len(desk.type(b"C")) == 133
    desk.type(bytes([ACK]))
    assert len(desk.type(b"C")) == 133
    assert desk.type(bytes([ACK])) == bytes([EOT])
    desk.type(bytes([ACK]))
    assert desk.type(b"C") == b""
    assert len(desk.wait(PAUSE_S)) == 133
    return desk.type(bytes([ACK]))


def test_sending_has_the_terminal_until_the_file_is_there() -> None:
    """No prompt, no echo and no command meanwhile; then the answer and the prompt."""
    desk = Desk()
    begun = desk.type(b"send\r")
    assert begun.endswith(b"it comes\r\n")
    assert desk.type(b"send\r") == b""
    end = received(desk)
    assert b"a.bin: 100 bytes received" in end
    assert b"\rcell> " in end
    assert desk.how == [""]
    assert b"it comes" in desk.type(b"send\r")


def test_sending_for_a_program_says_one_line_at_its_end() -> None:
    """JSON, then OK."""
    desk = Desk()
    assert b"it comes" not in desk.type(b"send --json\r")
    end = received(desk)
    assert b'{"file": "a.bin", "bytes": 100}\r\nOK' in end


@pytest.mark.parametrize("key", [b"\x03", b"\x18"])
def test_sending_is_given_up_by_a_key(key: bytes) -> None:
    """Before a receiver has begun."""
    desk = Desk()
    desk.type(b"send\r")
    end = desk.type(key)
    assert end.startswith(ABORT)
    assert b"GN658" in end
    assert desk.how == ["given up at the keyboard"]
    assert b"no command" in desk.type(b"x\r")


def test_sending_ends_by_itself_where_nobody_receives() -> None:
    """Longer than anybody may be idle, and then it is over."""
    desk = Desk()
    desk.type(b"send\r")
    assert desk.wait(NOBODY_S - 1) == b""
    end = desk.wait(2.0) + desk.wait(0.1)
    assert end.startswith(ABORT)
    assert b"nobody began to receive" in end
    assert b"\rcell> " in end


def test_sending_ends_with_the_cable() -> None:
    """Nobody is signed in any more, and what was begun is told as failed."""
    desk = Desk()
    desk.type(b"send\r")
    desk.type(b"C")
    desk.session.hang_up()
    assert desk.how == ["the console was left"]
    assert desk.session.said.errand is None
    assert desk.wait(100.0).count(b"ABORT") == 0
    assert desk.how == ["the console was left"]


def test_sending_ends_with_the_process_of_the_console() -> None:
    """As it is asked to stop; what was told of it is told once."""
    desk = Desk()
    desk.type(b"send\r")
    desk.session.end_errand()
    desk.session.end_errand()
    assert desk.how == ["the console was left"]
    assert desk.session.said.errand is None


def test_sending_begins_nothing_that_was_typed_ahead() -> None:
    """A second line that came with the first is dropped: it is for no receiver."""
    desk = Desk()
    desk.type(b"send\rsend\r")
    assert b"it comes" not in received(desk)
