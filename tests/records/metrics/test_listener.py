"""The port: told once where it cannot be had, and had as soon as it can."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from gonogo.records.metrics.listener import RETRY_S, Listener
from gonogo.tests.records.doubles import Clock

if TYPE_CHECKING:
    import pytest


def test_listener_says_once_that_its_port_is_taken_and_has_it_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With its number and who to ask; nothing is raised, and the next try comes by itself."""
    caplog.set_level("INFO")
    clock = Clock()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        listener = Listener(("127.0.0.1", port), clock)
        for _ in range(3):
            assert not listener.open_if_due()
            clock.now_s += RETRY_S
        assert (listener.port, listener.fd, listener.accept()) == (0, -1, None)
        (said,) = caplog.messages
        assert said.startswith(f"GN630: [metrics] 127.0.0.1:{port}: Address already in use")
    assert listener.open_if_due()
    assert not listener.open_if_due()
    assert listener.port == port
    assert listener.accept() is None
    with socket.create_connection(("127.0.0.1", port)):
        accepted = None
        while accepted is None:
            accepted = listener.accept()
        accepted.close()
    listener.close()
    listener.close()
    assert listener.port == 0


def test_listener_tries_no_more_often_than_it_says(caplog: pytest.LogCaptureFixture) -> None:
    """192.0.2.0/24 is nobody's (RFC 5737): no address of this box."""
    clock = Clock()
    listener = Listener(("192.0.2.1", 9464), clock)
    assert not listener.open_if_due()
    assert "expected an address of this box" in caplog.messages[0]
    assert listener._next_s == clock.now_s + RETRY_S
