"""The page of the register map against the program, the PLC's own blocks, and what is packed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import FaultBit
from gonogo.commands.show import register_words
from gonogo.commands.show.register_page import d_rows, p_rows, page, record_rows, rows
from gonogo.plc.register_map import (
    D_WORDS,
    HEADER_WORDS,
    P_WORDS,
    RECORD_WORDS,
    Header,
    pack_header,
    record_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TABLE = re.compile(
    r"^\| ([DP])(\d+)(?:-[DP]\d+)? \| (\d+)(?:-\d+)? \| (\d+) \| (DB[WD])(\d+) \| (\w+) \|",
    re.MULTILINE,
)


def words() -> Iterator[tuple[str, int, int, int, str, int, str]]:
    """Letter, number, register, 4x reference, DBW or DBD, byte and type of each row."""
    for letter, number, register, reference, kind, byte, type_ in TABLE.findall(page()):
        yield letter, int(number), int(register), int(reference), kind, int(byte), type_


def test_page_is_what_the_program_says() -> None:
    """`make docs` makes it anew."""
    assert (ROOT / "docs" / "register-map.md").read_text(encoding="utf-8") == page()


def test_every_word_stands_on_the_page_once() -> None:
    """Of the header, of one record and of what the PLC writes; none is left out or told twice."""
    for found, count in (
        (d_rows(), HEADER_WORDS),
        (p_rows(), P_WORDS),
        (record_rows(), RECORD_WORDS),
    ):
        places = [at for row in found for at in range(row.at, row.at + row.words)]
        assert places == list(range(count))


def test_addresses_agree_with_each_other() -> None:
    """The three ways to name a word lead to the same one."""
    found = list(words())
    assert len(found) == len(d_rows()) + len(p_rows()) + RECORD_WORDS
    for letter, number, register, reference, kind, byte, type_ in found:
        assert reference == 40_001 + register
        assert byte == 2 * number if letter == "D" else byte == 2 * D_WORDS + 2 * (number - 100)
        assert (kind == "DBD") == (type_ in {"u32", "Real"})


def test_offsets_are_those_of_the_data_block() -> None:
    """As the block for the PLC has them in words of its own."""
    block = (ROOT / "plc" / "blocks" / "DB_GoNoGo.scl").read_text(encoding="utf-8")
    told = {
        (letter, int(number) + (100 if letter == "P" else 0)): int(byte)
        for byte, letter, number in re.findall(r"(?:byte +|  )(\d+) ([DP])(\d+) ", block)
    }
    assert len(told) > 40
    ours = {(letter, number): byte for letter, number, _, _, _, byte, _ in words()}
    assert {key: ours[key] for key in told} == told
    assert f"D{record_at(0)} eight records of 16 bytes" in block


def test_faults_are_those_of_the_commissioning_page() -> None:
    """Bit and name; both pages say the same of the same bit."""
    text = (ROOT / "docs" / "commissioning-plc.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (\d+) \| (\w+) \| [^|]* \|$", text, re.MULTILINE)
    assert {(int(bit), name.upper()) for bit, name in told} >= {
        (bit.value.bit_length() - 1, str(bit.name)) for bit in FaultBit
    }
    rows = re.findall(r"^\| (\d+) \| (\d+) \| DBX1[01]\.\d \| (\w+) \|", page(), re.MULTILINE)
    assert [(1 << int(bit), int(value), name) for bit, value, name in rows] == [
        (bit.value, bit.value, bit.name) for bit in FaultBit
    ]


@pytest.mark.parametrize("name", [name for name in vars(register_words) if name.endswith("_SAYS")])
def test_every_value_has_its_words(name: str) -> None:
    """Also the one that is added next: of an enumeration all of it, of a record each field."""
    said = getattr(register_words, name)
    first = next(iter(said))
    if not isinstance(first, str):
        values: Any = type(first)
        assert set(said) == set(values)
    assert all(said.values())


def test_field_that_nobody_explains_is_refused() -> None:
    """Rather than left out."""
    said = {name: "x" for name in Header._fields if name != "box_id"}
    with pytest.raises(KeyError, match="box_id"):
        rows(Header(), pack_header, said)
