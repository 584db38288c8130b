"""The page of the register map, docs/register-map.md: addresses from the map as it is packed.

python -I -m gonogo.commands.show.register_page docs/register-map.md     (make docs)
"""

from __future__ import annotations

import sys
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gonogo.commands.show import register_words as says
from gonogo.plc.register_map import (
    D_WORDS,
    HEADER_WORDS,
    MAGIC,
    MAP_VERSION,
    OBJECTION_AT,
    P_FIRST,
    P_WORDS,
    RECORD_WORDS,
    RECORDS,
    TEST_WORDS,
    Discrete,
    Header,
    PlcWords,
    Record,
    pack_header,
    pack_plc,
    pack_record,
    record_at,
)
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_served import COIL_MIRROR
from gonogo.plc.transports.s7_section import S7Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
Bit = TypeVar("Bit", bound=IntFlag)
Number = TypeVar("Number", bound=IntEnum)

_MARK = 0x0001_0001  # in a field of two words both change
_HOLDING, _INPUT, _COIL = 40_001, 10_001, 1  # where the references of Modicon begin
_WORD_BYTES, _BYTE_BITS = 2, 8
_PAIR = 2

HEAD = f"""# Register map

For whoever programs the PLC. Made by `make docs` from the map in the program
(`plc/register_map.py`); a test holds it against that, and against the offsets in
`plc/blocks/DB_GoNoGo.scl`. Map version {MAP_VERSION}. How it is wired, and what each alarm
means: [commissioning](commissioning-plc.md).

- **The station writes D, the PLC writes P**, each its own words only. All words have 16 bits and
  count without a sign.
- **Register** is the address on the wire, 0-based, with `d_base` and `p_base` as they are where
  nothing is said; **4x** is the same in the numbers of Modicon, which count from 40001. A master
  of 5-digit numbers that begins at 40000 or 400001 shows one more or less: D0 must read {MAGIC}.
- **S7** is the address in the data block with `d_offset` and `p_offset` as they are where
  nothing is said: DBW a word, DBD two of them.
- **u32** is two words, the high one first: in S7 as it stands; a Modbus master has to be told
  "high word first" (big endian, ABCD). Nothing 32 bits wide decides a part. D24 to D27 show
  whether it is right ([word order](commissioning-plc.md#word-order)).
- **Bits** count from 0, the lowest. In S7 bit 0 of the word at byte 8 is DBX9.0, and bit 8 is
  DBX8.0.
- A station that serves (`modbus-server`, `modbus-rtu-server`) has D at 0 to {D_WORDS - 1} for
  FC3 and FC4, and takes P at {P_FIRST} to {P_FIRST + P_WORDS - 1} by FC6 and FC16; read all of D
  in one request, write all of P in one. What lies between is no register: exception 2.
"""


class Row(NamedTuple):
    """A word, or the two of a 32-bit value: its first word, how many, and what it says."""

    at: int
    words: int
    says: str
    kind: str = ""

    @property
    def type(self) -> str:
        """As PLC people name it."""
        return self.kind or ("u32" if self.words == _PAIR else "u16")


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_station(), *_plc(), *_discrete(), *_values()]).rstrip() + "\n"


# -- words ---------------------------------------------------------------------------------


def rows(
    values: Header | PlcWords | Record,
    pack: Callable[..., Sequence[int]],
    said: Mapping[str, str],
) -> list[Row]:
    """Where each field lies: what changes when it does. KeyError for one that nobody explains."""
    plain, found = pack(values), []
    for name in type(values)._fields:
        marked = pack(values._replace(**{name: _MARK}))
        places = [at for at, word in enumerate(marked) if word != plain[at]]
        if places and places[-1] - places[0] == len(places) - 1:
            found.append(Row(places[0], len(places), said[name]))
        else:  # the same at two places
            found += [Row(at, 1, said[name]) for at in places]
    return sorted(found)


def d_rows() -> list[Row]:
    """D0 to D31: fields, and what always stands there."""
    test = _place_of(TEST_WORDS, pack_header(Header()))
    constant = [
        Row(0, 1, says.D_CONSTANT["magic"]),
        Row(1, 1, says.D_CONSTANT["version"]),
        Row(test, 2, says.D_CONSTANT["u32"]),
        Row(test + 2, 2, says.D_CONSTANT["float"], "Real"),
        Row(OBJECTION_AT, 1, says.D_CONSTANT["objection"]),
    ]
    return _filled([*rows(Header(), pack_header, says.D_SAYS), *constant], HEADER_WORDS)


def p_rows() -> list[Row]:
    """P100 to P119, from 0."""
    return _filled(rows(PlcWords(), pack_plc, says.P_SAYS), P_WORDS)


def record_rows() -> list[Row]:
    """The eight words of a result record, from 0."""
    return rows(Record(0, 0, 0, 0, 0, 0, 0), pack_record, says.RECORD_SAYS)


def _filled(found: list[Row], words: int) -> list[Row]:
    """With what is reserved between and behind."""
    taken = {at for row in found for at in range(row.at, row.at + row.words)}
    free = [at for at in range(words) if at not in taken]
    return sorted([*found, *(Row(at, 1, says.D_CONSTANT["reserved"]) for at in free)])


def _place_of(wanted: Sequence[int], words: Sequence[int]) -> int:
    return next(
        at for at in range(len(words)) if tuple(words[at : at + len(wanted)]) == tuple(wanted)
    )


