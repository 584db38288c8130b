"""The loop's side of the link: against a scripted PLC in memory, and against third-party peers."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.base.words import (
    NS_PER_MS,
    FaultBit,
    Mode,
    Part,
    Reason,
    TriggerEvent,
    Verdict,
    VerdictKind,
)
from gonogo.plc.handshake.state import NOT_TAKEN, Condition
from gonogo.plc.link.link import JOIN_S, RESERVE_NS, LinkedStation, PlcLink
from gonogo.plc.register_map import (
    Command,
    CommandResult,
    PlcWords,
    Record,
    State,
    StatusBit,
    pack_plc,
    record_at,
    unpack_header,
    unpack_record,
)
from gonogo.plc.reject_tracker import EjectSection, RejectTracker
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.plc.transports.transport import ALONE, Inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gonogo.plc.handshake.state import Delivery
    from gonogo.plc.transports.transport import ProcessImage

GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
BUDGET_NS = 200 * NS_PER_MS
SECTION = ModbusClientSection(driver="modbus-client", host="127.0.0.1", poll_ms=1)
WAIT_S = 20


def until(met: Callable[[], object]) -> None:
    """Await a condition; the bound is only there to end a test that fails."""
    end = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < end, "condition not met"
        time.sleep(0.001)


class MemoryPlc:
    """A transport and a PLC in one, without a wire: a scan for each exchange.

    It echoes the session, acknowledges when `acks`, fails with the errors in
    `failures` one by one, and hangs while a test holds `held`. It does not simulate
    time on the wire.
    """

    def __init__(self) -> None:
        self.plc = PlcWords(map_version=1, ctrl=3)
        self.words: Sequence[int] = ()
        self.bits: Sequence[bool] = ()
        self.history: list[Sequence[int]] = []
        self.failures: list[Exception] = []
        self.open_failures: list[Exception] = []
        self.opened = self.closed = 0
        self.waits: list[float] = []
        self.acks = True
        self.held = threading.Lock()
        self._wake_fd = -1

    def __call__(self, wake_fd: int) -> MemoryPlc:
        """Made by the link with its wake descriptor."""
        self._wake_fd = wake_fd
        return self

    def open(self) -> None:
        """Connect, or fail as scripted."""
        self.opened += 1
        if self.open_failures:
            raise self.open_failures.pop(0)

    def exchange(self, image: ProcessImage) -> Inputs:
        """Take the image, scan once, answer."""
        with self.held:
            if self.failures:
                raise self.failures.pop(0)
            return self._scan(image)

    def _scan(self, image: ProcessImage) -> Inputs:
        self.words, self.bits = image.words, image.bits
        if not self.history or self.history[-1] != image.words:
            self.history.append(image.words)
        header = unpack_header(image.words)
        plc = self.plc._replace(session_echo=header.session_id, heart=self.plc.heart + 1 & 0xFFFF)
        self.plc = plc._replace(ack_seq=header.res_seq) if self.acks else plc
        now_ns = time.monotonic_ns()
        return Inputs(pack_plc(self.plc), now_ns - NS_PER_MS, now_ns)

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """Nobody else has this memory."""
        del mark
        return ALONE

    def change(self, **fields: int) -> None:
        """The PLC program sets words of its own, between two scans."""
        with self.held:
            self.plc = self.plc._replace(**fields)

    def wait(self, timeout_s: float) -> None:
        """A scan's pause; a wake is seen at its end."""
        self.waits.append(timeout_s)
        time.sleep(timeout_s)

    def close(self) -> None:
        """Disconnect."""
        self.closed += 1

    def records(self) -> dict[int, Record]:
        """Every whole record that was ever shown together with its RES_SEQ."""
        found = {}
        for words in self.history:
            sequence = unpack_header(words).res_seq
            at = record_at(sequence)
            record = unpack_record(words[at : at + 8])
            if record is not None and record.part_id:
                found[sequence] = record
        return found


