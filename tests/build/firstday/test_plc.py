"""How a new station reaches its PLC, as it was typed."""

from __future__ import annotations

import socket

import pytest

from gonogo.base.errors import StationNotMade
from gonogo.build.firstday.plc import FIRST_PORT, plc_of


def test_without_a_word_the_plc_is_one_that_is_simulated_here() -> None:
    """At a port that nothing listens on, so that a rehearsal can begin at once."""
    plc = plc_of(None)
    assert plc.local
    assert plc.keys["driver"] == "modbus-server"
    assert plc.keys["port"] >= FIRST_PORT
    assert plc.unknown


def test_a_port_that_is_taken_is_passed_over() -> None:
    """Two stations on one box."""
    first = plc_of(None).keys["port"]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first))
        other.listen()
        assert plc_of(None).keys["port"] != first


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("modbus-client:192.168.0.10", {"driver": "modbus-client", "host": "192.168.0.10"}),
        ("modbus-client:plc1:1502", {"driver": "modbus-client", "host": "plc1", "port": 1502}),
        (
            "modbus-client:[fe80::1]:502",
            {"driver": "modbus-client", "host": "fe80::1", "port": 502},
        ),
        ("modbus-client:fe80::1", {"driver": "modbus-client", "host": "fe80::1"}),
        ("modbus-server:10.0.0.2", {"driver": "modbus-server", "host": "10.0.0.2", "port": 502}),
        ("s7:192.168.0.1", {"driver": "s7", "host": "192.168.0.1", "db": 1}),
    ],
)
def test_driver_host_and_port_are_taken(typed: str, keys: dict[str, object]) -> None:
    """Of a PLC that is not here nothing is rehearsed as it stands."""
    plc = plc_of(typed)
    assert plc.keys == keys
    assert not plc.local


def test_the_data_block_of_an_s7_is_not_known() -> None:
    """It is said, and marked in the file."""
    assert "data block" in plc_of("s7:192.168.0.1").unknown[0]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("modbus-client", "expected modbus-client:HOST, got no host"),
        ("modbus-client:", "expected modbus-client:HOST, got no host"),
        ("modbus-client:h:99999", "expected a port from 1 to 65535, got '99999'"),
        ("modbus-client:h:", "expected a port from 1 to 65535, got"),
        ("modbus-rtu-client:/dev/ttyUSB0", "modbus-rtu.md"),
        ("gpio-io", "gpio-ejector.md"),
        ("profinet:1.2.3.4", "for example modbus-client:192.168.0.10"),
        ("", "got ''"),
    ],
)
def test_what_cannot_be_says_what_was_expected(typed: str, said: str) -> None:
    """With what to do instead."""
    with pytest.raises(StationNotMade, match=said.replace(".", r"\.")):
        plc_of(typed or " ")