def _station() -> Iterator[str]:
    modbus, s7 = _default(ModbusClientSection, "d_base"), _default(S7Section, "d_offset")
    yield from ["## D: the station writes, the PLC reads", ""]
    yield from _table("D", d_rows(), 0, modbus, s7)
    first = record_at(0)
    yield from [
        f"Result records: {RECORDS} of {RECORD_WORDS} words, D{first} to D{D_WORDS - 1}.",
        "That of a sequence (RES_SEQ) begins at",
        f"D{first} + {RECORD_WORDS} * (sequence MOD {RECORDS}). Take it where SEQ_A and SEQ_B",
        "are the sequence that is due, then write it to ACK_SEQ. That of",
        f"sequence 0, {RECORDS}, {2 * RECORDS}, ...:",
        "",
    ]
    yield from _table("D", record_rows(), first, modbus, s7)
    starts = ", ".join(f"D{record_at(each)}" for each in range(RECORDS))
    yield from [f"The eight begin at {starts}.", ""]


def _plc() -> Iterator[str]:
    modbus, s7 = _default(ModbusClientSection, "p_base"), _default(S7Section, "p_offset")
    yield from ["## P: the PLC writes, the station reads", ""]
    yield from _table("P", p_rows(), P_FIRST, modbus - P_FIRST, s7 - _WORD_BYTES * P_FIRST)


def _default(section: type[ModbusClientSection | S7Section], key: str) -> int:
    found = section.model_fields[key].default
    return int(found)


def _table(
    letter: str, found: Iterable[Row], first: int, modbus: int, s7_byte: int
) -> Iterator[str]:
    """`first`: the number of the first row's word; `modbus`, `s7_byte`: where word 0 lies."""
    yield from ["| word | register | 4x | S7 | type | what it says |", "|---|---|---|---|---|---|"]
    for row in found:
        word = first + row.at
        last = word + row.words - 1
        span = f"{letter}{word}" + (f"-{letter}{last}" if row.words > 1 else "")
        register = f"{modbus + word}" + (f"-{modbus + last}" if row.words > 1 else "")
        kind = "DBD" if row.words > 1 else "DBW"
        byte = s7_byte + _WORD_BYTES * word
        yield (
            f"| {span} | {register} | {_HOLDING + modbus + word} | {kind}{byte} | {row.type} "
            f"| {row.says} |"
        )
    yield ""


# -- bits of Modbus ------------------------------------------------------------------------


def _discrete() -> Iterator[str]:
    said = [*(says.DISCRETE_SAYS[name] for name in Discrete._fields), says.EJECT]
    names = [*Discrete._fields, "eject"]
    yield from [
        "## Bits, for a small PLC",
        "",
        "Over Modbus alone; the S7 block has none. The station says these eight; a master without",
        "FC2 reads them as coils. Into a PLC that serves, the station writes them as coils from",
        "`coil_base` on, where that is given.",
        "",
        "| discrete input | 1x | coil of a station that serves | 0x | name | what it says |",
        "|---|---|---|---|---|---|",
    ]
    for at, (name, text) in enumerate(zip(names, said, strict=True)):
        coil = COIL_MIRROR + at
        yield f"| {at} | {_INPUT + at} | {coil} | {_COIL + coil:05} | {name} | {text} |"
    yield from [
        "",
        "The PLC writes two coils of a station that serves: coil 0 (00001), the ack toggle, which",
        "it changes when the result toggle has changed, and coil 1 (00002), enable, whose rise",
        "clears a fault ([what such a PLC must do](modbus-server.md#bits-alone)).",
        "",
    ]


# -- what the words may hold ---------------------------------------------------------------


def _values() -> Iterator[str]:
    s7 = _default(S7Section, "d_offset")
    status, fault = (_at("status"), _at("fault"))
    yield from _bits(f"STATUS (D{status})", says.STATUS_SAYS, s7 + _WORD_BYTES * status)
    yield from _bits(f"FAULT (D{fault})", says.FAULT_SAYS, s7 + _WORD_BYTES * fault)
    ctrl = PlcWords._fields.index("ctrl")
    p_byte = _default(S7Section, "p_offset") + _WORD_BYTES * ctrl
    yield from _bits(f"CTRL (P{P_FIRST + ctrl})", says.CTRL_SAYS, p_byte)
    yield from _bits("FLAGS of a record", says.FLAG_SAYS)
    yield from _numbers(f"STATE (D{_at('state')})", says.STATE_SAYS)
    yield from _numbers("VERDICT of a record", says.VERDICT_SAYS)
    yield from _numbers("Commands (P107)", says.COMMAND_SAYS)
    yield from _numbers(f"Results of commands (D{_at('cmd_result')})", says.RESULT_SAYS)


def _at(field: str) -> int:
    """The word of a field of the header."""
    marked, plain = (pack_header(Header(**{field: each})) for each in (1, 0))
    return next(at for at in range(HEADER_WORDS) if marked[at] != plain[at])


def _bits(title: str, said: Mapping[Bit, str], byte: int | None = None) -> Iterator[str]:
    """`byte`: of its word in the S7 block; None where it lies at several places."""
    s7 = "" if byte is None else " S7 |"
    yield from [f"## {title}", "", f"| bit | value |{s7} name | on where |"]
    yield f"|---|---|{'---|' if byte is not None else ''}---|---|"
    for bit in type(next(iter(said))):
        at = bit.value.bit_length() - 1
        place = ""
        if byte is not None:
            # the high byte comes first there
            place = f" DBX{byte + 1 - at // _BYTE_BITS}.{at % _BYTE_BITS} |"
        yield f"| {at} | {bit.value} |{place} {bit.name} | {said[bit]} |"
    yield ""


def _numbers(title: str, said: Mapping[Number, str]) -> Iterator[str]:
    yield from [f"## {title}", "", "| number | name | what it means |", "|---|---|---|"]
    yield from (f"| {each.value} | {each.name} | {said[each]} |" for each in type(next(iter(said))))
    yield ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