class Box:
    """A mailbox with a given number of places."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.pulses: list[TriggerEvent] = []

    def offer(self, pulse: TriggerEvent) -> bool:
        """Take the part while there is a place."""
        if len(self.pulses) >= self.places:
            return False
        self.pulses.append(pulse)
        return True


class Line:
    """The loop thread's end of a link."""

    def __init__(
        self, plc: MemoryPlc, trigger: Box | None = None, ejector: RejectTracker | None = None
    ) -> None:
        self.plc = plc
        self.link = PlcLink(
            SECTION, LinkedStation(BUDGET_NS, trigger, ejector=ejector), transport=plc
        )
        self.link.condition = GOOD
        self.deliveries: list[Delivery] = []
        self.link.start()

    def until(self, met: Callable[[], object]) -> None:
        """Beat and collect deliveries until a condition holds."""

        def turn() -> object:
            self.link.alive(time.monotonic_ns())
            self.deliveries += self.link.deliveries()
            return met()

        until(turn)

    def report(
        self, serial: int, kind: VerdictKind = VerdictKind.ACCEPT, *, left_ns: int = 10**10
    ) -> None:
        """A verdict, by default with plenty of time."""
        now_ns = time.monotonic_ns()
        part = Part(serial, serial, now_ns, now_ns, now_ns, now_ns + left_ns)
        self.link.report(part, Verdict(kind, Reason.OK, 10, Mode.FULL, kind, kind))


@pytest.fixture
def plc() -> MemoryPlc:
    """A PLC in memory."""
    return MemoryPlc()


@pytest.fixture
def line(plc: MemoryPlc) -> Iterator[Line]:
    """A running link with permit."""
    line = Line(plc)
    line.until(lambda: line.link.permit)
    yield line
    line.link.close()


def test_link_delivers_what_is_reported(line: Line) -> None:
    """Each verdict is acknowledged once, in order, under its own sequence."""
    for serial in range(1, 6):
        line.report(serial)
        line.until(lambda serial=serial: len(line.deliveries) == serial)  # type: ignore[misc]
    assert [(f.serial, f.sequence, f.delivered) for f in line.deliveries] == [
        (n, n, True) for n in range(1, 6)
    ]
    assert all(f.published_ns <= f.acked_ns for f in line.deliveries)
    assert [r.part_id for r in line.plc.records().values()] == [1, 2, 3, 4, 5]


def test_link_never_sends_a_late_accept(line: Line) -> None:
    """A verdict reported at its deadline is seen by the PLC as a late reject."""
    line.report(1, left_ns=0)
    line.until(lambda: line.deliveries)
    assert (line.deliveries[0].kind, line.deliveries[0].reason) == (
        VerdictKind.REJECT,
        Reason.DEADLINE,
    )
    assert line.plc.records()[1].verdict == VerdictKind.REJECT


def test_report_returns_while_the_plc_hangs(line: Line) -> None:
    """The loop goes on while an exchange stands still; nothing is lost by it."""
    with line.plc.held:
        for serial in range(1, 9):
            line.report(serial)
    line.until(lambda: len(line.deliveries) == 8)
    assert all(f.delivered for f in line.deliveries)


def test_link_says_that_its_thread_hangs_in_a_call(line: Line) -> None:
    """And when it comes back: the loop has seen each of its own turns, it none."""
    link, now_ns = line.link, time.monotonic_ns()
    with line.plc.held:
        while not link.hung:
            now_ns += 200 * NS_PER_MS
            link.alive(now_ns)
            assert now_ns < time.monotonic_ns() + 60_000 * NS_PER_MS

    def turned() -> bool:
        link.alive(time.monotonic_ns())
        return not link.hung

    until(turned)


