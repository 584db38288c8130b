"""The link thread turn by turn, in the test's own thread: what wakes it, what each turn does."""

from __future__ import annotations

import itertools
import logging
import os
import select
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.base.words import NS_PER_MS, FaultBit, Mode, Part, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import NOT_TAKEN, Condition, Faulted
from gonogo.plc.link import link as module
from gonogo.plc.link.link import PlcLink
from gonogo.plc.register_map import Header, PlcWords, State, pack_header, pack_plc, unpack_header
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.transport import Inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.transports.transport import ProcessImage

GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
BUDGET_NS = 200 * NS_PER_MS
SECTION = ModbusClientSection(driver="modbus-client", host="127.0.0.1", poll_ms=20)
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
        self.link: Any = None
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
        self.link.alive(time.monotonic_ns())
        woken = bool(select.select([self._wake_fd], [], [], 0)[0])
        self.waits.append((timeout_s, woken))
        self.before.append(len(self.images))
        turn = len(self.waits)
        if turn in self.script:
            self.script[turn]()
        if turn >= self.turns:
            self.link._stopping = True

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


def linked(plc: StepPlc, **keys: Any) -> PlcLink:  # noqa: ANN401 - options of PlcLink
    """A link on that transport, not started."""
    section = keys.pop("section", SECTION)
    link = PlcLink(section, keys.pop("trigger", None), BUDGET_NS, transport=plc, **keys)
    link.condition = GOOD
    plc.link = link
    return link


def run(plc: StepPlc, **keys: Any) -> PlcLink:  # noqa: ANN401 - options of PlcLink
    """All turns of a link, here and now."""
    link = linked(plc, **keys)
    link._run()
    return link


def report(plc: StepPlc, serial: int = 1, kind: VerdictKind = VerdictKind.ACCEPT) -> None:
    """A verdict with plenty of time."""
    now_ns = time.monotonic_ns()
    part = Part(serial, serial, now_ns, now_ns, now_ns, now_ns + 10**10)
    plc.link.report(part, Verdict(kind, Reason.OK, 10, Mode.FULL, kind, kind))


def test_link_has_the_times_and_sizes_that_are_promised() -> None:
    """Written down once more: whoever changes one of them must mean it."""
    assert module.RESERVE_NS == NS_PER_MS
    assert module.IDLE_GRACE_NS == 200 * NS_PER_MS
    assert (module._QUEUE, module._DELIVERIES, module._JOIN_S) == (256, 1024, 5.0)
    assert module._PAUSE_TURN_S == 0.05
    link = linked(StepPlc(1))
    assert link._state.reserve_ns == NS_PER_MS
    assert link._thread.daemon, "a link that hangs must not keep the process"
    link.close()


# -- waking ------------------------------------------------------------------------------


def test_link_reads_what_woke_it() -> None:
    """Else every wait would end at once, for ever: a processor core for nothing."""
    plc = StepPlc(UP + 6)

    def two() -> None:
        report(plc, 2)
        report(plc, 3)

    plc.script = {UP: lambda: report(plc), UP + 1: two}
    link = run(plc)
    assert [woken for _, woken in plc.waits] == [False] * len(plc.waits)
    assert [delivery.serial for delivery in link.deliveries()] == [1, 2, 3]


def test_report_wakes_a_link_that_waits() -> None:
    """A wait that ends by the clock alone would cost a poll; the loop gives way at once, too."""
    plc = StepPlc(1)
    link = linked(plc)
    yields: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sched_yield", lambda: yields.append(1))
        report(plc)
    assert select.select([plc._wake_fd], [], [], 0)[0]
    assert yields == [1]
    link._collect()
    assert not select.select([plc._wake_fd], [], [], 0)[0]
    link.break_off()
    assert select.select([plc._wake_fd], [], [], 0)[0]


def test_link_reads_what_woke_it_while_there_is_no_plc() -> None:
    """Between two connections as well, and the verdict is told as not delivered."""
    plc = StepPlc(UP)
    plc.refusals = [LinkRefused("no")]
    link = linked(plc)
    report(plc)
    link._run()
    assert [woken for _, woken in plc.waits] == [False] * len(plc.waits)
    assert [delivery.delivered for delivery in link.deliveries()] == [False]


def test_link_waits_a_poll_at_most() -> None:
    """As long as the section says, in seconds; the last one is for whoever polls us."""
    plc = StepPlc(3)
    run(plc)
    assert [timeout_s for timeout_s, _ in plc.waits] == [0.02] * 4
    assert plc.before[-1] == len(plc.images), "the goodbye, and then time to read it"


