"""The station as S7 client: it writes D words into a data block of the PLC and reads P words there.

    byte d_offset (0)      D0-D95, written here: word n at d_offset + 2 n
    byte p_offset (192)    P100-P119, written by the PLC: word n at p_offset + 2 (n - 100)

The block is ours alone, 232 bytes or longer, words as WORD or UINT (high byte first), and
not optimized ("Optimized block access" off), since S7 addresses are bytes. S7-1200 and
1500 must permit PUT/GET. The discrete bits have no place in it: STATUS and the result
records say the same.

One connection, exactly one outstanding request, no retries: a request that failed ends
the connection with RST, since what is read after a timeout may be the answer before. A CPU
in STOP goes on answering: that its program stands still is said in the log, and
PLC_HEART decides.
"""

from __future__ import annotations

import logging
import select
import time
from typing import TYPE_CHECKING, TypeVar

from snap7.error import S7Error, S7TimeoutError

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, OBJECTION_AT, P_WORDS
from gonogo.plc.transports.hosts import Host
from gonogo.plc.transports.s7_wire import PDU_BYTES, Declined, S7Wire
from gonogo.plc.transports.tcp import connect, harden
from gonogo.plc.transports.transport import Inputs, changed_records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.plc.transports.s7_section import S7Section
    from gonogo.plc.transports.transport import ProcessImage

    Found = TypeVar("Found")

_log = logging.getLogger("gonogo.plc")

CPU_STATE_NS = 1_000_000_000
_NOT_PERMITTED = (
    "does not permit it; in TIA Portal: CPU properties, Protection & Security, access level "
    "'Full access', and under Connection mechanisms tick 'Permit access with PUT/GET "
    "communication from remote partner'; then download the hardware configuration"
)
_TOO_SHORT = (
    "has no such bytes in DB {db}; make it {size} bytes or longer and, in TIA Portal, untick "
    "'Optimized block access' in the block's attributes; then compile and download it"
)
_CAUSES = {
    0x03: _NOT_PERMITTED + "; the block must not be write-protected",
    0x05: _TOO_SHORT,
    0x0A: "has no DB {db}; download the block, or correct db in [plc]",
    0x8104: _NOT_PERMITTED,
}
_OTHER_CAUSE = (
    "refuses; DB {db} must be there with {size} bytes or more, not optimized, "
    "and PUT/GET access must be permitted"
)


