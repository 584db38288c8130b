"""The link thread turn by turn, in the test's own thread: what wakes it, what each turn does."""

from __future__ import annotations

import itertools
import logging
import select
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import LinkRefused, LinkSilent
from gonogo.base.words import NS_PER_MS, FaultBit, Mode, Part, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import NOT_TAKEN, Condition, Faulted, first_state
from gonogo.plc.link.backoff import Backoff
from gonogo.plc.link.ejector_coil import EjectorCoil
from gonogo.plc.link.fault_injection import HiddenPart
from gonogo.plc.link.forced import ForcedOutputs
from gonogo.plc.link.handover import Handover
from gonogo.plc.link.link_thread import IDLE_GRACE_NS, PAUSE_TURN_S, Gear, LinkThread
from gonogo.plc.register_map import Header, PlcWords, State, pack_header, pack_plc, unpack_header
from gonogo.plc.transports.transport import Inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.plc.handshake.state import LinkState
    from gonogo.plc.transports.transport import ProcessImage

GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
BUDGET_NS = 200 * NS_PER_MS
POLL_S = 0.02
RESERVE_NS = 1 * NS_PER_MS
UP = 4  # turns after which the permit is there


class StepPlc:
    """A transport and a PLC in one, which takes no time; `script` does something at a turn.

    It notes for each wait what it was given and whether the link had been woken, and for
    each exchange the image. It ends the link after so many waits.
    """

    def __init__(self, turns: int, script: dict[int, Callable[[], object]] | None = None) -> None:
        self.turns = turns
        self.script = script or {}
        self.plc = PlcWords(map_version=1, ctrl=3)
        self.alive = True  # its heart beats
        self.waits: list[tuple[float, bool]] = []
        self.images: list[ProcessImage] = []
        self.before: list[int] = []  # how many exchanges there were at each wait
        self.failures: dict[int, Exception] = {}
        self.refusals: list[Exception] = []
        self.opened = self.closed = 0
        self.at_exchange: Callable[[], object] | None = None
        self.handover: Any = None
        self._wake_fd = -1
        self._found = 0

    def __call__(self, wake_fd: int) -> StepPlc:
        """Made by the link with its wake descriptor."""
        self._wake_fd = wake_fd
        return self

    def open(self) -> None:
        """Connect, or refuse as scripted."""
        self.opened += 1
        if self.refusals:
            raise self.refusals.pop(0)

    def wait(self, timeout_s: float) -> None:
        """No time passes; whether it would have been cut short is noted."""
        self.handover.alive_ns = time.monotonic_ns()
        woken = bool(select.select([self._wake_fd], [], [], 0)[0])
        self.waits.append((timeout_s, woken))
        self.before.append(len(self.images))
        turn = len(self.waits)
        if turn in self.script:
            self.script[turn]()
        if turn >= self.turns:
            self.handover.stopping = True

    def read_back(self, _mark: int = 0) -> tuple[()]:
        """Nobody else can write here."""
        return ()

    def exchange(self, image: ProcessImage) -> Inputs:
        """One scan."""
        turn = len(self.waits)
        if turn in self.failures:
            raise self.failures.pop(turn)
        self.images.append(image)
        header = unpack_header(image.words)
        heart = self.plc.heart + self.alive & 0xFFFF
        self.plc = self.plc._replace(
            session_echo=header.session_id, heart=heart, ack_seq=header.res_seq
        )
        if self.at_exchange is not None:
            act, self.at_exchange = self.at_exchange, None
            act()
        now_ns = time.monotonic_ns()
        faults, self._found = self._found, 0
        return Inputs(pack_plc(self.plc), now_ns - NS_PER_MS, now_ns, faults=faults)

    def find(self, faults: int) -> None:
        """The next exchange finds that something is wrong."""
        self._found = faults

    def change(self, **fields: int) -> None:
        """The PLC's program sets words."""
        self.plc = self.plc._replace(**fields)

    def close(self) -> None:
        """Disconnect."""
        self.closed += 1