def test_wake_descriptor_never_blocks_and_is_not_inherited() -> None:
    """Both threads use it; engines and other children must not hold it."""
    plc = StepPlc(1)
    link = linked(plc)
    assert not os.get_blocking(plc._wake_fd)
    assert not os.get_inheritable(plc._wake_fd)
    assert not select.select([plc._wake_fd], [], [], 0)[0]
    link.close()
    report(plc)
    link.break_off()
    link.close()


@contextmanager
def free_descriptor_0() -> Iterator[None]:
    """Standard input is closed, as in each process of a station: the next descriptor is 0."""
    kept = os.dup(0)
    os.close(0)
    try:
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def test_link_works_with_descriptor_0() -> None:
    """It is one like any other, and the first that is free where standard input is closed."""
    with free_descriptor_0():
        plc = StepPlc(1)
        link = linked(plc)
        assert plc._wake_fd == 0
        report(plc)
        assert select.select([0], [], [], 0)[0]
        link.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(0)


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
    link = run(plc)
    assert exchanges_per_turn(plc)[UP : UP + 3] == [2, 1, 1]
    assert link.state is State.STOPPED


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
def test_line_counts_as_alive_for_a_budget_and_200_ms(
    monkeypatch: pytest.MonkeyPatch, late_ns: int, *, alive: bool
) -> None:
    """To the nanosecond."""
    now_ns = 10**15

    class Clock:
        """Stands still."""

        monotonic_ns = staticmethod(lambda: now_ns)

    link = linked(StepPlc(1))
    monkeypatch.setattr(module, "time", Clock)
    link.alive(now_ns - BUDGET_NS - 200 * NS_PER_MS + late_ns)
    link._collect()
    assert link._state.alive is alive


def test_seen_is_told_once() -> None:
    """A part of the own photo-eye is no news at the next turn."""
    plc = StepPlc(1)
    link = linked(plc)
    link.seen(7, 1)
    link._collect()
    assert (link._state.seen, link._seen) == (7, None)
    link._state = link._state._replace(seen=9)
    link._collect()
    assert link._state.seen == 9


def test_link_shows_the_condition_of_the_line() -> None:
    """As it was assigned last, with the next turn."""
    plc = StepPlc(1)
    link = linked(plc)
    link.condition = GOOD._replace(recipe=5)
    link._collect()
    assert link._state.condition.recipe == 5
    assert unpack_header(link._image().words).recipe == 5


def test_queues_are_bounded_and_keep_the_youngest() -> None:
    """A link that hangs, a loop that never asks: neither costs memory for ever."""
    plc = StepPlc(1)
    link = linked(plc)
    for serial in range(300):
        report(plc, serial)
    link._collect()
    deliveries = link.deliveries()
    assert [delivery.serial for delivery in deliveries] == list(range(44, 300))
    for serial in range(1100):
        report(plc, serial)
        link._collect()
    assert [delivery.serial for delivery in link.deliveries()] == list(range(76, 1100))
    assert link.deliveries() == []


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

    def turn(self, _here: int) -> bool:
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
        plc.link.seen(1, 815)
        report(plc)

    plc.script = {UP + 1: part}
    run(plc, ejector=ejector)
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
    link = run(plc, ejector=ejector, trigger=box)
    assert [pulse.part_id for pulse in box.pulses] == [1, 2]
    assert [call[:2] for call in ejector.calls if call[0] == "enter"] == [
        ("enter", 1),
        ("enter", 2),
    ]
    (delivery,) = link.deliveries()
    assert (delivery.serial, delivery.part_id, delivery.reason) == (NOT_TAKEN, 2, Reason.OVERRATE)


# -- losing the link, and the end ----------------------------------------------------------


def test_link_that_shall_break_off_does_so_once(caplog: pytest.LogCaptureFixture) -> None:
    """The fault that was asked for is over then: it connects again, and stays."""
    plc = StepPlc(3 * UP)
    link = linked(plc)
    plc.script = {UP + 1: link.break_off}
    with caplog.at_level(logging.INFO, logger="gonogo.plc"):
        link._run()
    assert (plc.opened, plc.closed) == (2, 2)
    assert len(plc.waits) > 2 * UP
    assert link._state.peer.anchor == 0
    assert "broken off (a fault that was asked for)" in caplog.text
    assert "reason=the station was stopped" in caplog.text


def test_link_knows_whether_it_is_connected() -> None:
    """From the connection on, before anything has been read; and no longer than that."""
    plc = StepPlc(1)
    found = []
    plc.script = {1: lambda: found.append(plc.link._state.peer.connected)}
    link = run(plc)
    assert (found, link._state.peer.connected) == ([True], False)


