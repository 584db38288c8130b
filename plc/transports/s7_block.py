"""What the station does in an S7 data block, whatever brings the requests: write D, read P.

    byte d_offset (0)      D0-D95, written here: word n at d_offset + 2 n
    byte p_offset (192)    P100-P119, written by the PLC: word n at p_offset + 2 (n - 100)

The block is ours alone, 232 bytes or longer, words as WORD or UINT (high byte first), and
not optimized ("Optimized block access" off), since S7 addresses are bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, OBJECTION_AT, P_WORDS
from gonogo.plc.transports.transport import changed_records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.plc.transports.s7_section import S7Section
    from gonogo.plc.transports.s7_wire import S7Wire

Found = TypeVar("Found")


class Ask(Protocol):
    """Carries one request out on the connection that there is; LinkError says why it did not."""

    def __call__(self, what: str, request: Callable[[S7Wire], Found], /) -> Found:
        """`what` names the request in messages."""
        ...


class S7Block:
    """Writes what changed and reads P; knows what the PLC holds of ours."""

    def __init__(self, section: S7Section, ask: Ask) -> None:
        self._section = section
        self._ask = ask
        self._words: Sequence[int] = ()  # what the PLC holds of ours, () when unknown

    def forget(self) -> None:
        """The connection is over: all is written again, since the PLC may have been restarted."""
        self._words = ()

    def try_whole(self) -> None:
        """A block that is missing, short or locked is found before there is anything to say."""
        # both areas, whole: the first byte alone would not find a block that is too short
        self._read("D0-D95", self._section.d_offset, D_WORDS)
        self.read()

    def write(self, words: Sequence[int]) -> None:
        """Changed records in one request, then the header with RES_SEQ, always whole."""
        first, end = changed_records(words, self._words)
        if end:
            self._write(first, words[first:end])
        # last, and only when the records have been acknowledged: RES_SEQ says that they are there
        if words[:HEADER_WORDS] != self._words[:HEADER_WORDS]:
            self._write(0, words[:HEADER_WORDS])
        self._words = words

    def read(self) -> Sequence[int]:
        """P100-P119."""
        return self._read("P100-P119", self._section.p_offset, P_WORDS)

    def read_back(self, mark: int) -> Sequence[int]:
        """D0-D31 as they stand in the PLC; `mark`, if not 0, is written into OBJECTION before."""
        if mark:
            self._write(OBJECTION_AT, (mark,))
        return self._read("D0-D31", self._section.d_offset, HEADER_WORDS)

    def _write(self, at: int, words: Sequence[int]) -> None:
        db, start = self._section.db, self._section.d_offset + 2 * at
        self._ask(
            f"write of words D{at}-D{at + len(words) - 1} to DB {db} from byte {start}",
            lambda wire: wire.write(db, start, words),
        )

    def _read(self, what: str, start: int, count: int) -> Sequence[int]:
        db = self._section.db
        return self._ask(
            f"read of words {what} in DB {db} from byte {start}",
            lambda wire: wire.read(db, start, count),
        )
