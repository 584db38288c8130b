"""What the station does as Modbus client, whatever the wire: write D words, read P words.

Function codes used: 3, 16, and 15 for the coil mirror. Exactly one outstanding request, no
retries; framing and failures are the transport's.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator
from pymodbus.pdu.bit_message import WriteMultipleCoilsRequest
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    WriteMultipleRegistersRequest,
)

from gonogo.base.errors import LinkRefused, LinkSilent
from gonogo.base.log.logger import get_logger
from gonogo.plc.register_map import D_WORDS, DI_BITS, HEADER_WORDS, OBJECTION_AT, P_WORDS
from gonogo.plc.transports.section import TransportSection
from gonogo.plc.transports.transport import Inputs, changed_records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transports.transport import ProcessImage

_log = get_logger("gonogo.plc")

WRITE_LEAST, WRITE_MOST = 16, 123  # words; a header's first 16 hold its heart and RES_SEQ
_ADDRESSES = 65536
_REFERENCES, _LISTED = 40001, 9999  # how lists of registers often name them: 40001-49999
_NOTHING_THERE = (1, 2, 3)  # exceptions that will be the same the next time
_SILENCES = 2  # a PLC that never answers a look is not asked again, either


class MasterSection(TransportSection):
    """Where the words lie in a PLC that serves Modbus; 0-based PDU addresses.

    `coil_base` is where the bits DI0-DI6 (and DI7 of a station that ejects itself) are
    written, too; left out, they are not. `atomic_writes`: the PLC takes over a request
    of many registers as a whole, never half of it in one scan; then a record and its
    RES_SEQ travel in one request, not two. `max_words`: the PLC takes no more in one write
    (`gonogo plc probe` finds it).
    """

    d_base: Annotated[int, Field(ge=0, le=_ADDRESSES - D_WORDS)] = 0
    """First register of what the station writes (D0-D95), counted from 0."""
    p_base: Annotated[int, Field(ge=0, le=_ADDRESSES - P_WORDS)] = 100
    """First register of what the PLC writes (P100-P119), counted from 0."""
    coil_base: Annotated[int, Field(ge=0, le=_ADDRESSES - DI_BITS)] | None = None
    """First coil of the bits DI0-DI7; left out, they are not written."""
    atomic_writes: bool = False
    """Whether the PLC takes over a request of many registers as a whole, never half of it."""
    max_words: Annotated[int, Field(ge=WRITE_LEAST, le=WRITE_MOST)] = WRITE_MOST
    """The most registers that the PLC takes in one write; the probe finds it."""

    @model_validator(mode="after")
    def _apart(self) -> MasterSection:
        """What we write must not lie on what the PLC writes."""
        # two ranges overlap where each begins before the other ends
        if self.d_base < self.p_base + P_WORDS and self.p_base < self.d_base + D_WORDS:
            raise ValueError(
                f"d_base {self.d_base} (96 words) and p_base {self.p_base} (20 words) overlap; "
                f"move one of them, for example p_base = {self.d_base + 100}"
            )
        # all records and the header may change at once: D0-D95 in one request
        if self.atomic_writes and self.max_words < D_WORDS:
            raise ValueError(
                f"atomic_writes needs {D_WORDS} words in one request, and max_words is "
                f"{self.max_words}: leave one of them out"
            )
        return self

    @property
    def reference_hint(self) -> str:
        """Whether a base was taken from a list of 4x references; '' where it was not."""
        named = [("d_base", self.d_base), ("p_base", self.p_base)]
        typed = [(key, at) for key, at in named if _REFERENCES <= at < _REFERENCES + _LISTED]
        return "; ".join(
            f"{key} = {at} looks like a 4x reference: addresses count from 0 here, and register "
            f"{at} is {at - _REFERENCES}"
            for key, at in typed
        )

    def in_words(self) -> list[str]:
        """As every transport, and a base that was taken from the wrong list."""
        return [*super().in_words(), *filter(None, [self.reference_hint])]

    @property
    def eject_problem(self) -> str:
        """Why the station's own ejector has no coil here; '' where it has."""
        if self.coil_base is not None:
            return ""
        return "eject: its coil is DI7, at plc.coil_base + 7: expected a plc.coil_base, got none"


class _Write(WriteMultipleRegistersRequest):
    """The library packs its words one by one: six times as long, with a verdict among them."""

    def encode(self) -> bytes:
        return struct.pack(
            f">HHB{self.count}H", self.address, self.count, 2 * self.count, *self.registers
        )


