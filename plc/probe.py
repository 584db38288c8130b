"""What a technician wants to know of a PLC before parts flow: one line for each thing wrong.

`look_first` reads what stands where we would write, before anything is written. `listen`
exchanges words with a stopped station's face (no permit, no result) and collects what the
PLC does; `findings` says what is wrong with it. Pure but for the transport it is given.
"""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from gonogo.plc.map import (
    BOX_AT,
    MAGIC,
    MAP_VERSION,
    P_WORDS,
    SESSION_AT,
    CtrlBit,
    Header,
    PlcWords,
    State,
    StatusBit,
    pack_header,
    unpack_plc,
)
from gonogo.plc.transport import Image
from gonogo.runtime.errors import AnotherDevice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transport import Inputs, Transport

NS_PER_S = 1_000_000_000
BEAT_NS = 100_000_000
HEART_LIMIT_MS = 500.0
PATTERN = 0x12345678  # D24-D25, the high word first
_FIRST_HEART = 0x1201  # unlike anything a PLC has by itself, and different when swapped
_SESSION = 0x5A01
_ECHO, _VERSION = PlcWords._fields.index("dev_heart_echo") + 1, 0  # the encoder takes two words
_HEART_AT = 2
_SOME = 2  # changes: one may be left over from before we came
_SLACK_MS = 5.0  # of our own polling
_RECORD_AREA = (0,) * 64
_BITS = (False, False, False, True, False, False, False)  # reject, and nothing else


class Heard(NamedTuple):
    """What came of it; times in ms. `words` is P100-P119 as read last."""

    trips_ms: tuple[float, ...]
    heart_gaps_ms: tuple[float, ...]  # between two changes of PLC_HEART
    echo_ms: tuple[float, ...]  # from a change of DEV_HEART to its echo in P113
    words: Sequence[int]
    said: frozenset[int]  # every DEV_HEART that we showed

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
        words = transport.look()
        if words is None:
            return "the PLC does not let D0-D31 be read: another device would not be seen here"
        if not words:
            return ""
        if tuple(words) not in faces[-1:]:
            faces.append(tuple(words))
        transport.wait(poll_s)
    if len(faces) <= _SOME:
        return "nobody else writes there"
    if faces[-1][0] != MAGIC:
        return "something else writes into D0-D31, and it is no station: is d_base right?"
    raise AnotherDevice(_living(faces))


def _living(faces: Sequence[Sequence[int]]) -> str:
    box, session, heart = (faces[-1][at] for at in (BOX_AT, SESSION_AT, _HEART_AT))
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
        self.trips: list[float] = []
        self.gaps: list[float] = []
        self.echoes: list[float] = []
        self.said = {self._heart}

    def turn(self, poll_s: float) -> Inputs:
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
            session_id=_SESSION,
        )
        start_ns = time.monotonic_ns()
        inputs = self._transport.exchange(Image((*pack_header(header), *_RECORD_AREA), _BITS))
        self.trips.append((time.monotonic_ns() - start_ns) / 1e6)
        self._note(inputs)
        self._transport.wait(poll_s)
        return inputs

    def _note(self, inputs: Inputs) -> None:
        plc = unpack_plc(inputs.words)
        self._acked = plc.ack_seq
        if self._plc_heart is None or plc.heart != self._plc_heart[0]:
            if self._plc_heart is not None:
                self.gaps.append((inputs.at_ns - self._plc_heart[1]) / 1e6)
            self._plc_heart = (plc.heart, inputs.at_ns)
        if self._awaiting and plc.dev_heart_echo == self._heart:
            self._awaiting = False
            self.echoes.append((inputs.at_ns - self._beat_ns) / 1e6)


def listen(transport: Transport, trips: int, least_s: float, most_s: float, poll_s: float) -> Heard:
    """At least so many exchanges and seconds, at most so long; LinkError as the transport's."""
    listener = Listener(transport)
    start_ns = time.monotonic_ns()
    while True:
        inputs = listener.turn(poll_s)
        past_s = (time.monotonic_ns() - start_ns) / NS_PER_S
        if past_s >= most_s or (len(listener.trips) >= trips and past_s >= least_s):
            break
    return Heard(
        tuple(listener.trips),
        tuple(listener.gaps),
        tuple(listener.echoes),
        tuple(inputs.words),
        frozenset(listener.said),
    )