class Bench:
    """The link thread, not started: the test calls what it does, and plays the loop."""

    def __init__(
        self,
        plc: StepPlc,
        *,
        handover: type[Handover] = Handover,
        **gear: Any,  # noqa: ANN401 - what is different in the Gear
    ) -> None:
        triggers = gear.get("trigger") is not None
        state = first_state(500, plc_triggers=triggers, reserve_ns=RESERVE_NS, box=1111)
        self.handover = plc.handover = handover(state)
        self.handover.condition = GOOD
        self.gear = Gear(
            forced=ForcedOutputs(None, None),
            transport=plc(self.handover.wake_fd),
            coil=gear.pop("coil", None) or EjectorCoil(gear.pop("ejector", None), RESERVE_NS),
            hidden=HiddenPart(),
            backoff=Backoff(),
            trigger=None,
            budget_ns=BUDGET_NS,
            poll_s=POLL_S,
        )._replace(**gear)
        self.thread = LinkThread(self.handover, self.gear)

    @property
    def state(self) -> LinkState:
        """As the thread left it last."""
        return self.handover.state


def run(plc: StepPlc, **gear: Any) -> Bench:  # noqa: ANN401 - as the Bench's
    """All turns of a link, here and now."""
    bench = Bench(plc, **gear)
    bench.thread.run()
    return bench


def report(plc: StepPlc, serial: int = 1, kind: VerdictKind = VerdictKind.ACCEPT) -> None:
    """A verdict with plenty of time."""
    now_ns = time.monotonic_ns()
    part = Part(serial, serial, now_ns, now_ns, now_ns, now_ns + 10**10)
    plc.handover.report(part, Verdict(kind, Reason.OK, 10, Mode.FULL, kind, kind))


def test_link_has_the_times_that_are_promised() -> None:
    """Written down once more: whoever changes one of them must mean it."""
    assert IDLE_GRACE_NS == 200 * NS_PER_MS
    assert PAUSE_TURN_S == 0.05


# -- waking ------------------------------------------------------------------------------


def test_link_reads_what_woke_it() -> None:
    """Else every wait would end at once, for ever: a processor core for nothing."""
    plc = StepPlc(UP + 6)

    def two() -> None:
        report(plc, 2)
        report(plc, 3)

    plc.script = {UP: lambda: report(plc), UP + 1: two}
    bench = run(plc)
    assert [woken for _, woken in plc.waits] == [False] * len(plc.waits)
    assert [delivery.serial for delivery in bench.handover.deliveries()] == [1, 2, 3]


def test_link_reads_what_woke_it_while_there_is_no_plc() -> None:
    """Between two connections as well, and the verdict is told as not delivered."""
    plc = StepPlc(UP)
    plc.refusals = [LinkRefused("no")]
    bench = Bench(plc)
    report(plc)
    bench.thread.run()
    assert [woken for _, woken in plc.waits] == [False] * len(plc.waits)
    assert [delivery.delivered for delivery in bench.handover.deliveries()] == [False]


def test_link_waits_a_poll_at_most() -> None:
    """As long as the section says, in seconds; the last one is for whoever polls us."""
    plc = StepPlc(3)
    run(plc)
    assert [timeout_s for timeout_s, _ in plc.waits] == [0.02] * 4
    assert plc.before[-1] == len(plc.images), "the goodbye, and then time to read it"


# -- one turn ----------------------------------------------------------------------------


def exchanges_per_turn(plc: StepPlc) -> list[int]:
    """How many exchanges each turn has made."""
    edges = [*plc.before, len(plc.images)]
    return [after - before for before, after in itertools.pairwise(edges)]


def steady(plc: StepPlc) -> None:
    """From here on the PLC changes nothing by itself: what changes is answered, and counts."""
    plc.alive = False


def test_turn_makes_one_exchange_while_nothing_happens() -> None:
    """The PLC is not asked twice for the same."""
    plc = StepPlc(UP + 4)
    plc.script = {UP: lambda: steady(plc)}
    run(plc)
    assert exchanges_per_turn(plc)[UP : UP + 3] == [1, 1, 1]


def test_turn_answers_at_once_what_follows_from_the_plc_s_words() -> None:
    """A changed CTRL changes STATE: it is not left until the next poll."""
    plc = StepPlc(UP + 4)
    plc.script = {UP: lambda: steady(plc), UP + 1: lambda: plc.change(ctrl=0)}
    bench = run(plc)
    assert exchanges_per_turn(plc)[UP : UP + 3] == [2, 1, 1]
    assert bench.state.state is State.STOPPED


