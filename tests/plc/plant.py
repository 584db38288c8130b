"""A line in simulated time: belt, photo-eye, ejector, the block that ships, a real handshake.

    part --eye--> FB_GoNoGo (run as it stands) --words--> handshake.advance / render
                        <--words, cut, lost or stale--

The PLC's side is the text of plc/blocks/FB_GoNoGo.st; the station's side is the pure
handshake of the product. The belt knows the truth of every part and judges each one at
the ejector, with an eye of its own on the words that the PLC was given.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import NS_PER_MS, Reason, VerdictKind
from gonogo.plc.handshake.handshake import advance, render
from gonogo.plc.handshake.state import (
    Condition,
    Connected,
    Lost,
    Polled,
    Reported,
    Tick,
    first_state,
)
from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, P_WORDS
from gonogo.plc.transports.transport import Inputs
from gonogo.tests.plc.plantbelt import DECISION, EJECT, Belt, Item
from gonogo.tests.st.machine import Block
from gonogo.tests.st.text import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import TriggerEvent
    from gonogo.plc.handshake.state import Event, LinkState
    from gonogo.tests.st.machine import Unit

BLOCKS = Path(__file__).parents[2] / "plc" / "blocks"
SCAN_MS, STEP_MS = 10, 5
CHUTE_MS = 60  # ejector to reject chute
BUDGET_MS = 170  # what is left of the way to the decision point without poll and two scans
HEART_MS = 300
GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
BLIND = GOOD._replace(camera_ok=False)


@cache
def unit() -> Unit:
    """The block that ships, compiled once."""
    return load((BLOCKS / "FB_GoNoGo.st").read_text(encoding="utf-8"))["fb_gonogo"]


class Fault(NamedTuple):
    """What goes wrong at a part's photo-eye, for how long, and a detail of its own."""

    kind: str
    for_ms: int = 0
    detail: int = 0


FAULTS = (
    *("lose", "lose_reply", "cut", "cut_header_first", "freeze", "restart", "plc_restart"),
    *("stand", "slow", "blind", "bypass", "test_mode", "disable", "jump"),
)


class Station:
    """The station's side without sockets: the handshake, and a line that takes its time."""

    def __init__(self, random: Random, session: int) -> None:
        self.random = random
        self.state: LinkState = first_state(session, reserve_ns=NS_PER_MS)
        self.condition, self.slow_until_ms = GOOD, 0
        self.results: list[tuple[int, TriggerEvent, bool]] = []  # due ms, part, good

    def tell(self, event: Event) -> tuple[TriggerEvent, ...]:
        """Give one event to the handshake; returns the parts it names."""
        self.state = advance(self.state, event)
        return self.state.pulses

    def work(self, now_ms: int) -> None:
        """Verdicts that are due, and the tick."""
        due = [each for each in self.results if each[0] <= now_ms]
        self.results = [each for each in self.results if each[0] > now_ms]
        for _, pulse, good in due:
            self.tell(self._result(pulse, now_ms * NS_PER_MS, good=good))
        self.tell(Tick(now_ms * NS_PER_MS, alive=True, condition=self.condition))

    def read(self, words: Sequence[int], since_ms: int, now_ms: int, belt: Belt) -> None:
        """What the PLC says; a part that it names is judged by what the camera would see."""
        inputs = Inputs(tuple(words), since_ms * NS_PER_MS, now_ms * NS_PER_MS)
        for pulse in self.tell(Polled(inputs)):
            takes_ms = self.random.randint(10, 120) + 300 * (now_ms < self.slow_until_ms)
            item = belt.named(pulse.part_id)
            assert not item.named
            item.named = True
            good = item.good and pulse.reject is Reason.OK
            self.results.append((now_ms + takes_ms, pulse, good))
        assert self.state.counters.acks_strange == 0  # nothing is acknowledged before it was sent

    def _result(self, pulse: TriggerEvent, now_ns: int, *, good: bool) -> Reported:
        bad = self.random.choice(
            (VerdictKind.REJECT, VerdictKind.RECHECK, VerdictKind.NOT_INSPECTED)
        )
        return Reported(
            now_ns=now_ns,
            serial=1,
            part_id=pulse.part_id,
            kind=VerdictKind.ACCEPT if good else bad,
            reason=Reason.OK if good else Reason.RULE,
            score=100,
            degraded=False,
            trigger_ns=pulse.at_ns,
            deadline_ns=pulse.at_ns + BUDGET_MS * NS_PER_MS,
        )