def test_link_hands_an_acknowledgement_to_its_ejector() -> None:
    """Where no PLC can clear a fault, somebody at the box does."""
    link = linked(StepPlc(1))
    calls: list[tuple[str, str]] = []

    class Coil:
        """Notes that it was cleared."""

        def clear(self) -> None:
            """Noted."""
            calls.append(("nozzle", "clear"))

    link._coil = Coil()  # type: ignore[assignment]  # as far as it is asked
    link.clear()
    assert calls == [("nozzle", "clear")]
    link.close()


def test_link_latches_what_its_transport_and_its_ejector_have_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At the exchange that found it, and it stands when the next one finds nothing."""
    plc = StepPlc(2 * UP)
    link = linked(plc)
    told = {UP + 1: FaultBit.EJECTOR}
    asked: list[int] = []

    def polled(_: Inputs, latched: int) -> list[Faulted]:
        asked.append(latched)
        faults = told.pop(len(plc.waits), None)
        return [] if faults is None else [Faulted(1, faults)]

    monkeypatch.setattr(link._coil, "polled", polled)
    plc.script = {UP: lambda: plc.find(FaultBit.DISK)}
    link._run()
    assert link._state.latched == FaultBit.DISK | FaultBit.EJECTOR
    assert asked[-1] == link._state.latched, "the ejector is told what stands"
    assert link._state.permit is False


def test_link_is_lost_with_its_connection() -> None:
    """Whatever failed; closed before it is opened anew, and known as lost in between."""
    plc = StepPlc(3 * UP)
    plc.failures = {UP + 1: LinkSilent("no answer")}
    states = []
    plc.script = {UP + 2: lambda: states.append((plc.link.state, plc.opened, plc.closed))}
    run(plc)
    assert states == [(State.LINK_LOST, 2, 1)]


def test_link_latches_what_must_not_happen() -> None:
    """CONFIG and LINK, until the PLC clears them, even when the link is there again."""
    plc = StepPlc(3 * UP)
    plc.failures = {UP + 1: ZeroDivisionError("bug")}
    found = []
    plc.script = {3 * UP - 1: lambda: found.append(plc.link._state)}
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
        link = linked(plc)
        while not link._stopping:
            link._serve()
            delays.append(link._backoff.delay_s)
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
    link = linked(plc)
    for _ in range(20):
        link._backoff.failed()
    pausing = threading.Thread(target=link._pause)
    pausing.start()
    report(plc)
    end_s = time.monotonic() + 20
    while not (deliveries := link.deliveries()):
        assert time.monotonic() < end_s
        time.sleep(0.001)
    still = pausing.is_alive()
    link._stopping = True
    pausing.join()
    assert [delivery.delivered for delivery in deliveries] == [False]
    assert still, "the pause was over before the verdict was told"


def test_pause_of_a_link_that_is_being_stopped_is_none() -> None:
    """Nobody waits for the next connection then; what came last is told."""
    plc = StepPlc(1)
    link = linked(plc)
    for _ in range(20):
        link._backoff.failed()
    link._stopping = True
    report(plc)
    link._pause()
    assert len(link.deliveries()) == 1


class LongPause:
    """A backoff that has grown for a while."""

    delay_s = 60.0


def test_pause_waits_between_its_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A twentieth of a second at most, and on the descriptor: no turning on the spot."""
    plc = StepPlc(1)
    link = linked(plc)
    waited: list[float] = []

    class Waits:
        """Stands in for select; two waits, and the station is stopped."""

        @staticmethod
        def select(reads: Any, _writes: Any, _errors: Any, timeout_s: float) -> None:  # noqa: ANN401 - as select's
            assert tuple(reads) == (plc._wake_fd,)
            waited.append(timeout_s)
            link._stopping = len(waited) == 2

    monkeypatch.setattr(module, "select", Waits)
    monkeypatch.setattr(link, "_backoff", LongPause())
    link._pause()
    assert waited == [0.05, 0.05]