def test_link_loses_permit_when_the_line_stops(line: Line) -> None:
    """Without the loop's heartbeat, DEV_HEART stands still and permit goes."""
    line.link.alive(0)
    until(lambda: not line.link.permit)
    heart = unpack_header(line.plc.words).dev_heart
    exchanges = line.plc.plc.heart
    until(lambda: line.plc.plc.heart > exchanges + 400)  # more than one beat of 100 ms
    assert unpack_header(line.plc.words).dev_heart == heart


def test_link_reconnects_and_resynchronises(line: Line) -> None:
    """A request without an answer costs the pending verdict, not the link."""
    line.plc.acks = False
    line.report(1)
    line.until(lambda: 1 in line.plc.records())
    session = unpack_header(line.plc.words).session_id
    line.plc.failures.append(LinkSilent("no answer"))
    line.until(lambda: line.deliveries)
    line.until(lambda: line.link.permit)
    assert [(f.serial, f.delivered) for f in line.deliveries] == [(1, False)]
    assert unpack_header(line.plc.words).session_id == session + 1
    assert line.plc.opened == 2
    line.plc.acks = True
    line.report(2)
    line.until(lambda: len(line.deliveries) == 2)
    assert line.deliveries[1].delivered


def test_link_backs_off_while_the_plc_refuses(line: Line) -> None:
    """A PLC that says no is not hammered, and verdicts meanwhile are told at once."""
    line.plc.open_failures += [LinkRefused("connection refused")] * 2
    line.plc.failures.append(LinkSilent("no answer"))
    line.until(lambda: line.link.state is State.LINK_LOST)
    line.report(1)
    line.until(lambda: line.deliveries)
    assert (line.deliveries[0].delivered, line.link.state) == (False, State.LINK_LOST)
    line.until(lambda: line.link.permit)
    assert line.plc.opened == 4
    assert line.plc.records() == {}


def test_link_survives_what_must_not_happen(line: Line) -> None:
    """An unexpected error is a fault that the PLC sees and clears; the thread lives."""
    line.plc.failures.append(ZeroDivisionError("bug"))
    line.until(lambda: line.link.state is State.FAULT)
    line.until(lambda: unpack_header(line.plc.words).fault & FaultBit.CONFIG)
    assert not line.link.permit
    line.plc.change(cmd_code=Command.CLEAR_FAULT, cmd_seq=1)

    def cleared() -> bool:
        # what stands there before the link follows this PLC is history, and is to be given again
        header, given = unpack_header(line.plc.words), line.plc.plc.cmd_seq
        if (header.cmd_seq, header.cmd_result) == (given, CommandResult.NOT_EXECUTED):
            line.plc.change(cmd_seq=given + 1)
        return line.link.permit

    line.until(cleared)


def test_link_hands_parts_to_the_line(plc: MemoryPlc) -> None:
    """A change of PART_ID reaches the mailbox, and D15 says so."""
    box = Box(5)
    line = Line(plc, box)
    line.until(lambda: line.link.permit)
    plc.change(part_id=3)
    line.until(lambda: box.pulses)
    line.until(lambda: unpack_header(plc.words).part_seen == 3)
    line.link.close()
    assert [(p.part_id, p.reject) for p in box.pulses] == [(3, Reason.OK)]


def test_link_answers_a_part_that_the_line_cannot_take(plc: MemoryPlc) -> None:
    """While the line is busy and one part waits, the newest is not inspected and says why."""
    line = Line(plc, Box(0))
    line.until(lambda: line.link.permit)
    plc.change(part_id=3)
    line.until(lambda: line.deliveries)
    line.link.close()
    delivery = line.deliveries[0]
    assert (delivery.serial, delivery.part_id) == (NOT_TAKEN, 3)
    assert (delivery.kind, delivery.reason) == (VerdictKind.NOT_INSPECTED, Reason.OVERRATE)
    assert plc.records()[1].verdict == VerdictKind.NOT_INSPECTED
    assert line.link.counters.overrates == 1


