"""A PLC in a Modbus server of another maker, with the program that a right PLC runs.

Import it as `gonogo.tests.softplc`; needs pyModbusTCP.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from pyModbusTCP.constants import EXP_DATA_VALUE
from pyModbusTCP.server import DataHandler, ModbusServer

from gonogo.plc.register_map import Header, Record, record_at, unpack_header, unpack_record
from gonogo.plc.transports.modbus_client import ModbusClientSection

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    Words = list[int]
    Change = Callable[[Words, Words], Words | None]

SCAN_S = 0.005
WAIT_S = 30.0
VERSION, HEART, CTRL, PART, ACK, CMD_SEQ, CMD, CMD_ARG = 0, 1, 2, 3, 4, 6, 7, 8
ECHO, SESSION = 13, 15  # of P
ENABLE, RUN = 1, 3  # CTRL: enabled, enabled and triggering
P_AT = 100


class _Limited(DataHandler):  # type: ignore[misc]
    """Takes no more words in one write; waits `stall_s` before the next answer."""

    def __init__(self, max_words: int) -> None:
        super().__init__()
        self._max_words = max_words
        self.stall_s = 0.0
        self.widest = 0  # words in one write

    def write_h_regs(self, address: int, words_l: Words, srv_info: Any) -> DataHandler.Return:  # noqa: ANN401 - the library's
        """A write, or exception 3."""
        if len(words_l) > self._max_words:
            return DataHandler.Return(exp_code=EXP_DATA_VALUE)
        self.widest = max(self.widest, len(words_l))
        stall_s, self.stall_s = self.stall_s, 0.0
        time.sleep(stall_s)
        return super().write_h_regs(address, words_l, srv_info)


class SoftPlc:
    """Scans until it is closed; `change` sees P and D in each scan and may spoil P.

    `p` are the words of its own program; set them from outside between scans.
    """

    def __init__(self, change: Change | None = None, max_words: int = 123) -> None:
        self.p = [0] * 20
        self.change = change
        self.records: dict[int, Record] = {}  # by part id
        self.limits = _Limited(max_words)
        self._server = ModbusServer("127.0.0.1", 0, no_block=True, data_hdl=self.limits)
        self._server.start()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def section(self) -> ModbusClientSection:
        """How a station in client role reaches it."""
        port = self._server._service.server_address[1]
        return ModbusClientSection(  # it shares an interpreter with the test: never in a hurry
            driver="modbus-client", host="127.0.0.1", port=port, timeout_ms=1000
        )

    @property
    def d(self) -> Words:
        """What the station has written."""
        words: Words = self._server.data_bank.get_holding_registers(0, 96)
        return words

    @property
    def header(self) -> Header:
        """D0-D31 as values; all zero before the station has come."""
        return unpack_header(self.d) if any(self.d) else Header()

    def _run(self) -> None:
        while not self._stop.wait(SCAN_S):
            p, d = self.p, self.d
            p[VERSION], p[HEART] = 1, (p[HEART] + 1) & 0xFFFF
            p[ECHO], p[SESSION] = d[2], d[13]
            self._take(d)
            shown = self.change(p, d) if self.change else None
            self._server.data_bank.set_holding_registers(P_AT, p if shown is None else shown)

    def _take(self, d: Words) -> None:
        """Acknowledge whole records, all there are."""
        for sequence in range(d[12] - 7, d[12] + 1):
            at = record_at(sequence)
            record = unpack_record(d[at : at + 8])
            if record is not None and record.part_id:
                self.records[record.part_id] = record
        self.p[ACK] = d[12]

    def until(self, what: str, done: Callable[[], object]) -> None:
        """Wait for something to be so."""
        end_s = time.monotonic() + WAIT_S
        while not done():
            assert time.monotonic() < end_s, f"{what}: {self.header}"
            time.sleep(0.01)

    def parts(self, count: int, pitch_s: float = 0.1) -> list[Record]:
        """Trigger so many parts; the records that came of them."""
        self.p[CTRL] = RUN
        self.until("no permit", lambda: self.header.status >> 3 & 1)
        first = self.p[PART] + 1
        for part_id in range(first, first + count):
            self.p[PART] = part_id
            time.sleep(pitch_s)
        self.until("a part without a record", lambda: self.p[PART] in self.records)
        self.p[CTRL] = ENABLE
        return [self.records[k] for k in range(first, first + count) if k in self.records]

    def command(self, code: int, argument: int) -> int:
        """Give a command; its result once it is no longer busy."""
        self.p[CMD], self.p[CMD_ARG] = code, argument
        self.p[CMD_SEQ] += 1
        busy = 5
        self.until(
            "a command without an answer",
            lambda: self.header.cmd_seq == self.p[CMD_SEQ] and self.header.cmd_result != busy,
        )
        return self.header.cmd_result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._server.stop()