def findings(heard: Heard, scan_ms: float, wire_ms: float = 0.0) -> list[str]:
    """What is wrong, one line each, with the remedy; nothing where all is well.

    `wire_ms` is how long a slow wire takes to bring all words both ways.
    """
    found = _order(heard)
    if found:  # nothing else can be told from words that lie elsewhere
        return [found]
    plc = heard.plc
    each = (_heart(heard), _version(plc), _echo(heard, scan_ms, wire_ms), _session(plc))
    return [line for line in each if line]


def _order(heard: Heard) -> str:
    """Bytes swapped, or a base address that is off: our own heart lies where it should not."""
    words, wanted = heard.words, heard.said
    swapped = {swap(heart) for heart in wanted}
    if words[_VERSION] == swap(MAP_VERSION) or words[_ECHO] in swapped:
        return (
            "word order: the two bytes of each word are swapped (P100 or P113 show it); "
            "set the PLC's Modbus area to big-endian words"
        )
    elsewhere = [k for k in range(P_WORDS) if words[k] in wanted]
    if words[_ECHO] in wanted or not elsewhere:
        return ""
    off = elsewhere[0] - _ECHO
    return (
        f"addresses: the echo of DEV_HEART stands in P{100 + elsewhere[0]}, expected in P113; "
        f"the area is shifted by {off:+d}: change p_base by {off:+d}, or move it in the PLC"
    )


def _heart(heard: Heard) -> str:
    if len(heard.heart_gaps_ms) < _SOME:
        return (
            "PLC_HEART (P101) stands still: the PLC is in STOP, or its program does not count "
            "it up; call the block in every scan"
        )
    slowest_ms = max(heard.heart_gaps_ms)
    if slowest_ms < HEART_LIMIT_MS:
        return ""
    return (
        f"PLC_HEART (P101) changes only every {slowest_ms:.0f} ms, expected below "
        f"{HEART_LIMIT_MS:.0f} ms: the link would be lost; count it up in every scan"
    )


def _version(plc: PlcWords) -> str:
    if plc.map_version in {0, MAP_VERSION}:
        return ""
    return (
        f"map version (P100): expected {MAP_VERSION} or 0 (not given), got {plc.map_version}; "
        "use the function block that came with this version"
    )


def _echo(heard: Heard, scan_ms: float, wire_ms: float) -> str:
    if len(heard.echo_ms) < _SOME:
        return (
            "P113 does not echo DEV_HEART (D2): the PLC does not read what we write, or its "
            "program does not copy it; its scan could not be measured"
        )
    measured_ms = median(heard.echo_ms)
    if measured_ms <= 2 * scan_ms + 2 * wire_ms + _SLACK_MS:  # there and back
        return ""
    return (
        f"plc.scan_ms: says {scan_ms:g} ms, but an echo takes {measured_ms:.0f} ms (median): "
        "set it to what the PLC needs, or shorten the PLC's task"
    )


def _session(plc: PlcWords) -> str:
    if plc.session_echo == _SESSION:
        return ""
    return (
        f"P115 does not echo SESSION_ID (D13): expected {_SESSION}, got {plc.session_echo}; "
        "without it there is no permit"
    )


def pattern_says(shown: int) -> str:
    """What the PLC's own view of D24-D25 as a 32-bit number means for its word order."""
    low, high = PATTERN & 0xFFFF, PATTERN >> 16
    meanings = {
        PATTERN: "word order is right",
        low << 16 | high: "its words are swapped: the PLC takes the low word first",
        swap(high) << 16 | swap(low): "the bytes of each word are swapped",
        swap(low) << 16 | swap(high): "words and bytes are swapped",
    }
    unknown = "that is none of the known orders; read D24-D25 as one unsigned 32-bit number"
    return meanings.get(shown & 0xFFFFFFFF, unknown)


def swap(word: int) -> int:
    """A word with its two bytes the other way round."""
    return (word & 0xFF) << 8 | word >> 8


def may_drive(plc: PlcWords) -> str:
    """Why outputs must not be driven by hand now; '' where they may."""
    if not plc.ctrl & CtrlBit.ENABLE or plc.ctrl & CtrlBit.TEST_MODE:
        return ""
    return (
        "the PLC has ENABLE set (P102 bit 0) and no test mode: parts may be flowing; "
        "stop the line, or set test mode (P102 bit 2)"
    )