def test_link_tells_the_plc_what_the_own_photo_eye_saw(line: Line) -> None:
    """D15 follows `seen` where the station triggers itself."""
    line.link.seen(815, 1)
    line.until(lambda: unpack_header(line.plc.words).part_seen == 815)


def test_close_leaves_the_plc_without_permit(plc: MemoryPlc) -> None:
    """The last words the PLC got say stopped; what it never acknowledged is told."""
    line = Line(plc)
    line.until(lambda: line.link.permit)
    plc.acks = False
    line.report(1)
    line.until(lambda: 1 in plc.records())
    line.link.close()
    line.link.close()
    last = unpack_header(plc.words)
    assert last.state == State.STOPPED
    assert not last.status & StatusBit.PERMIT
    assert plc.closed == 1
    assert [f.delivered for f in line.link.deliveries()] == [False]


def test_close_of_a_link_that_never_started_or_connected() -> None:
    """Closing does not wait for a PLC that is not there."""
    PlcLink(SECTION, LinkedStation(BUDGET_NS), transport=MemoryPlc()).close()
    plc = MemoryPlc()
    plc.open_failures += [LinkRefused("connection refused")] * 1000
    link = PlcLink(SECTION, LinkedStation(BUDGET_NS), transport=plc)
    link.start()
    until(lambda: plc.opened >= 2)
    link.close()
    assert plc.opened < 1000


def test_log_speaks_of_changes_only(plc: MemoryPlc, caplog: pytest.LogCaptureFixture) -> None:
    """Parts leave no line in the log; the way up and down does."""
    with caplog.at_level(logging.INFO, logger="gonogo.plc"):
        line = Line(plc)
        line.until(lambda: "permit=1" in caplog.text)  # it is said after it is so
        before = len(caplog.records)
        for serial in range(1, 21):
            line.report(serial)
            line.until(lambda serial=serial: len(line.deliveries) == serial)  # type: ignore[misc]
        assert len(caplog.records) == before
        line.link.close()
    assert "state=running was=resync" in caplog.text
    assert "state=stopped" in caplog.records[-1].getMessage()


# -- what the loop may rely on ---------------------------------------------------------


def test_link_has_the_times_that_are_promised() -> None:
    """Written down once more: whoever changes one of them must mean it."""
    assert (RESERVE_NS, JOIN_S) == (NS_PER_MS, 5.0)
    link = PlcLink(SECTION, LinkedStation(BUDGET_NS), transport=MemoryPlc())
    assert link._handover.state.reserve_ns == NS_PER_MS
    assert link._thread.daemon, "a link that hangs must not keep the process"
    link.close()


def test_link_waits_a_poll_at_most(plc: MemoryPlc) -> None:
    """As long as the section says, in seconds."""
    section = SECTION.model_copy(update={"poll_ms": 20})
    link = PlcLink(section, LinkedStation(BUDGET_NS), transport=plc)
    link.start()
    until(lambda: plc.waits)
    link.close()
    assert set(plc.waits) == {0.02}


def test_link_hands_on_what_the_loop_says() -> None:
    """Its condition as it was assigned; a part of its own photo-eye to PLC and ejector."""
    section = EjectSection(distance_mm=200, window_mm=40)
    station = LinkedStation(BUDGET_NS, ejector=RejectTracker(section, 200))
    link = PlcLink(SECTION, station, transport=MemoryPlc())
    link.condition = GOOD
    assert link.condition is GOOD
    link.seen(7, 815)
    assert link._handover.next_seen() == 7
    assert list(link._coil._seen) == [(7, 815)]
    link.close()


def test_link_keeps_the_plcs_word_where_parts_were_not_seen() -> None:
    """Nobody has the id 0: the ejector alone hears of them."""
    station = LinkedStation(BUDGET_NS, ejector=RejectTracker(EjectSection(distance_mm=200), 200))
    link = PlcLink(SECTION, station, transport=MemoryPlc())
    link.seen(0, 815)
    assert link._handover.next_seen() is None
    assert list(link._coil._seen) == [(0, 815)]
    link.close()


