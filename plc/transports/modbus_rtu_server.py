"""The station as Modbus RTU server on a serial line: the PLC is master and polls us.

What is served where: gonogo.plc.transports.modbus_served. Requests to other units and their
replies are heard and passed over; a broadcast write is obeyed and not answered.

    request of the PLC | silence t3.5 | our reply | silence | next request

A request after which another one has come already is obeyed and not answered: its
master waits no more. Everything happens inside the link thread, and only while that
thread waits: what a PLC reads in one request is always one whole image.
"""

from __future__ import annotations

import math
import select
import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.base.errors import LinkError
from gonogo.plc.disturbance import ECHO
from gonogo.plc.register_map import D_WORDS, P_WORDS
from gonogo.plc.transports.modbus_served import ServedMap
from gonogo.plc.transports.rtu_frame import BROADCAST, BROADCAST_CODES, Splitter, pack_frame
from gonogo.plc.transports.serial_line import GAP_S, SerialLine, SerialSection
from gonogo.plc.transports.transport import ALONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.rtu_frame import Frame
    from gonogo.plc.transports.transport import Callers, Inputs, ProcessImage

_READ_D_BYTES = 8, 5 + 2 * D_WORDS  # request and reply
_WRITE_P_BYTES = 9 + 2 * P_WORDS, 8
_FRAME_EXTRA = 3  # unit and CRC around a PDU
_SAME_REPLY = frozenset({5, 6, 22})  # their replies look like their requests


class ModbusRtuServerSection(SerialSection):
    """The line on which the PLC, as Modbus RTU master, finds the station as `unit`.

    `timeout_ms`: a PLC that asked for nothing that long counts as having been cut off.
    `scan_ms` is the PLC's own scan, for the latency sum; `poll_ms` is how often the
    link looks up when the PLC says nothing.
    """

    driver: Literal["modbus-rtu-server"]
    """The PLC is master of a serial line and polls the station."""
    timeout_ms: Annotated[int, Field(ge=50, le=10_000)] = 500
    """A PLC that asked for nothing that long counts as having been cut off."""
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10
    """The PLC's own scan, for the latency sum."""
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 2
    """How often the link looks up when the PLC says nothing."""

    @property
    def we_serve(self) -> bool:
        """The PLC polls us."""
        return True

    @property
    def poll_cycle_ms(self) -> float:
        """How long a PLC takes to read all 96 D words and write all 20 P words, at best."""
        count = sum(_READ_D_BYTES) + sum(_WRITE_P_BYTES)
        return self.wire_ms(count) + 4 * self.silence_ms

    @property
    def delivery_ms(self) -> float:
        """A verdict that has just missed a read: a whole cycle, and the reply of the next."""
        return self.poll_cycle_ms + self.silence_ms + self.wire_ms(_READ_D_BYTES[1])

    @property
    def pace(self) -> str:
        """The figures behind `delivery_ms`."""
        return (
            f"a poll of {D_WORDS} + {P_WORDS} words takes {self.poll_cycle_ms:.1f} ms at "
            f"{self.baud} baud, and a verdict that just missed one waits {self.delivery_ms:.1f} ms"
        )


