"""Which requests on a serial line the station answers, with what and when: no port, no sleeping.

Requests to other units and their replies are heard and passed over; a broadcast write is obeyed
and not answered. A request after which another one has come already is obeyed and not answered:
its master waits no more.

Moments are in seconds on CLOCK_MONOTONIC, as the caller read it. Source: MODBUS over Serial Line
V1.02, sections 2.1 (unicast, broadcast) and 2.5.1 (silences).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gonogo.plc.disturbance import ECHO
from gonogo.plc.transports.rtu_frame import BROADCAST, BROADCAST_CODES, pack_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.modbus_served import ServedMap
    from gonogo.plc.transports.rtu_frame import Frame
    from gonogo.plc.transports.serial_line import SerialSection

_FRAME_EXTRA = 3  # unit and CRC around a PDU
_SAME_REPLY = frozenset({5, 6, 22})  # their replies look like their requests


class RtuReplies:
    """Frames in, at most one reply out; `due_s` is when it goes out, inf where there is none.

    `cut_off_s`: a PLC that asked for nothing that long counts as having been cut off.
    """

    def __init__(self, section: SerialSection, served: ServedMap, cut_off_s: float) -> None:
        self._section = section
        self._map = served
        self._cut_off_s = cut_off_s
        self._silence_s = section.silence_ms / 1000
        self.start(0.0, 0.0)

    def start(self, latency_ms: float, now_s: float) -> None:
        """The port was opened; `latency_ms` is what its adapter holds bytes back."""
        self._latency_ms = latency_ms
        self._heard_s = now_s
        self._reply = b""  # a frame that waits for its silence
        self.due_s = math.inf
        self._sent, self._sent_s = b"", 0.0  # the last one, which the line may hear, too

    def hear(self, frames: Sequence[Frame], now_s: float) -> None:
        """Obey what is for us, in order; the reply to the last one alone is still waited for."""
        for frame in frames:
            self._reply, self.due_s = b"", math.inf  # whoever speaks now waits for it no more
            if self._for_us(frame, now_s):
                self._answer(frame, now_s)

    def take(self) -> bytes:
        """The reply that is due; it is not handed out again."""
        reply, self._reply, self.due_s = self._reply, b"", math.inf
        return reply

    def sent(self, reply: bytes, now_s: float) -> None:
        """The reply has been handed to the kernel."""
        self._sent, self._sent_s = reply, now_s

    def _for_us(self, frame: Frame, now_s: float) -> bool:
        # a read of all units at once would be answered by all of them
        if frame.unit == BROADCAST:
            return frame.pdu[0] in BROADCAST_CODES
        if frame.unit != self._section.unit:
            return False
        if frame.request and not self._too_soon(frame, now_s):
            return True
        # byte for byte what we sent: an adapter without echo suppression
        if pack_frame(frame.unit, frame.pdu) == self._sent:
            self._sent = b""
            self._map.disturbances.count(ECHO, "the line")
        return False

    def _too_soon(self, frame: Frame, now_s: float) -> bool:
        """Our own reply, heard: the PLC would have had to receive it and say the same again."""
        # replies of other functions are told from requests by their length (Splitter)
        if frame.pdu[0] not in _SAME_REPLY or pack_frame(frame.unit, frame.pdu) != self._sent:
            return False
        needed_s = 2 * self._section.wire_ms(len(self._sent)) / 1000 + self._silence_s
        return now_s - self._sent_s < needed_s

    def _answer(self, frame: Frame, now_s: float) -> None:
        # the line has no connections: a pause is the only sign that the PLC was away
        if now_s - self._heard_s > self._cut_off_s:
            self._map.greet()
        self._heard_s = now_s
        # its first byte was sent that long ago: what it says is as old
        way_ms = self._section.wire_ms(len(frame.pdu) + _FRAME_EXTRA) + self._latency_ms
        reply = self._map.answer(frame.pdu, round(way_ms * 1e6))
        if frame.unit != BROADCAST:
            self._reply = pack_frame(frame.unit, reply)
            self.due_s = now_s + self._silence_s