def test_link_that_shall_break_off_is_woken_for_it() -> None:
    """It may be waiting for a poll of minutes."""
    link = PlcLink(SECTION, LinkedStation(BUDGET_NS), transport=MemoryPlc())
    link.break_off()
    assert link._handover.broken
    assert select.select([link._handover.wake_fd], [], [], 0)[0]
    link.close()


def test_link_closes_descriptor_0() -> None:
    """The first that is free where standard input is closed, as in each process of a station."""
    kept = os.dup(0)
    os.close(0)
    try:
        link = PlcLink(SECTION, LinkedStation(BUDGET_NS), transport=MemoryPlc())
        assert link._handover.wake_fd == 0
        link.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(0)
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def test_report_gives_way_to_the_link() -> None:
    """On a core that both threads share it would wait until the loop has written its journal."""
    yields: list[int] = []
    link = PlcLink(
        SECTION,
        LinkedStation(BUDGET_NS),
        transport=MemoryPlc(),
        give_way=lambda: yields.append(1),
    )
    link.report(*accept(1))
    assert link._handover.waiting
    assert yields == [1]
    link.close()


def test_link_breaks_off_at_once_when_it_is_asked_to(line: Line) -> None:
    """It does not wait for a poll, and is there again by itself."""
    line.link.break_off()
    line.until(lambda: line.plc.opened == 2)
    line.until(lambda: line.link.permit)


def test_link_hands_an_acknowledgement_to_its_ejector() -> None:
    """Where no PLC can clear a fault, somebody at the box does."""
    link = PlcLink(SECTION, LinkedStation(BUDGET_NS), transport=MemoryPlc())
    before = link._coil._asked
    link.clear()
    assert (before, link._coil._asked) == (False, True)
    link.close()


def test_link_draws_an_identity_where_it_is_told_none() -> None:
    """Two lines that nobody named must not take each other for themselves."""
    stations = (LinkedStation(BUDGET_NS), 4712), (LinkedStation(BUDGET_NS, box=815), 815)
    for station, want in stations:
        drawn = iter((4711, 4712))
        link = PlcLink(
            SECTION,
            station,
            transport=MemoryPlc(),
            identity=lambda drawn=drawn: next(drawn),  # type: ignore[misc]
        )
        assert (link.session, link._handover.state.strangers.box) == (4711, want)
        link.close()


def test_link_without_a_plc_is_stopped_in_order(plc: MemoryPlc) -> None:
    """Its last state says so to whoever asks, though nobody was told."""
    plc.open_failures += [LinkRefused("no")] * 100
    link = PlcLink(SECTION, LinkedStation(BUDGET_NS), transport=plc)
    link.condition = GOOD
    link.start()
    until(lambda: plc.opened >= 2)
    link.close()
    assert (link.state, link.permit) == (State.STOPPED, False)


def test_close_of_a_link_that_hangs_says_so(line: Line) -> None:
    """The descriptor stays: the thread may still use it."""
    with line.plc.held:
        exchanges = line.plc.plc.heart
        with pytest.raises(LinkError, match=r"did not end within 0 s; the PLC rejects by itself"):
            line.link.close(0.01)
        assert line.plc.plc.heart == exchanges
        assert line.link._handover.wake_fd >= 0
    line.link.close(WAIT_S)
    assert line.link._handover.wake_fd == -1


class Sleeper(MemoryPlc):
    """Its first wait ends when the link is woken, and not before."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = threading.Event()

    def wait(self, timeout_s: float) -> None:
        """As a transport does with a poll of minutes."""
        del timeout_s
        if not self.waiting.is_set():
            self.waiting.set()
            assert select.select([self._wake_fd], [], [], 60)[0]


def test_close_wakes_a_link_that_waits_for_long() -> None:
    """A poll of minutes, say: the station's end does not wait for it; the descriptor is closed."""
    plc = Sleeper()
    link = PlcLink(SECTION, LinkedStation(BUDGET_NS), transport=plc)
    link.start()
    assert plc.waiting.wait(WAIT_S)
    link.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(plc._wake_fd)
    link.report(*accept(1))
    link.break_off()
    link.close()