def test_turn_takes_a_verdict_along_that_came_during_its_exchange() -> None:
    """It would wait for a whole poll otherwise."""
    plc = StepPlc(UP + 4)

    def arrange() -> None:
        plc.at_exchange = lambda: report(plc)

    plc.script = {UP: lambda: steady(plc), UP + 1: arrange}
    run(plc)
    assert exchanges_per_turn(plc)[UP] == 2
    shown = [unpack_header(image.words).res_seq for image in plc.images]
    assert shown[plc.before[UP] : plc.before[UP] + 2] == [0, 1]


@pytest.mark.parametrize(("late_ns", "alive"), [(1, True), (0, False)])
def test_line_counts_as_alive_for_a_budget_and_200_ms(late_ns: int, *, alive: bool) -> None:
    """To the nanosecond."""
    now_ns = 10**15
    bench = Bench(StepPlc(1), clock_ns=lambda: now_ns)
    bench.handover.alive_ns = now_ns - BUDGET_NS - 200 * NS_PER_MS + late_ns
    bench.thread._collect()
    assert bench.state.alive is alive


def test_seen_is_told_once() -> None:
    """A part of the own photo-eye is no news at the next turn."""
    plc = StepPlc(1)
    bench = Bench(plc)
    bench.handover.show_seen(7)
    bench.thread._collect()
    assert bench.state.seen == 7
    bench.handover.state = bench.state._replace(seen=9)
    bench.thread._collect()
    assert bench.state.seen == 9


def test_part_in_hand_keeps_the_link_from_looking() -> None:
    """Seen by the own photo-eye, or named by the PLC: no look goes before its verdict."""
    seen = Bench(StepPlc(1))
    for _ in range(2):
        seen.thread._collect()
    assert seen.thread._lookout._parts == 0
    seen.handover.show_seen(7)
    for _ in range(2):
        seen.thread._collect()
    assert seen.thread._lookout._parts == 1
    plc = StepPlc(UP + 3)
    plc.script = {UP + 1: lambda: plc.change(part_id=1)}
    named = run(plc, trigger=Box(1))
    assert named.thread._lookout._parts == 1


def test_link_shows_the_condition_of_the_line() -> None:
    """As it was assigned last, with the next turn."""
    plc = StepPlc(1)
    bench = Bench(plc)
    bench.handover.condition = GOOD._replace(recipe=5)
    bench.thread._collect()
    assert bench.state.condition.recipe == 5
    assert unpack_header(bench.thread._image().words).recipe == 5


# -- the ejector and the own photo-eye -----------------------------------------------------


class SpyEjector:
    """Notes what it is told; its coil is on."""

    by_encoder = False
    next_edge_ns = None

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def enter(self, part_id: int, at: int) -> None:
        """Noted."""
        self.calls.append(("enter", part_id, at))

    def judge(self, part_id: int, *, accept: bool) -> None:
        """Noted."""
        self.calls.append(("judge", part_id, accept))

    def follow(self, _here: int) -> bool:
        """Always on."""
        return True

    def passages(self) -> tuple[()]:
        """Nothing to be proven."""
        return ()


@pytest.mark.parametrize("permit", [True, False])
def test_link_tells_the_ejector_what_was_seen_and_judged(*, permit: bool) -> None:
    """In this order; an ACCEPT without permit is none."""
    ejector: Any = SpyEjector()
    plc = StepPlc(UP + 2)
    plc.plc = plc.plc._replace(ctrl=3 if permit else 0)

    def part() -> None:
        bench.gear.coil.seen(1, 815)
        report(plc)

    plc.script = {UP + 1: part}
    bench = Bench(plc, ejector=ejector)
    bench.thread.run()
    assert ejector.calls == [("enter", 1, 815), ("judge", 1, permit)]
    assert len(plc.images[-1].bits) == 8