class S7Client:
    """The transport of an S7Section (see gonogo.plc.transports.transport)."""

    def __init__(self, section: S7Section, wake_fd: int) -> None:
        self._section = section
        self._peer = f"PLC {section.place}"
        self._host = Host(section.host, section.port)
        self._wake_fd = wake_fd
        logging.getLogger("snap7").setLevel(logging.CRITICAL)  # our errors say it all
        self._wire: S7Wire | None = None
        self._words: Sequence[int] = ()  # what the PLC holds of ours, () when unknown
        self._asked_ns = 0
        self._cpu = ""  # state that was said last
        self._cpu_due_ns: int | None = 0  # None: the PLC does not say

    # -- connection --------------------------------------------------------------------

    def open(self) -> None:
        """Connect and read the block once; LinkRefused when the PLC says no, LinkSilent nothing."""
        self.close()
        section = self._section
        timeout_s = section.timeout_ms / 1000
        sock = connect(self._peer, self._host, timeout_s, "S7 server (ISO-TCP)")
        harden(sock, 3 * section.timeout_ms)
        try:
            self._wire = wire = S7Wire(sock, section.rack, section.slot, timeout_s)
        except S7TimeoutError as error:
            raise self._silent("S7 connection request") from error
        except (S7Error, OSError) as error:
            raise self._not_our_cpu(error) from error
        if wire.pdu_bytes < PDU_BYTES:
            self._end(abort=True)
            raise LinkRefused(
                f"{self._peer}: the PLC offers PDUs of {wire.pdu_bytes} bytes, "
                f"expected {PDU_BYTES} or more; reach the CPU itself, not through a gateway"
            )
        self._asked_ns = time.monotonic_ns()
        self._try_block()

    def _try_block(self) -> None:
        """A block that is missing, short or locked is found before there is anything to say."""
        self._watch_cpu()
        self._read("D0-D95", self._section.d_offset, D_WORDS)
        self._read("P100-P119", self._section.p_offset, P_WORDS)

    def _not_our_cpu(self, error: Exception) -> LinkRefused:
        section = self._section
        return LinkRefused(
            f"{self._peer}: no S7 connection to rack {section.rack} slot {section.slot} ({error}); "
            "S7-1200 and 1500 have rack 0 slot 1, S7-300 rack 0 slot 2, S7-400 see the hardware "
            "configuration; or the CPU has no connection resource left"
        )

    def close(self) -> None:
        """Send FIN and forget what the PLC holds; idempotent."""
        self._end(abort=False)

    def _end(self, *, abort: bool) -> None:
        """Abort after a failure: closed normally, the kernel would go on sending a late verdict."""
        wire, self._wire = self._wire, None
        self._words = ()
        self._cpu_due_ns = 0
        if wire is not None:
            (wire.abort if abort else wire.close)()

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    # -- exchange ----------------------------------------------------------------------

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write what changed, records first, then read P; the bits are left out."""
        self._write_words(image.words)
        self._words = image.words
        since_ns, self._asked_ns = self._asked_ns, time.monotonic_ns()
        words = self._read("P100-P119", self._section.p_offset, P_WORDS)
        at_ns = time.monotonic_ns()
        self._watch_cpu()
        return Inputs(words, since_ns, at_ns)

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """Read D0-D31 (see gonogo.plc.transports.transport)."""
        if mark:
            self._write(OBJECTION_AT, (mark,))
        return self._read("D0-D31", self._section.d_offset, HEADER_WORDS)

    def _write_words(self, words: Sequence[int]) -> None:
        """Changed records in one request, then the header with RES_SEQ, always whole."""
        first, end = changed_records(words, self._words)
        if end:
            self._write(first, words[first:end])
        if words[:HEADER_WORDS] != self._words[:HEADER_WORDS]:
            self._write(0, words[:HEADER_WORDS])

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

    def _watch_cpu(self) -> None:
        """Ask for the CPU's state when it is time, and say in the log when it changed."""
        now_ns = time.monotonic_ns()
        if self._cpu_due_ns is None or now_ns < self._cpu_due_ns:
            return
        state = self._ask("question for the CPU state", S7Wire.cpu_state)
        self._cpu_due_ns = None if state is None else now_ns + CPU_STATE_NS
        said, self._cpu = self._cpu, state or "unknown"
        if self._cpu != said:
            self._say_cpu()

    def _say_cpu(self) -> None:
        if self._cpu == "RUN":
            _log.info("%s: the CPU is in RUN", self._peer)
        elif self._cpu == "unknown":
            _log.info("%s: does not tell its CPU state; PLC_HEART alone decides", self._peer)
        else:
            _log.warning(
                "%s: the CPU is in %s, not in RUN: PLC_HEART stands still and permit goes",
                self._peer,
                self._cpu,
            )

    def _ask(self, what: str, request: Callable[[S7Wire], Found]) -> Found:
        """One request and its reply; whatever goes wrong ends the connection."""
        if self._wire is None:
            raise LinkError(f"{self._peer}: not connected; call open first")
        try:
            return request(self._wire)
        except (S7Error, OSError) as error:
            self._end(abort=True)
            raise self._failure(what, error) from error

    def _failure(self, what: str, error: Exception) -> LinkError:
        if isinstance(error, S7TimeoutError):
            return self._silent(what)
        if not isinstance(error, Declined):
            return LinkError(f"{self._peer}: the connection failed during the {what}: {error}")
        cause = _CAUSES.get(error.code, _OTHER_CAUSE)
        cause = cause.format(db=self._section.db, size=self._section.block_bytes)
        return LinkRefused(f"{self._peer}: 0x{error.code:02x} to the {what}: the PLC {cause}")

    def _silent(self, what: str) -> LinkSilent:
        return LinkSilent(
            f"{self._peer}: no whole reply within {self._section.timeout_ms} ms to the {what}; "
            "if the PLC's scan is slow, raise timeout_ms (50..1000)"
        )
