"""The wire bench, with the PLC simulator's server in place of a third party's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.proving.bench.apart import through
from gonogo.proving.bench.wire import RECORDED, exchanges, image, record, replayed
from gonogo.proving.bench.wire import Server as Peer
from gonogo.proving.peers.apart import MBAP, Apart, Gateway
from gonogo.proving.plcsim.bank import Bank
from gonogo.proving.plcsim.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

RES_SEQ = 12
NOT_COUNTED = 50  # the first exchanges of each run


@pytest.fixture
def bank() -> Bank:
    """The registers of the PLC."""
    return Bank(0, 100, None)


@pytest.fixture
def peer(bank: Bank) -> Iterator[Peer]:
    """The PLC on loopback."""
    server = Server(bank, "127.0.0.1", 0, lambda *_, **__: None)

    def section(port: int) -> ModbusClientSection:
        return ModbusClientSection(
            driver="modbus-client", host="127.0.0.1", port=port, timeout_ms=1000
        )

    yield Peer(server.port, section)
    server.close()


def test_image_bears_a_whole_record_of_its_sequence() -> None:
    """As it is published after a part: at its place, and RES_SEQ names it."""
    words = image(11).words
    at = 32 + 8 * (11 % 8)
    assert (words[RES_SEQ], words[at], words[at + 7]) == (11, 11, 11)
    assert len(words) == 96


def test_exchanges_are_timed_once_the_connection_has_settled(peer: Peer, bank: Bank) -> None:
    """All but the first fifty; the last result is in the PLC."""
    found = exchanges(peer.section(peer.port), NOT_COUNTED + 10)
    assert len(found) == 10
    assert all(us > 0 for us in found)
    assert bank.image().words[RES_SEQ] == NOT_COUNTED + 10


def test_recorded_talk_says_to_the_plc_what_the_transport_said(peer: Peer, bank: Bank) -> None:
    """The same bytes, again, leave the same words; the opening is no exchange."""
    opening, talks = record(peer)
    assert len(talks) == RECORDED
    assert all(talks)
    said = bank.image().words
    bank.clear()
    assert len(replayed(peer.port, opening, talks, RECORDED + NOT_COUNTED)) == RECORDED
    assert bank.image().words == said


@pytest.mark.parametrize("pipe", [Apart, Gateway])
def test_exchanges_pass_through_a_pipe(pipe: type[Gateway], peer: Peer, bank: Bank) -> None:
    """Header and body apart, and whole."""
    assert len(through(pipe, peer, MBAP, NOT_COUNTED + 5)) == 5
    assert bank.image().words[RES_SEQ] == NOT_COUNTED + 5