class Box:
    """A mailbox with room for some parts."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.pulses: list[Any] = []

    def offer(self, pulse: Any) -> bool:  # noqa: ANN401 - a TriggerEvent
        """Take it while there is room."""
        self.pulses.append(pulse)
        return len(self.pulses) <= self.room


def test_link_tells_ejector_and_line_of_each_part_that_the_plc_names() -> None:
    """The one that the line cannot take is answered by the link itself."""
    ejector: Any = SpyEjector()
    box = Box(1)
    plc = StepPlc(UP + 6)
    plc.script = {
        UP + 1: lambda: plc.change(part_id=1),
        UP + 3: lambda: plc.change(part_id=2),
    }
    bench = run(plc, ejector=ejector, trigger=box)
    assert [pulse.part_id for pulse in box.pulses] == [1, 2]
    assert [call[:2] for call in ejector.calls if call[0] == "enter"] == [
        ("enter", 1),
        ("enter", 2),
    ]
    (delivery,) = bench.handover.deliveries()
    assert (delivery.serial, delivery.part_id, delivery.reason) == (NOT_TAKEN, 2, Reason.OVERRATE)


# -- losing the link, and the end ----------------------------------------------------------


def test_link_that_shall_break_off_does_so_once(caplog: pytest.LogCaptureFixture) -> None:
    """The fault that was asked for is over then: it connects again, and stays."""
    plc = StepPlc(3 * UP)
    bench = Bench(plc)

    def break_off() -> None:
        bench.handover.broken = True

    plc.script = {UP + 1: break_off}
    with caplog.at_level(logging.INFO, logger="gonogo.plc"):
        bench.thread.run()
    assert (plc.opened, plc.closed) == (2, 2)
    assert len(plc.waits) > 2 * UP
    assert bench.state.peer.anchor == 0
    assert "broken off (a fault that was asked for)" in caplog.text
    assert "reason=the station was stopped" in caplog.text


def test_link_knows_whether_it_is_connected() -> None:
    """From the connection on, before anything has been read; and no longer than that."""
    plc = StepPlc(1)
    found = []
    plc.script = {1: lambda: found.append(plc.handover.state.peer.connected)}
    bench = run(plc)
    assert (found, bench.state.peer.connected) == ([True], False)


class FoundCoil(EjectorCoil):
    """A coil without an ejector, which finds what it is told to at a turn."""

    def __init__(self, plc: StepPlc, told: dict[int, int]) -> None:
        super().__init__(None)
        self.plc, self.told = plc, told
        self.asked: list[int] = []

    def polled(self, inputs: Inputs, latched: int = 0) -> tuple[Faulted, ...]:
        """What stands is kept; the faults of this turn."""
        del inputs
        self.asked.append(latched)
        faults = self.told.pop(len(self.plc.waits), None)
        return () if faults is None else (Faulted(1, faults),)


def test_link_latches_what_its_transport_and_its_ejector_have_found() -> None:
    """At the exchange that found it, and it stands when the next one finds nothing."""
    plc = StepPlc(2 * UP)
    coil = FoundCoil(plc, {UP + 1: FaultBit.EJECTOR})
    plc.script = {UP: lambda: plc.find(FaultBit.DISK)}
    bench = run(plc, coil=coil)
    assert bench.state.latched == FaultBit.DISK | FaultBit.EJECTOR
    assert coil.asked[-1] == bench.state.latched, "the ejector is told what stands"
    assert bench.state.permit is False


def test_link_is_lost_with_its_connection() -> None:
    """Whatever failed; closed before it is opened anew, and known as lost in between."""
    plc = StepPlc(3 * UP)
    plc.failures = {UP + 1: LinkSilent("no answer")}
    states = []
    plc.script = {UP + 2: lambda: states.append((plc.handover.state.state, plc.opened, plc.closed))}
    run(plc)
    assert states == [(State.LINK_LOST, 2, 1)]


def test_link_latches_what_must_not_happen() -> None:
    """CONFIG and LINK, until the PLC clears them, even when the link is there again."""
    plc = StepPlc(3 * UP)
    plc.failures = {UP + 1: ZeroDivisionError("bug")}
    found = []
    plc.script = {3 * UP - 1: lambda: found.append(plc.handover.state)}
    run(plc)
    assert found[0].state is State.FAULT
    assert found[0].peer.ok
    assert found[0].faults == FaultBit.CONFIG | FaultBit.LINK


def test_link_hurries_back_only_to_a_plc_that_was_really_there() -> None:
    """At once after a good exchange; a peer that only accepts connections is not hammered."""
    for alive, hurried in ((True, True), (False, False)):
        plc = StepPlc(3 * UP)
        plc.alive = alive
        plc.failures = {UP: LinkSilent("1"), 2 * UP: LinkSilent("2")}
        delays: list[float] = []
        bench = Bench(plc)
        while not bench.handover.stopping:
            bench.thread._serve()
            delays.append(bench.gear.backoff.delay_s)
        assert delays[0] == 0.0
        assert (delays[1] == 0.0) is hurried


def test_link_that_is_refused_waits_before_it_tries_again() -> None:
    """Each time longer; it is not stopped by that."""
    plc = StepPlc(1)
    plc.refusals = [LinkRefused("no")] * 3
    begun = time.monotonic()
    run(plc)
    assert plc.opened == 4
    assert time.monotonic() - begun >= 0.75 * (0.2 + 0.4)
    assert plc.closed == 4


def test_pause_tells_of_verdicts_while_it_lasts() -> None:
    """Not only at its end: the loop's records wait for the delivery."""
    plc = StepPlc(1)
    bench = Bench(plc)
    for _ in range(20):
        bench.gear.backoff.failed()
    pausing = threading.Thread(target=bench.thread._pause)
    pausing.start()
    report(plc)
    end_s = time.monotonic() + 20
    while not (deliveries := bench.handover.deliveries()):
        assert time.monotonic() < end_s
        time.sleep(0.001)
    still = pausing.is_alive()
    bench.handover.stopping = True
    pausing.join()
    assert [delivery.delivered for delivery in deliveries] == [False]
    assert still, "the pause was over before the verdict was told"