def test_pause_ends_when_the_station_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it was to be."""
    link = linked(StepPlc(1))
    monkeypatch.setattr(link, "_backoff", LongPause())
    pausing = threading.Thread(target=link._pause, daemon=True)
    pausing.start()
    link._stopping = True
    link._wake()
    pausing.join(20)
    assert not pausing.is_alive()


def test_log_says_once_why_there_is_no_link(caplog: pytest.LogCaptureFixture) -> None:
    """A PLC that is off for a week fills no disk."""
    plc = StepPlc(1)
    plc.refusals = [LinkRefused("nobody listens")] * 2
    with caplog.at_level(logging.INFO, logger="gonogo.plc"):
        run(plc)
    assert caplog.text.count("nobody listens") == 1


def test_link_without_a_plc_is_stopped_in_order() -> None:
    """Its last state says so to whoever asks, though nobody was told."""
    plc = StepPlc(1)
    link = linked(plc)
    plc.refusals = [LinkRefused("no")] * 100
    link.start()
    end_s = time.monotonic() + 20
    while plc.opened < 2:
        assert time.monotonic() < end_s
        time.sleep(0.001)
    link.close()
    assert link.state is State.STOPPED
    assert not link.permit


def test_close_of_a_link_that_hangs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The descriptor stays: the thread may still use it."""
    monkeypatch.setattr(module, "_JOIN_S", 0.01)
    plc = StepPlc(UP)
    held = threading.Event()
    plc.script = {1: held.wait}
    link = linked(plc)
    link.start()
    end_s = time.monotonic() + 20
    while not plc.waits:
        assert time.monotonic() < end_s
        time.sleep(0.001)
    with pytest.raises(LinkError, match=r"did not end within 0 s; the PLC rejects by itself"):
        link.close()
    assert link._wake_fd >= 0
    held.set()
    monkeypatch.setattr(module, "_JOIN_S", 20.0)
    link.close()
    assert link._wake_fd == -1


def test_close_wakes_a_link_that_waits_for_long() -> None:
    """A poll of minutes, say: the station's end does not wait for it; the descriptor is closed."""
    plc = StepPlc(1000)
    link = linked(plc)
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        assert select.select([plc._wake_fd], [], [], 60)[0]

    plc.script = {1: wait}
    link.start()
    assert waiting.wait(20)
    link.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(plc._wake_fd)


def test_link_looks_with_a_pause_while_somebody_else_lives_where_it_would_write() -> None:
    """It writes nothing, and does not keep the core and the PLC busy with looks."""

    class Elsewhere(StepPlc):
        """Another station's heart beats there."""

        looks = 0

        def read_back(self, _mark: int = 0) -> tuple[int, ...]:  # type: ignore[override]
            """Its header, one beat further each time; the link is ended after some."""
            self.looks += 1
            if self.looks == 5:
                self.link._stopping = True
            return pack_header(Header(dev_heart=self.looks, session_id=9, box_id=8))

    plc = Elsewhere(100)
    run(plc)
    assert (plc.looks, len(plc.waits), plc.images) == (5, 4, [])
    assert {timeout_s for timeout_s, _ in plc.waits} == {SECTION.poll_ms / 1000}


# -- what others may ask -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawn", "session"),
    [(b"\x00\x00\x00", 1), (b"\xff\xff\xff", 1), (b"\xff\xfe\x00", 65535), (b"\x01\x02\x03", 259)],
)
def test_session_is_drawn_from_1_to_65535(
    monkeypatch: pytest.MonkeyPatch, drawn: bytes, session: int
) -> None:
    """Zero is what a fresh PLC echoes; all others may come."""
    monkeypatch.setattr(os, "urandom", lambda count: drawn[:count])
    link = linked(StepPlc(1))
    assert link.session == link._state.outbox.session == session
    link.close()


def test_link_draws_an_identity_where_it_is_told_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines that nobody named must not take each other for themselves."""
    monkeypatch.setattr(os, "urandom", lambda count: b"\x01\x02"[:count])
    for box, want in ((0, 259), (815, 815)):
        link = linked(StepPlc(1), box=box)
        assert link._state.strangers.box == want
        link.close()
    link = linked(StepPlc(1))
    assert link._state.strangers.box == 259
    link.close()


def test_link_says_what_the_line_asks() -> None:
    """Each of the state's own words."""
    link = linked(StepPlc(1))
    state = link._state
    assert (link.permit, link.synced, link.recipe_wanted, link.clears) == (False, False, 0, 0)
    counters = state.counters._replace(inspected=3)
    link._state = state._replace(
        state=State.RUNNING, permit=True, recipe_wanted=7, clears=2, counters=counters,
        outbox=state.outbox._replace(synced=True, session=815),
    )  # fmt: skip
    assert (link.state, link.permit, link.synced) == (State.RUNNING, True, True)
    assert (link.recipe_wanted, link.clears, link.session) == (7, 2, 815)
    assert link.counters.inspected == 3
    link.close()
