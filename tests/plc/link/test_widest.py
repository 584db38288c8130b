"""How many words a PLC takes in one write, found by trying one."""

from __future__ import annotations

import pytest

from gonogo.base.errors import LinkRefused
from gonogo.plc.link.widest import narrowed
from gonogo.plc.transports.modbus_master import WRITE_LEAST
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.tests.softplc import SoftPlc

TOO_MANY = 3


def refusal(reply: int) -> LinkRefused:
    """What a PLC answered with that exception."""
    error = LinkRefused("no")
    error.reply = reply
    return error


@pytest.mark.parametrize("most", [WRITE_LEAST, 40, 63])
def test_most_words_are_found_to_the_word(most: int) -> None:
    """Below the 64 words of all records, beyond which no request goes; it is written so then."""
    with SoftPlc(max_words=most) as plc:
        found = narrowed(plc.section, refusal(TOO_MANY))
        assert found is not None
        assert (found.max_words, found.atomic_writes) == (most, False)
        assert plc.limits.widest == most


def test_plc_that_takes_less_than_a_header_needs_is_no_plc_for_us() -> None:
    """Its heart and RES_SEQ travel in one request, or half of it would be believed."""
    with SoftPlc(max_words=WRITE_LEAST - 1) as plc:
        assert narrowed(plc.section, refusal(TOO_MANY)) is None


def test_other_refusals_have_another_cause() -> None:
    """Nothing is tried then; nor where we serve, and write nothing."""
    with SoftPlc() as plc:
        assert narrowed(plc.section, refusal(2)) is None
        assert plc.limits.widest == 0
    server = ModbusServerSection(driver="modbus-server")
    assert narrowed(server, refusal(TOO_MANY)) is None