class Plant:
    """Everything together; `step` is 5 ms of it. `silent` stations are polled by the PLC."""

    def __init__(
        self, seed: int, *, polled: bool = False, block: Unit | None = None, **memory: int
    ) -> None:
        random = Random(seed)  # noqa: S311 - reproducible, not secret
        self.random, self.polled = random, polled
        self.now_ms, self.encoder_at = 0, random.randrange(2**32)
        self.clock_at = random.randrange(65536)
        self.belt = Belt()
        self.station = Station(random, random.randint(1, 65535))
        self.words, self.cut = [0] * D_WORDS, D_WORDS
        self.unit = block or unit()
        self.block = Block(self.unit)
        for name, value in memory.items():
            self.block[name] = value
        self.until = dict.fromkeys(FAULTS, 0)
        self.header_first = False
        self._connected, self._since_ms = False, 0
        self._heart, self._heart_ms = -1, -HEART_MS
        self._chute_ms: list[int] = []  # when an ejected part falls past the sensor

    def on(self, kind: str) -> bool:
        """Whether this fault is going on."""
        return self.now_ms < self.until[kind]

    def put(self, *, good: bool) -> None:
        """A part comes to the photo-eye."""
        self.belt.items.append(Item(good, self.belt.position))

    def step(self) -> None:
        """Five milliseconds: the belt moves, the station polls, each second time a scan."""
        self.now_ms += STEP_MS
        if not (self.on("stand") or self.on("plc_restart")):
            self.belt.position += STEP_MS
        if not (self.on("freeze") or self.on("restart")):
            self._poll()
        if self.now_ms % SCAN_MS == 0 and not self.on("plc_restart"):
            self._scan()

    def run(self, time_ms: int) -> None:
        """`time_ms` of it."""
        for _ in range(time_ms // STEP_MS):
            self.step()

    def move(self, counts: int) -> None:
        """Until the belt has done `counts`."""
        goal = self.belt.position + counts
        while self.belt.position < goal:
            self.step()

    # -- faults ------------------------------------------------------------------------

    def break_(self, fault: Fault) -> None:
        """Start a fault."""
        self.until[fault.kind] = self.now_ms + fault.for_ms
        if fault.kind == "restart":
            self.station = Station(self.random, self.random.randint(1, 65535))
            self._connected = False
        elif fault.kind == "plc_restart":
            self.block = Block(self.unit)
            if fault.detail % 2:
                self.words = [0] * D_WORDS
        elif fault.kind.startswith("cut"):
            self.cut, self.header_first = fault.detail, fault.kind == "cut_header_first"
        elif fault.kind == "jump":
            self.encoder_at += 5000 + fault.detail
        elif fault.kind == "slow":
            self.station.slow_until_ms = self.now_ms + fault.for_ms

    # -- wire --------------------------------------------------------------------------

    def _poll(self) -> None:
        station = self.station
        station.condition = BLIND if self.on("blind") else GOOD
        now_ns = self.now_ms * NS_PER_MS
        if not self._connected:
            self._connected = True
            station.tell(Connected(now_ns))
        station.work(self.now_ms)
        if self.on("lose"):
            self._fail(now_ns)
            return
        cut, self.cut = self.cut, D_WORDS
        self._write(render(station.state).words, cut)
        if self.on("lose_reply") or cut < D_WORDS:
            self._fail(now_ns)
            return
        station.read(self.block["auiP"][:P_WORDS], self._since_ms, self.now_ms, self.belt)
        self._since_ms = self.now_ms

    def _fail(self, now_ns: int) -> None:
        """A client notices at once that an exchange failed; one that is polled never does."""
        if not self.polled:
            self.station.tell(Lost(now_ns, "scripted"))
            self._connected = False

    def _write(self, words: Sequence[int], cut: int) -> None:
        """Words in the order in which they are sent, up to the cut: records first, or last."""
        order = [*range(HEADER_WORDS, D_WORDS), *range(HEADER_WORDS)]
        for at in sorted(order) if self.header_first and cut < D_WORDS else order:
            if cut == 0:
                return
            cut -= 1
            self.words[at] = words[at]

    # -- PLC ---------------------------------------------------------------------------

    def _scan(self) -> None:
        self._watch()
        new = self.belt.new()
        if new is not None:
            new.at = self.belt.position
        self.block.scan(
            auiD=self.words,
            uiClockMs=(self.now_ms + self.clock_at) % 65536,
            xPartEye=self.belt.eye(),
            xUseConfirm=True,
            xRejectConfirm=any(0 <= self.now_ms - at < 2 * SCAN_MS for at in self._chute_ms),
            udiEncoder=(self.belt.position + self.encoder_at) % 2**32,
            udiDecisionCounts=DECISION,
            udiEjectCounts=EJECT,
            udiMaxStepCounts=100,
            uiEjectMs=40,
            uiHeartMs=HEART_MS,
            xEnable=not self.on("disable"),
            xTestMode=self.on("test_mode"),
            xBypass=self.on("bypass"),
        )
        if new is not None:
            new.part_id = self.block["uiPartId"]
        self.belt.note(self.words)
        self._judge()

    def _watch(self) -> None:
        if self.words[2] != self._heart:
            self._heart, self._heart_ms = self.words[2], self.now_ms

    def _judge(self) -> None:
        """No bad part, and none without an ACCEPT of its own, passes unless it is bypassed."""
        if not self.block["xMoved"]:
            return  # a part that stands at the ejector while the PLC starts goes when the belt does
        for item in self.belt.due():
            item.passed = not self.block["xEject"]
            if not item.passed:
                self._chute_ms = [*self._chute_ms[-8:], self.now_ms + CHUTE_MS]
            if item.passed and not self.on("bypass"):
                assert item.good
                assert item.accepted
                assert self.words[4] & 8
                assert self.now_ms - self._heart_ms <= HEART_MS
                assert not any(map(self.on, ("test_mode", "disable")))
