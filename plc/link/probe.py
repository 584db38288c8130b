"""What a technician wants to know of a PLC before parts flow: one line for each thing wrong.

`look_first` reads what stands where we would write, before anything is written. `listen`
exchanges words with a stopped station's face (no permit, no result) and collects what the
PLC does; findings.py says what is wrong with it. Pure but for the transport it is given.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import AnotherDevice
from gonogo.plc.register_map import (
    BOX_AT,
    HEART_AT,
    MAGIC,
    SESSION_AT,
    Header,
    PlcWords,
    State,
    StatusBit,
    pack_header,
    unpack_plc,
)
from gonogo.plc.transports.transport import ProcessImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.transport import Callers, Inputs, Transport

NS_PER_S = 1_000_000_000
BEAT_NS = 100_000_000
_FIRST_HEART = 0x1201  # unlike anything a PLC has by itself, and different when swapped
SESSION = 0x5A01
SOME = 2  # changes: one may be left over from before we came
_RECORD_AREA = (0,) * 64
_BITS = (False, False, False, True, False, False, False)  # reject, and nothing else


class Heard(NamedTuple):
    """What came of it; times in ms. `words` is P100-P119 as read last."""

    trips_ms: tuple[float, ...]
    heart_gaps_ms: tuple[float, ...]  # between two changes of PLC_HEART
    echo_ms: tuple[float, ...]  # from a change of DEV_HEART to its echo in P113
    words: Sequence[int]
    said: frozenset[int]  # every DEV_HEART that we showed
    ids: tuple[int, ...] = ()  # PART_ID, each value that it changed to
    callers: Callers | None = None  # where we serve
    shown: Sequence[int] = ()  # D0-D31 as written last

    @property
    def plc(self) -> PlcWords:
        """The words as values."""
        return unpack_plc(self.words)


def look_first(transport: Transport, for_s: float, poll_s: float) -> str:
    """What was found where we write, for people; AnotherDevice where somebody's heart beats there.

    The transport is open, and nothing has been written yet.
    """
    end_ns = time.monotonic_ns() + round(for_s * NS_PER_S)
    faces: list[tuple[int, ...]] = []
    while time.monotonic_ns() < end_ns:
        words = transport.read_back()
        # no use to ask again: it would say the same
        if words is None:
            return "the PLC does not let D0-D31 be read: another device would not be seen here"
        if not words:
            return ""
        # only changes: words that stand still are anybody's, from any time
        if tuple(words) not in faces[-1:]:
            faces.append(tuple(words))
        transport.wait(poll_s)
    if len(faces) <= SOME:
        return "nobody else writes there"
    if faces[-1][0] != MAGIC:
        return "something else writes into D0-D31, and it is no station: is d_base right?"
    raise AnotherDevice(_living(faces))


def _living(faces: Sequence[Sequence[int]]) -> str:
    box, session, heart = (faces[-1][at] for at in (BOX_AT, SESSION_AT, HEART_AT))
    return (
        f"another device writes here: D0-D31 changed {len(faces) - 1} times before we wrote, to "
        f"BOX_ID {box}, SESSION_ID {session}, DEV_HEART {heart}. Nothing was written; stop that "
        "station, or give this one words of its own in [plc]"
    )


class Listener:
    """Shows a heart that beats and notes when the PLC moves."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._heart = _FIRST_HEART
        self._beat_ns = time.monotonic_ns()
        self._plc_heart: tuple[int, int] | None = None  # value, when it changed
        self._awaiting = True
        self._acked = 0  # the PLC's ACK_SEQ
        self.ids: list[int] = []
        self.trips: list[float] = []
        self.gaps: list[float] = []
        self.echoes: list[float] = []
        self.said = {self._heart}
        self.shown: tuple[int, ...] = ()

    def exchange(self, poll_s: float) -> Inputs:
        """One exchange, and what follows from it."""
        now_ns = time.monotonic_ns()
        if now_ns - self._beat_ns >= BEAT_NS:
            self._heart, self._beat_ns, self._awaiting = self._heart + 1, now_ns, True
            self.said.add(self._heart)
        header = Header(
            dev_heart=self._heart,
            state=State.STOPPED,
            status=StatusBit.SYNC_REQUEST,
            res_seq=self._acked,  # nothing is on its way
            session_id=SESSION,
        )
        self.shown = pack_header(header)
        start_ns = time.monotonic_ns()
        inputs = self._transport.exchange(ProcessImage((*self.shown, *_RECORD_AREA), _BITS))
        self.trips.append((time.monotonic_ns() - start_ns) / 1e6)
        self._compare(inputs)
        self._transport.wait(poll_s)
        return inputs

    def _compare(self, inputs: Inputs) -> None:
        """What has changed since the last exchange, and when."""
        plc = unpack_plc(inputs.words)
        self._acked = plc.ack_seq
        if plc.part_id not in self.ids[-1:]:
            self.ids.append(plc.part_id)
        # the first value has no beginning, and so gives no gap
        if self._plc_heart is None or plc.heart != self._plc_heart[0]:
            if self._plc_heart is not None:
                self.gaps.append((inputs.at_ns - self._plc_heart[1]) / 1e6)
            self._plc_heart = (plc.heart, inputs.at_ns)
        # once a beat: an echo that stands there says nothing of the way
        if self._awaiting and plc.dev_heart_echo == self._heart:
            self._awaiting = False
            self.echoes.append((inputs.at_ns - self._beat_ns) / 1e6)


def listen(transport: Transport, trips: int, least_s: float, most_s: float, poll_s: float) -> Heard:
    """At least so many exchanges and seconds, at most so long; LinkError as the transport's."""
    listener = Listener(transport)
    start_ns = time.monotonic_ns()
    while True:
        inputs = listener.exchange(poll_s)
        past_s = (time.monotonic_ns() - start_ns) / NS_PER_S
        if past_s >= most_s or (len(listener.trips) >= trips and past_s >= least_s):
            break
    return Heard(
        tuple(listener.trips),
        tuple(listener.gaps),
        tuple(listener.echoes),
        tuple(inputs.words),
        frozenset(listener.said),
        tuple(listener.ids),
        getattr(transport, "callers", None),
        listener.shown,
    )
