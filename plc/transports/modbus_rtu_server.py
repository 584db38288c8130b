"""The station as Modbus RTU server on a serial line: the PLC is master and polls us.

What is served where: gonogo.plc.transports.modbus_served; which requests are answered, and when:
gonogo.plc.transports.rtu_replies.

    request of the PLC | silence t3.5 | our reply | silence | next request

Everything happens inside the link thread, and only while that thread waits: what a PLC reads in
one request is always one whole image.
"""

from __future__ import annotations

import math
import select
import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.base.errors import LinkError
from gonogo.plc.register_map import D_WORDS, P_WORDS
from gonogo.plc.transports.modbus_served import ServedMap
from gonogo.plc.transports.rtu_frame import Splitter
from gonogo.plc.transports.rtu_replies import RtuReplies
from gonogo.plc.transports.serial_line import GAP_S, SerialLine, SerialSection
from gonogo.plc.transports.transport import ALONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.rtu_frame import Frame
    from gonogo.plc.transports.transport import Callers, Inputs, ProcessImage

_READ_D_BYTES = 8, 5 + 2 * D_WORDS  # request and reply
_WRITE_P_BYTES = 9 + 2 * P_WORDS, 8


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
        # one silence before each request and each reply
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
        self._map = ServedMap(self._plc_wrote, f"serial line {section.device}")
        self._replies = RtuReplies(section, self._map, section.timeout_ms / 1000)
        self._line: SerialLine | None = None
        self._splitter = Splitter(section.unit, serves=True)
        self._frame_gap_s = section.silence_ms / 1000 + GAP_S  # a frame that stops so long is over
        self._spoke = False  # the PLC wrote in this wait
        self._gap_s = math.inf  # when the line will have been silent for so long

    @property
    def callers(self) -> Callers:
        """Who has come since it was opened."""
        return self._map.callers

    def open(self) -> None:
        """Open the port; LinkError or PortInUse says why it cannot be had."""
        self.close()
        self._line = line = SerialLine(self._section)
        self._map.reset()
        self._splitter = Splitter(self._section.unit, serves=True)
        self._replies.start(line.latency_ms, time.monotonic())
        self._gap_s = math.inf

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
        # before anything can arrive: the moment that this wait's requests are dated by
        self._map.enter()
        self._spoke = False
        while not self._serve_once(line, end_s):
            pass

    def close(self) -> None:
        """Close the port; idempotent."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _serve_once(self, line: SerialLine, end_s: float) -> bool:
        """Take what has come, send what is due; True when the wait is over."""
        left_s = min(end_s, self._replies.due_s, self._gap_s) - time.monotonic()
        fds = line.fileno(), self._wake_fd
        readable = select.select(fds, (), (), max(left_s, 0))[0]
        if fds[0] in readable:
            self._take(self._splitter.feed(line.read()))
            self._gap_s = time.monotonic() + self._frame_gap_s
        elif time.monotonic() >= self._gap_s:
            self._gap_s = math.inf
            self._take(self._splitter.end())
        # after the taking: a request that has just come makes an older reply void
        if time.monotonic() >= self._replies.due_s:
            reply = self._replies.take()
            line.write(reply)
            self._replies.sent(reply, time.monotonic())
        return self._spoke or self._wake_fd in readable or time.monotonic() >= end_s

    def _take(self, frames: list[Frame]) -> None:
        if self._splitter.junk:  # a request of the PLC may be lost
            self._splitter.junk = 0
            self._map.greet()
        self._replies.hear(frames, time.monotonic())

    def _plc_wrote(self) -> None:
        """Called by the map: the link looks at once at what the PLC wrote."""
        self._spoke = True