# -- third-party peers -----------------------------------------------------------------


@contextlib.contextmanager
def started(section: ModbusClientSection | ModbusServerSection) -> Iterator[PlcLink]:
    """A link of a tested line."""
    link = PlcLink(section, LinkedStation(BUDGET_NS))
    link.condition = GOOD
    link.start()
    try:
        yield link
    finally:
        link.close()


def accept(part_id: int) -> tuple[Part, Verdict]:
    """An ACCEPT with plenty of time."""
    now_ns = time.monotonic_ns()
    part = Part(part_id, part_id, now_ns, now_ns, now_ns, now_ns + 10**10)
    return part, Verdict(
        VerdictKind.ACCEPT, Reason.OK, 5, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT
    )


def test_client_role_delivers_to_a_third_party_plc() -> None:
    """A PLC behind pyModbusTCP's server handshakes, gets a verdict, and sees the goodbye."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    from pyModbusTCP.server import ModbusServer as ThirdParty  # noqa: PLC0415 - optional

    server = ThirdParty("127.0.0.1", 0, no_block=True)
    server.start()
    bank = server.data_bank
    bank.set_holding_registers(100, list(pack_plc(PlcWords(map_version=1, ctrl=3))))
    section = ModbusClientSection(
        driver="modbus-client", host="127.0.0.1", port=server._service.server_address[1]
    )
    deliveries: list[Delivery] = []

    def scan(link: PlcLink) -> list[Delivery]:
        link.alive(time.monotonic_ns())
        heart = bank.get_holding_registers(101, 1)[0] + 1
        bank.set_holding_registers(101, [heart & 0xFFFF])
        bank.set_holding_registers(104, bank.get_holding_registers(12, 1))
        bank.set_holding_registers(115, bank.get_holding_registers(13, 1))
        deliveries.extend(link.deliveries())
        return deliveries

    with started(section) as link:
        until(lambda: scan(link) == [] and link.permit)
        link.report(*accept(42))
        until(lambda: scan(link))
    assert (deliveries[0].part_id, deliveries[0].delivered) == (42, True)
    assert (
        unpack_record(bank.get_holding_registers(record_at(deliveries[0].sequence), 8)) is not None
    )
    assert bank.get_holding_registers(3, 1) == [State.STOPPED]
    assert not bank.get_holding_registers(4, 1)[0] & StatusBit.PERMIT
    server.stop()


@pytest.fixture
def served() -> Iterator[tuple[PlcLink, int]]:
    """A link in server role, and its port once it listens."""
    made: list[ModbusServer] = []
    section = ModbusServerSection(driver="modbus-server", port=0)

    def make(wake_fd: int) -> ModbusServer:
        made.append(ModbusServer(section, wake_fd))
        return made[0]

    link = PlcLink(section, LinkedStation(BUDGET_NS), transport=make)
    link.condition = GOOD
    link.start()
    until(lambda: made[0].port)
    yield link, made[0].port
    link.close()


def test_server_role_delivers_to_a_third_party_plc(served: tuple[PlcLink, int]) -> None:
    """A PLC that polls reads a whole result and the reject bits, and acknowledges it."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    from pyModbusTCP.client import ModbusClient as ThirdParty  # noqa: PLC0415 - optional

    link, port = served
    client = ThirdParty("127.0.0.1", port, timeout=WAIT_S)
    deliveries: list[Delivery] = []
    heart = 0

    def scan(*, ack: bool) -> tuple[list[int], list[bool]]:
        nonlocal heart
        heart += 1
        link.alive(time.monotonic_ns())
        words = client.read_holding_registers(0, 96)
        plc = PlcWords(1, heart, 3, 0, words[12] if ack else 0, session_echo=words[13])
        assert client.write_multiple_registers(100, list(pack_plc(plc)))
        deliveries.extend(link.deliveries())
        return words, client.read_discrete_inputs(0, 7)

    until(lambda: scan(ack=False)[0] and link.permit)
    assert scan(ack=False)[1][2:4] == [False, True]
    link.report(*accept(42))
    until(lambda: unpack_header(scan(ack=False)[0]).res_seq == 1)
    words, bits = scan(ack=False)
    assert unpack_record(words[record_at(1) : record_at(1) + 8]) is not None
    assert bits[2:5] == [True, False, True]
    until(lambda: scan(ack=True)[0] and deliveries)
    assert (deliveries[0].part_id, deliveries[0].delivered) == (42, True)
    client.close()


