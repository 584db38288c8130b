"""What `check` says of the words it finds where the station will write."""

from __future__ import annotations

import re

import pytest

from gonogo.plc.link.map_check import standing
from gonogo.plc.register_map import HEADER_WORDS, MAGIC, Header, pack_header
from gonogo.plc.transports.modbus_client import ModbusClientSection

OURS = pack_header(Header(session_id=9, box_id=8))
NOTHING = (0,) * HEADER_WORDS


def swapped(words: tuple[int, ...]) -> tuple[int, ...]:
    """Each with its bytes the other way round."""
    return tuple((word & 0xFF) << 8 | word >> 8 for word in words)


@pytest.mark.parametrize(
    ("words", "said", "wrong"),
    [
        (None, "D0-D31 cannot be read there", False),
        (NOTHING, "D0-D31 read 0: no station has written there yet", False),
        (OURS, "our map (BOX_ID 8, SESSION_ID 9 wrote it last)", False),
        ((MAGIC, 7, *OURS[2:]), "our map in version 7, expected 1", True),
        (swapped(OURS), "MAGIC (D0) has its two bytes swapped", True),
        ((0, *OURS[:-1]), "MAGIC stands in D1, expected in D0: .* change d_base .* by \\+1", True),
        ((5, *OURS[:-1]), "MAGIC stands in D1", True),
        ((0,) * 31 + (MAGIC,), "MAGIC stands in D31", True),
        ((17, *NOTHING[1:]), "something that no station wrote \\(D0 = 17, expected 18254", True),
        ((*NOTHING[1:], 1), "something that no station wrote \\(D0 = 0,", True),
    ],
)
def test_standing_words_are_named(
    words: tuple[int, ...] | None,
    said: str,
    wrong: bool,  # noqa: FBT001 - a parameter
) -> None:
    """One line, with what to do where something is wrong."""
    found = standing(words)
    assert re.search(said if "\\" in said else re.escape(said), found.text)
    assert found.wrong is wrong
    assert "\n" not in found.text


@pytest.mark.parametrize(
    ("d_base", "p_base", "hint"),
    [
        (0, 100, ""),
        (40000, 40100, "p_base = 40100 looks like a 4x reference: .* register 40100 is 99$"),
        (40001, 40101, "d_base = 40001 .* register 40001 is 0; p_base = 40101 .* is 100$"),
        (49999, 100, "d_base = 49999 .* is 9998$"),
        (50000, 100, ""),
    ],
)
def test_reference_that_was_typed_as_an_address_is_named(
    d_base: int, p_base: int, hint: str
) -> None:
    """Lists of registers begin at 40001, addresses at 0."""
    section = ModbusClientSection(
        driver="modbus-client", host="127.0.0.1", d_base=d_base, p_base=p_base
    )
    assert re.search(hint or "^$", section.reference_hint)