def test_pause_of_a_link_that_is_being_stopped_is_none() -> None:
    """Nobody waits for the next connection then; what came last is told."""
    plc = StepPlc(1)
    bench = Bench(plc)
    for _ in range(20):
        bench.gear.backoff.failed()
    bench.handover.stopping = True
    report(plc)
    bench.thread._pause()
    assert len(bench.handover.deliveries()) == 1


class LongPause(Backoff):
    """It has grown for a while."""

    delay_s = 60.0


class CountedWaits(Handover):
    """Its waits take no time; at the second one the station is stopped."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(state)
        self.waited: list[float] = []

    def wait(self, timeout_s: float) -> None:
        """Noted."""
        self.waited.append(timeout_s)
        self.stopping = len(self.waited) == 2


def test_pause_waits_between_its_looks() -> None:
    """A twentieth of a second at most, and on the descriptor: no turning on the spot."""
    bench = Bench(StepPlc(1), handover=CountedWaits, backoff=LongPause())
    bench.thread._pause()
    assert isinstance(bench.handover, CountedWaits)
    assert bench.handover.waited == [0.05, 0.05]


def test_pause_ends_when_the_station_is_stopped() -> None:
    """However long it was to be."""
    bench = Bench(StepPlc(1), backoff=LongPause())
    pausing = threading.Thread(target=bench.thread._pause, daemon=True)
    pausing.start()
    bench.handover.stopping = True
    bench.handover.wake()
    pausing.join(20)
    assert not pausing.is_alive()


def test_log_says_once_why_there_is_no_link(caplog: pytest.LogCaptureFixture) -> None:
    """A PLC that is off for a week fills no disk."""
    plc = StepPlc(1)
    plc.refusals = [LinkRefused("nobody listens")] * 2
    with caplog.at_level(logging.INFO, logger="gonogo.plc"):
        run(plc)
    assert caplog.text.count("nobody listens") == 1


def test_link_looks_with_a_pause_while_somebody_else_lives_where_it_would_write() -> None:
    """It writes nothing, and does not keep the core and the PLC busy with looks."""

    class Elsewhere(StepPlc):
        """Another station's heart beats there."""

        looks = 0

        def read_back(self, _mark: int = 0) -> tuple[int, ...]:  # type: ignore[override]
            """Its header, one beat further each time; the link is ended after some."""
            self.looks += 1
            if self.looks == 5:
                self.handover.stopping = True
            return pack_header(Header(dev_heart=self.looks, session_id=9, box_id=8))

    plc = Elsewhere(100)
    run(plc)
    assert (plc.looks, len(plc.waits), plc.images) == (5, 4, [])
    assert {timeout_s for timeout_s, _ in plc.waits} == {POLL_S}
