"""What a client of ours asks for, in which order: no wire, a PLC that holds registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse

from gonogo.base.errors import LinkRefused, LinkSilent
from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, OBJECTION_AT, P_WORDS
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_master import Master, needs_of
from gonogo.plc.transports.modbus_refusals import refusal
from gonogo.plc.transports.transport import ProcessImage

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

BITS = (False,) * 7


class Registers:
    """A PLC that serves, as an `ask`; `asked` is (function code, first address, how many)."""

    def __init__(self) -> None:
        self.held = [0] * 256
        self.coils: list[bool] = []
        self.asked: list[tuple[int, int, int]] = []
        self.fails: Exception | None = None

    def __call__(self, request: ModbusPDU, _what: str) -> ModbusPDU:
        """Carry it out, at once."""
        if self.fails is not None:
            raise self.fails
        at, code, any_request = request.address, request.function_code, request
        if code == 3:
            self.asked.append((code, at, any_request.count))
            return ReadHoldingRegistersResponse(registers=self.held[at : at + any_request.count])
        if code == 15:
            self.asked.append((code, at, len(any_request.bits)))
            self.coils = list(any_request.bits)
            return request
        self.asked.append((code, at, len(any_request.registers)))
        assert len(request.encode()) == 5 + 2 * len(any_request.registers)
        self.held[at : at + len(any_request.registers)] = any_request.registers
        return request


def master(plc: Registers, **keys: Any) -> Master:  # noqa: ANN401 - keys of a section
    """One that asks that PLC."""
    return Master(ModbusClientSection(driver="modbus-client", host="plc", **keys), 1, plc)


def image(header: int = 1, record: int = 0) -> ProcessImage:
    """All header words alike, and the first record."""
    return ProcessImage((header,) * HEADER_WORDS + (record,) * 8 + (0,) * 56, BITS)


def test_record_goes_before_the_header_that_counts_it() -> None:
    """And what is unchanged is not written again; P is read each time."""
    plc = Registers()
    asks = master(plc)
    asks.exchange(image(1, 1))
    plc.asked.clear()
    asks.exchange(image(2, 2))
    asks.exchange(image(2, 2))
    read = (3, 100, P_WORDS)
    assert plc.asked == [(16, 32, 8), (16, 0, HEADER_WORDS), read, read]


def test_new_connection_brings_everything_again() -> None:
    """What the PLC holds of ours is unknown then."""
    plc = Registers()
    asks = master(plc)
    asks.exchange(image())
    plc.held, plc.asked = [0] * 256, []
    asks.start()
    asks.exchange(image())
    assert plc.held[:D_WORDS] == list(image().words)


def test_plc_that_takes_few_words_gets_the_header_s_begin_last() -> None:
    """In pieces from the end, so that RES_SEQ comes after all that it stands for."""
    plc = Registers()
    master(plc, max_words=16).exchange(image())
    writes = [(at, count) for code, at, count in plc.asked if code == 16]
    assert writes == [(80, 16), (64, 16), (48, 16), (32, 16), (16, 16), (0, 16)]


def test_plc_that_takes_a_request_whole_gets_one() -> None:
    """Record and header together, where a record has changed."""
    plc = Registers()
    asks = master(plc, atomic_writes=True)
    asks.exchange(image(1, 1))
    asks.exchange(image(2, 2))
    writes = [(at, count) for code, at, count in plc.asked if code == 16]
    assert writes == [(0, 96), (0, 40)]


def test_bits_are_mirrored_where_there_is_a_place_for_them() -> None:
    """When they change, after the words."""
    plc = Registers()
    asks = master(plc, coil_base=8)
    asks.exchange(image())
    asks.exchange(image())
    asks.exchange(image()._replace(bits=(True, *BITS[1:])))
    assert [ask for ask in plc.asked if ask[0] == 15] == [(15, 8, 7)] * 2
    assert plc.coils == [True, *BITS[1:]]


def test_mark_is_written_before_the_header_is_read_back() -> None:
    """Whoever reads it there knows whom it is about."""
    plc = Registers()
    found = master(plc).read_back(9)
    assert plc.asked == [(16, OBJECTION_AT, 1), (3, 0, HEADER_WORDS)]
    assert found is not None
    assert found[OBJECTION_AT] == 9


@pytest.mark.parametrize(("code", "readable"), [(1, False), (2, False), (3, False), (6, True)])
def test_refused_reading_is_given_up_where_it_will_always_be(code: int, *, readable: bool) -> None:
    """A PLC that is busy now is asked again; the mark goes out in any case."""
    plc = Registers()
    asks = master(plc)
    plc.fails = refusal("PLC x", code, "read", "")
    with pytest.raises(LinkRefused):
        asks.read_back(0)
    assert asks.readable is readable
    plc.fails = None
    asks.read_back(5)
    assert (3, 0, HEADER_WORDS) in plc.asked or not readable
    assert plc.held[OBJECTION_AT] == 5


def test_plc_that_is_silent_to_two_readings_is_not_asked_for_a_third() -> None:
    """Unless it has answered one before: then it was the line."""
    for has_answered in (False, True):
        plc = Registers()
        asks = master(plc)
        if has_answered:
            asks.read_back(0)
        plc.fails = LinkSilent("PLC x: nothing")
        for _ in range(2):
            with pytest.raises(LinkSilent):
                asks.read_back(0)
        assert asks.readable is has_answered


def test_needs_name_registers_and_coils_of_the_section() -> None:
    """As a PLC programmer looks for them; a base of a 4x list is told apart."""
    section = ModbusClientSection(
        driver="modbus-client", host="plc", d_base=40001, p_base=200, coil_base=16
    )
    needs = needs_of(section)
    assert "96 holding registers from 40001" in needs
    assert "20 from 200" in needs
    assert "7 coils from 16" in needs
    assert "register 40001 is 0" in needs


def test_section_refuses_few_words_for_whole_requests() -> None:
    """They exclude each other."""
    with pytest.raises(ValidationError, match="leave one of them out"):
        ModbusClientSection(driver="modbus-client", host="p", atomic_writes=True, max_words=50)