class ModbusRtuServer:
    """The transport of a ModbusRtuServerSection (see gonogo.plc.transports.transport)."""

    def __init__(self, section: ModbusRtuServerSection, wake_fd: int) -> None:
        self._section = section
        self._wake_fd = wake_fd
        self._map = ServedMap(self._note_write, f"serial line {section.device}")
        self._line: SerialLine | None = None
        self._splitter = Splitter(section.unit, serves=True)
        self._silence_s = section.silence_ms / 1000
        self._spoke = False  # the PLC wrote in this wait
        self._reply = b""  # a frame that waits for its silence
        self._sent = b""
        self._due_s = self._gap_s = math.inf  # when the reply goes out; when the line was silent
        self._sent_s = self._heard_s = self._latency_ms = 0.0

    @property
    def callers(self) -> Callers:
        """Who has come since it was opened."""
        return self._map.callers

    def open(self) -> None:
        """Open the port; LinkError or PortInUse says why it cannot be had."""
        self.close()
        self._line = line = SerialLine(self._section)
        self._latency_ms = line.latency_ms
        self._map.reset()
        self._splitter = Splitter(self._section.unit, serves=True)
        self._reply = self._sent = b""
        self._due_s = self._gap_s = math.inf
        self._heard_s = time.monotonic()

    def exchange(self, image: ProcessImage) -> Inputs:
        """Serve `image` from now on, and take what the PLC has written."""
        if self._line is None:
            raise LinkError(f"serial line {self._section.line}: not open; call open first")
        return self._map.exchange(image)

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """What is served stands in memory of ours."""
        del mark
        return ALONE

    def wait(self, timeout_s: float) -> None:
        """Serve until the PLC has written, the link wakes us, or the time is over."""
        line = self._line
        if line is None:
            return
        end_s = time.monotonic() + timeout_s
        self._map.enter()
        self._spoke = False
        while not self._turn(line, end_s):
            pass

    def close(self) -> None:
        """Close the port; idempotent."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    # -- one look at the line ----------------------------------------------------------

    def _turn(self, line: SerialLine, end_s: float) -> bool:
        """Take what has come, send what is due; True when the wait is over."""
        left_s = min(end_s, self._due_s, self._gap_s) - time.monotonic()
        fds = line.fileno(), self._wake_fd
        readable = select.select(fds, (), (), max(left_s, 0))[0]
        if fds[0] in readable:
            self._take(self._splitter.feed(line.read()))
            self._gap_s = time.monotonic() + self._silence_s + GAP_S
        elif time.monotonic() >= self._gap_s:
            self._gap_s = math.inf
            self._take(self._splitter.end())
        if time.monotonic() >= self._due_s:
            self._send(line)
        return self._spoke or self._wake_fd in readable or time.monotonic() >= end_s

    def _take(self, frames: list[Frame]) -> None:
        """Obey what is for us, in order; the reply to the last one alone is still waited for."""
        if self._splitter.junk:  # a request of the PLC may be lost
            self._splitter.junk = 0
            self._map.greet()
        for frame in frames:
            self._drop_reply()
            if self._for_us(frame):
                self._answer(frame)

    def _for_us(self, frame: Frame) -> bool:
        if frame.unit == BROADCAST:
            return frame.pdu[0] in BROADCAST_CODES
        if frame.unit != self._section.unit:
            return False
        if frame.request and not self._too_soon(frame):
            return True
        if pack_frame(frame.unit, frame.pdu) == self._sent:
            self._sent = b""
            self._map.disturbances.count(ECHO, "the line")
        return False

    def _too_soon(self, frame: Frame) -> bool:
        """Our own reply, heard: the PLC would have had to receive it and say the same again."""
        if frame.pdu[0] not in _SAME_REPLY or pack_frame(frame.unit, frame.pdu) != self._sent:
            return False
        needed_s = 2 * self._section.wire_ms(len(self._sent)) / 1000 + self._silence_s
        return time.monotonic() - self._sent_s < needed_s

    def _answer(self, frame: Frame) -> None:
        now_s = time.monotonic()
        if now_s - self._heard_s > self._section.timeout_ms / 1000:
            self._map.greet()
        self._heard_s = now_s
        way_ms = self._section.wire_ms(len(frame.pdu) + _FRAME_EXTRA) + self._latency_ms
        reply = self._map.answer(frame.pdu, round(way_ms * 1e6))
        if frame.unit != BROADCAST:
            self._reply = pack_frame(frame.unit, reply)
            self._due_s = now_s + self._silence_s

    def _send(self, line: SerialLine) -> None:
        reply = self._reply
        self._drop_reply()
        line.write(reply)
        self._sent, self._sent_s = reply, time.monotonic()

    def _drop_reply(self) -> None:
        self._reply, self._due_s = b"", math.inf

    def _note_write(self) -> None:
        self._spoke = True