def test_server_role_delivers_to_a_plc_of_bits_alone(served: tuple[PlcLink, int]) -> None:
    """A small PLC with coils and discrete inputs gets permit, a verdict, and acknowledges it."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    from pyModbusTCP.client import ModbusClient as ThirdParty  # noqa: PLC0415 - optional

    link, port = served
    client = ThirdParty("127.0.0.1", port, timeout=WAIT_S)
    deliveries: list[Delivery] = []

    def scan() -> list[bool]:
        link.alive(time.monotonic_ns())
        deliveries.extend(link.deliveries())
        bits: list[bool] = client.read_discrete_inputs(0, 7)
        return bits

    assert client.write_single_coil(1, bit_value=True)
    until(lambda: scan() and link.permit)
    toggle = scan()[4]
    link.report(*accept(1))
    until(lambda: scan()[4] is not toggle)
    assert scan()[2:4] == [True, False]
    assert client.write_single_coil(0, bit_value=True)
    until(lambda: scan() and deliveries)
    assert deliveries[0].delivered
    client.close()


def test_link_counts_a_part_that_it_never_saw(plc: MemoryPlc) -> None:
    """Between two polls one id came and went: the next one is judged, and the PLC is warned."""
    box = Box(5)
    line = Line(plc, box)
    line.until(lambda: line.link.permit)
    plc.change(part_id=3)
    line.until(lambda: len(box.pulses) == 1)
    line.link.miss_one()
    plc.change(part_id=4)
    beats(line, plc)
    plc.change(part_id=5)
    line.until(lambda: len(box.pulses) == 2)
    line.until(lambda: unpack_header(plc.words).status & StatusBit.WARNING)
    line.link.close()
    assert [p.part_id for p in box.pulses] == [3, 5]
    assert line.link.counters.missed_triggers == 1


def beats(line: Line, plc: MemoryPlc) -> None:
    """Let the link go through a whole beat."""
    heart = unpack_header(plc.words).dev_heart
    line.until(lambda: unpack_header(plc.words).dev_heart != heart)


def test_link_drives_the_station_s_own_ejector_by_the_encoder(plc: MemoryPlc) -> None:
    """DI7 follows P110-P111; the part that the PLC named passes because it was accepted."""
    box = Box(5)
    section = EjectSection(distance_mm=100, window_mm=40, by="encoder", counts_per_mm=10)
    line = Line(plc, box, ejector=RejectTracker(section, 200))
    line.until(lambda: line.link.permit)
    plc.change(encoder=900)  # 800 counts on: what was on the belt before has gone by
    line.until(lambda: len(plc.bits) == 8 and not plc.bits[7])
    plc.change(part_id=3)
    line.until(lambda: box.pulses)
    line.report(3)
    line.until(plc.records)
    for encoder, on in ((1699, False), (1700, True), (2099, True), (2100, False)):
        plc.change(encoder=encoder)
        beats(line, plc)
        assert plc.bits[7] is on, encoder
    line.link.close()