def needs_of(section: MasterSection) -> str:
    """What the PLC must have, for refusals."""
    return (
        f"map {D_WORDS} holding registers from {section.d_base} for what we write (FC16) and "
        f"{P_WORDS} from {section.p_base} for what we read (FC3)"
        + ("" if section.coil_base is None else f", {DI_BITS} coils from {section.coil_base}")
        + (f"; {section.reference_hint}" if section.reference_hint else "")
    )


class Master:
    """Writes what changed and reads P; `ask` brings one request to a unit and its reply back."""

    def __init__(
        self, section: MasterSection, unit: int, ask: Callable[[ModbusPDU, str], ModbusPDU]
    ) -> None:
        self._section = section
        self._unit = unit
        self._ask = ask
        self.readable = True  # what we write, as far as we know
        self._has_read = False  # D0-D31, over any connection
        self._silences = 0
        self.start()

    def start(self) -> None:
        """A new connection: what the PLC holds of ours is unknown, all of it is written again."""
        # () differs from every image: all is written, header included
        self._words: Sequence[int] = ()
        self._bits: Sequence[bool] = ()
        self._asked_ns = time.monotonic_ns()

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write what changed, records first, then read P (see gonogo.plc.transports.transport)."""
        # words before bits: DI1 (result toggle) must not come before its record
        self._write_words(image.words)
        # after the acknowledgement: a write that failed has raised, and is made again
        self._words = image.words
        self._write_bits(image.bits)
        # before the request: what the PLC sets while the reply travels is seen the next time
        since_ns, self._asked_ns = self._asked_ns, time.monotonic_ns()
        words = self.read(P_WORDS)
        return Inputs(words, since_ns, time.monotonic_ns())

    def _write_words(self, words: Sequence[int]) -> None:
        """Changed records first, in one request."""
        first, end = changed_records(words, self._words)
        # the header is in it, and RES_SEQ with its record in one scan
        if end and self._section.atomic_writes:
            self._write(0, words[:end])
            return
        if end:
            self._write(first, words[first:end])
        self._write_header(words)

    def _write_header(self, words: Sequence[int]) -> None:
        """Always whole: a PLC that lost its memory has magic and version back within a beat."""
        if words[:HEADER_WORDS] != self._words[:HEADER_WORDS]:
            self._write(0, words[:HEADER_WORDS])

    def _write(self, at: int, words: Sequence[int]) -> None:
        """In as many requests as the PLC needs, from the end: RES_SEQ comes after all else."""
        most = self._section.max_words
        for start in reversed(range(0, len(words), most)):
            self._write_some(at + start, words[start : start + most])

    def _write_some(self, at: int, words: Sequence[int]) -> None:
        first = self._section.d_base + at
        self._ask(
            _Write(address=first, registers=words, dev_id=self._unit),
            f"write of words D{at}-D{at + len(words) - 1} to holding registers {first}..",
        )

    def _write_bits(self, bits: Sequence[bool]) -> None:
        base = self._section.coil_base
        if base is None or bits == self._bits:
            return
        self._ask(
            WriteMultipleCoilsRequest(address=base, bits=list(bits), dev_id=self._unit),
            f"write of bits DI0-DI{len(bits) - 1} to coils {base}..",
        )
        self._bits = bits

    def read(self, count: int) -> Sequence[int]:
        """The first `count` words of P."""
        base = self._section.p_base
        request = ReadHoldingRegistersRequest(address=base, count=count, dev_id=self._unit)
        what = f"read of words P100-P{99 + count} at holding registers {base}.."
        return self._ask(request, what).registers

    def read_back(self, mark: int) -> Sequence[int] | None:
        """D0-D31; LinkRefused with `readable` off: not for us to read, and never asked again.

        `mark`, if not 0, is written into OBJECTION first.
        """
        # an objection is worth writing to a PLC, too, that cannot be read
        if mark:
            self._write(OBJECTION_AT, (mark,))
        if not self.readable:
            return None
        base = self._section.d_base
        request = ReadHoldingRegistersRequest(address=base, count=HEADER_WORDS, dev_id=self._unit)
        try:
            words = self._ask(request, f"read of words D0-D31 at {base}..").registers
        except LinkRefused as error:
            self._unreadable(error, never=error.reply in _NOTHING_THERE)
            raise
        except LinkSilent as error:
            self._silences += 1
            self._unreadable(error, never=not self._has_read and self._silences >= _SILENCES)
            raise
        self._has_read = True
        return words

    def _unreadable(self, error: Exception, *, never: bool) -> None:
        if never:
            self.readable = False
            _log.warning(
                "plc_writers_unseen",
                text="%(error)s; another device that writes there is found by its session only",
                error=error,
            )
