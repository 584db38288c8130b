"""Stations on one PLC in simulated time: the pure handshake, looks included, and a PLC's memory.

    Box --look, write D, read P--> Memory <-- scan -- program of the PLC

The PLC follows a session as docs/commissioning-plc.md says. It stores what is written at once, or,
being slow, at its next scan; it loses its memory, keeps it, or gets an old one back. One step
is a millisecond. Import it as `gonogo.tests.plc.neighbours`.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS, FaultBit
from gonogo.plc.handshake.handshake import advance, render
from gonogo.plc.handshake.state import (
    Condition,
    Connected,
    Lost,
    Polled,
    ReadBack,
    Tick,
    first_state,
)
from gonogo.plc.handshake.strangers import objection
from gonogo.plc.register_map import (
    BOX_AT,
    HEADER_WORDS,
    OBJECTION_AT,
    RES_SEQ_AT,
    SESSION_AT,
    PlcWords,
    StatusBit,
    pack_plc,
)
from gonogo.plc.transports.transport import Inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.handshake.state import Event, LinkState

GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
POLL_MS, LOOK_MS = (3, 7), 100
START_MS = 1_000_000
STATUS_AT = 4


class Memory:
    """A PLC; `slow`: it takes over what was written at its next scan only."""

    def __init__(self, scan_ms: int = 10, *, slow: bool = False) -> None:
        self.scan_ms, self.slow = scan_ms, slow
        self.words = [0] * HEADER_WORDS
        self.plc = PlcWords(map_version=1, ctrl=3)
        self.written: list[tuple[int, tuple[int, ...]]] = []  # not taken over yet
        self.down_until_ms = 0
        self.writes = 0

    def write(self, at: int, words: Sequence[int]) -> None:
        """From a station."""
        self.writes += 1
        self.written.append((at, tuple(words)))
        if not self.slow:
            self._store(half=False)

    def _store(self, *, half: bool) -> None:
        for at, words in self.written:
            kept = words[: len(words) // 2] if half else words
            self.words[at : at + len(kept)] = kept
        if not half:
            self.written.clear()

    def step(self, now_ms: int) -> None:
        """A scan, when it is time for one; a slow PLC stores half of it in the middle of one."""
        if now_ms < self.down_until_ms:
            return
        if now_ms % self.scan_ms == self.scan_ms // 2:
            self._store(half=True)
        if now_ms % self.scan_ms == 0:
            self._store(half=False)
            self._scan()

    def _scan(self) -> None:
        words, plc = self.words, self.plc
        plc = plc._replace(heart=plc.heart + 1 & 0xFFFF, dev_heart_echo=words[2])
        if words[STATUS_AT] & StatusBit.SYNC_REQUEST:
            if words[RES_SEQ_AT] == plc.ack_seq:
                plc = plc._replace(session_echo=words[SESSION_AT])
        elif words[SESSION_AT] == plc.session_echo:
            plc = plc._replace(ack_seq=words[RES_SEQ_AT])
        self.plc = plc

    def restart(self, now_ms: int, off_ms: int, old: Sequence[int] | None, echo: int) -> None:
        """Off for a while; then with all words 0, as they were, or as they were long ago."""
        self.down_until_ms = now_ms + off_ms
        self.written.clear()
        if old is not None:
            self.words = list(old)
        self.plc = PlcWords(map_version=1, ctrl=3, session_echo=echo, cmd_seq=self.plc.cmd_seq)

    def command(self, code: int) -> None:
        """A command of the operator's."""
        self.plc = self.plc._replace(cmd_seq=self.plc.cmd_seq + 1 & 0xFFFF, cmd_code=code)


class Box:
    """A station and its link; `unreadable`: its PLC does not let it read D."""

    def __init__(self, memory: Memory, box: int, session: int, *, unreadable: bool = False) -> None:
        self.memory, self.box, self.unreadable = memory, box, unreadable
        self.cut_until_ms = self._due_ms = 0
        self._random = Random(session)  # noqa: S311 - no two clocks keep step
        self.latched_ms = 0  # when, since its start
        self.permits: list[int] = []  # the milliseconds with permit
        self.line(session, START_MS)

    def line(self, session: int, now_ms: int) -> None:
        """A line process begins: nothing is left of the one before but its words in the PLC."""
        self.state: LinkState = first_state(session, box=self.box)
        self._connected = False
        self._since_ns, self._looked_ms = now_ms * NS_PER_MS, 0
        self.image: tuple[int, ...] = ()

    def tell(self, event: Event) -> None:
        """One event."""
        self.state = advance(self.state, event)

    @property
    def latched(self) -> bool:
        """Whether it says that another device writes here."""
        return bool(self.state.faults & FaultBit.STRANGER)

    def step(self, now_ms: int) -> None:
        """A turn of the link, when it is time for one."""
        if now_ms < self._due_ms:
            return
        self._due_ms = now_ms + self._random.randint(*POLL_MS)
        now_ns = now_ms * NS_PER_MS
        self.tell(Tick(now_ns, alive=True, condition=GOOD))
        if now_ms < max(self.cut_until_ms, self.memory.down_until_ms):
            if self._connected:
                self.tell(Lost(now_ns, "scripted"))
                self._connected = False
        else:
            self._turn(now_ms, now_ns)
        if self.latched and not self.latched_ms:
            self.latched_ms = now_ms
        if self.state.permit:
            self.permits.append(now_ms)

    def _turn(self, now_ms: int, now_ns: int) -> None:
        if not self._connected:
            self._connected, self.image = True, ()
            self.tell(Connected(now_ns))
        strangers = self.state.strangers
        doubt = strangers.held_ns or strangers.lives or not strangers.arrived
        if doubt or now_ms - self._looked_ms >= LOOK_MS:
            self._look(now_ms, now_ns)
        if not self.state.strangers.arrived:
            return
        self._write()
        inputs = Inputs(pack_plc(self.memory.plc), self._since_ns, now_ns)
        self._since_ns = now_ns
        self.tell(Polled(inputs))

    def _write(self) -> None:
        image = tuple(render(self.state).words[:HEADER_WORDS])
        if image != self.image:
            self.memory.write(0, image)
            self.image = image

    def _look(self, now_ms: int, now_ns: int) -> None:
        self._looked_ms = now_ms
        mark = objection(self.state)
        if mark:
            self.memory.write(OBJECTION_AT, (mark,))
        self.tell(ReadBack(now_ns, None if self.unreadable else tuple(self.memory.words)))


class Neighbours:
    """The PLC and its stations; whoever is not `here` is switched off."""

    def __init__(self, memory: Memory, *boxes: Box) -> None:
        self.memory, self.here, self.now_ms = memory, list(boxes), START_MS

    def run(self, time_ms: int) -> None:
        """So many milliseconds."""
        for _ in range(time_ms):
            self.now_ms += 1
            self.memory.step(self.now_ms)
            for box in self.here:
                box.step(self.now_ms)

    def until_permit(self, box: Box, within_ms: int) -> bool:
        """Whether a station has its permit within a time."""
        for _ in range(within_ms):
            if box.state.permit:
                return True
            self.run(1)
        return False


def header(box: int, session: int, heart: int) -> tuple[int, ...]:
    """The words of some station that lives or has lived."""
    words = list(render(first_state(session, box=box)).words[:HEADER_WORDS])
    words[2] = heart
    assert words[BOX_AT] == box
    return tuple(words)
