"""The station as S7 client: it writes D words into a data block of the PLC and reads P words there.

What lies where in the block: gonogo.plc.transports.s7_block. S7-1200 and 1500 must permit
PUT/GET. The discrete bits have no place in the block: STATUS and the result records say the
same.

One connection, exactly one outstanding request, no retries: a request that failed ends
the connection with RST, since what is read after a timeout may be the answer before. A CPU
in STOP goes on answering: that its program stands still is said in the log
(gonogo.plc.transports.s7_cpu), and PLC_HEART decides.
"""

from __future__ import annotations

import logging
import select
import time
from typing import TYPE_CHECKING

from snap7.error import S7Error, S7TimeoutError

from gonogo.base.errors import LinkError
from gonogo.plc.transports.hosts import Host
from gonogo.plc.transports.s7_block import S7Block
from gonogo.plc.transports.s7_cpu import CpuWatch
from gonogo.plc.transports.s7_refusals import S7Refusals
from gonogo.plc.transports.s7_wire import PDU_BYTES, S7Wire
from gonogo.plc.transports.tcp import connect, harden
from gonogo.plc.transports.transport import Inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.plc.transports.s7_block import Found
    from gonogo.plc.transports.s7_section import S7Section
    from gonogo.plc.transports.transport import ProcessImage


class S7Client:
    """The transport of an S7Section (see gonogo.plc.transports.transport)."""

    def __init__(self, section: S7Section, wake_fd: int) -> None:
        self._section = section
        self._peer = f"PLC {section.place}"
        self._host = Host(section.host, section.port)
        self._wake_fd = wake_fd
        logging.getLogger("snap7").setLevel(logging.CRITICAL)  # our errors say it all
        self._wire: S7Wire | None = None
        self._refusals = S7Refusals(section, self._peer)
        self._block = S7Block(section, self._ask)
        self._cpu = CpuWatch(self._peer, self._ask_cpu)
        self._asked_ns = 0  # when P was asked for last: what changes after that is seen next

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
            raise self._refusals.silent("S7 connection request") from error
        except (S7Error, OSError) as error:
            raise self._refusals.not_our_cpu(error) from error
        # ours are a write of 64 words and a read of 96, each in one PDU
        if wire.pdu_bytes < PDU_BYTES:
            self._end(abort=True)
            raise self._refusals.small_pdus(wire.pdu_bytes)
        self._asked_ns = time.monotonic_ns()
        self._cpu.ask_if_due()
        self._block.try_whole()

    def close(self) -> None:
        """Send FIN and forget what the PLC holds; idempotent."""
        self._end(abort=False)

    def _end(self, *, abort: bool) -> None:
        """Abort after a failure: closed normally, the kernel would go on sending a late verdict."""
        wire, self._wire = self._wire, None
        self._block.forget()
        self._cpu.reconnected()
        if wire is not None:
            (wire.abort if abort else wire.close)()

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    # -- exchange ----------------------------------------------------------------------

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write what changed, records first, then read P; the bits are left out."""
        self._block.write(image.words)
        since_ns, self._asked_ns = self._asked_ns, time.monotonic_ns()
        words = self._block.read()
        # before the CPU is asked: what P says was so by now
        at_ns = time.monotonic_ns()
        self._cpu.ask_if_due()
        return Inputs(words, since_ns, at_ns)

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """Read D0-D31 (see gonogo.plc.transports.transport)."""
        return self._block.read_back(mark)

    def _ask_cpu(self) -> str | None:
        return self._ask("question for the CPU state", S7Wire.cpu_state)

    def _ask(self, what: str, request: Callable[[S7Wire], Found]) -> Found:
        """One request and its reply; whatever goes wrong ends the connection."""
        if self._wire is None:
            raise LinkError(f"{self._peer}: not connected; call open first")
        try:
            return request(self._wire)
        except (S7Error, OSError) as error:
            self._end(abort=True)
            raise self._refusals.of(what, error) from error
