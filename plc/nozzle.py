"""The link's side of the station's own ejector: parts in, verdicts in, one coil out.

Without an ejector it lets everything through unchanged.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from gonogo.plc.map import unpack_plc
from gonogo.runtime.parts import Kind

if TYPE_CHECKING:
    from gonogo.plc.eject import Ejector
    from gonogo.plc.state import Result
    from gonogo.plc.transport import Image, Inputs
    from gonogo.runtime.parts import Pulse

_MOST_WAITING = 256


class Nozzle:
    """`seen` is the loop's, everything else the link thread's."""

    def __init__(self, ejector: Ejector | None, reserve_ns: int = 0) -> None:
        self._ejector = ejector
        self._reserve_ns = reserve_ns  # what the handshake leaves for the wire: one decision
        self._encoder = 0
        self._seen: deque[tuple[int, int]] = deque(maxlen=_MOST_WAITING)

    def seen(self, part_id: int, at_ns: int) -> None:
        """The station's own photo-eye saw a part."""
        if self._ejector is not None:
            self._seen.append((part_id, at_ns))

    def pulse(self, pulse: Pulse) -> None:
        """The PLC named a part."""
        self.seen(pulse.part_id, pulse.at_ns)

    def polled(self, inputs: Inputs) -> None:
        """What the PLC said: the encoder stands in P110-P111."""
        if self._ejector is not None and self._ejector.by_encoder:
            self._encoder = unpack_plc(inputs.words).encoder

    def judged(self, result: Result, *, permit: bool) -> None:
        """A verdict; an ACCEPT needs the permit, and to be in time."""
        if self._ejector is not None:
            self._enter_all()
            in_time = result.now_ns + self._reserve_ns < result.deadline_ns
            accept = result.kind is Kind.ACCEPT and in_time and permit
            self._ejector.judge(result.part_id, accept=accept)

    def _enter_all(self) -> None:
        if self._ejector is None:
            return
        while self._seen:
            part_id, at_ns = self._seen.popleft()
            self._ejector.enter(part_id, self._encoder if self._ejector.by_encoder else at_ns)

    def show(self, image: Image) -> Image:
        """The image with the coil of this moment as its last bit."""
        if self._ejector is None:
            return image
        self._enter_all()
        here = self._encoder if self._ejector.by_encoder else time.monotonic_ns()
        return image._replace(bits=(*image.bits, self._ejector.turn(here)))

    def wait_s(self, poll_s: float) -> float:
        """How long to wait at most, so that no edge of the coil is missed by a whole poll."""
        edge_ns = self._ejector.next_edge_ns if self._ejector is not None else None
        if edge_ns is None:
            return poll_s
        return min(poll_s, max((edge_ns - time.monotonic_ns()) / 1e9, 0.0))
