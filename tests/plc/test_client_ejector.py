"""The station's own ejector behind a PLC's coil: read back as a module's is, cleared by the PLC."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import FaultBit, Mode, Reason, Verdict, VerdictKind
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import Command, State
from gonogo.plc.reject_tracker import EjectSection, RejectTracker
from gonogo.tests.fakes import part_now

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.tests.softplc import CTRL, RUN, SoftPlc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.plc.handshake.state import Delivery

COILS, DEAD = 300, 400  # where we write; a coil that nobody writes
WAIT_S = 20.0
EJECT = EjectSection(distance_mm=800, window_mm=140, on_means="eject")
GOOD = Verdict(VerdictKind.ACCEPT, Reason.OK, 10, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT)


@pytest.fixture
def plc() -> Iterator[SoftPlc]:
    """A PLC that enables."""
    with SoftPlc() as plc:
        plc.p[CTRL] = RUN
        yield plc


class Line:
    """A link in client role with an ejector of its own; its output is read back at a coil."""

    def __init__(self, plc: SoftPlc, read_at: int) -> None:
        keys = {"coil_base": COILS, "readback_address": read_at}
        section = plc.section.model_copy(update=keys)
        self.link = PlcLink(section, LinkedStation(10**9, ejector=RejectTracker(EJECT, 1000.0)))
        self.link.condition = self.link.condition._replace(
            tested=True, camera_ok=True, engine_ok=True
        )
        self.deliveries: list[Delivery] = []
        self.link.start()

    def until(self, what: str, done: object) -> None:
        """Beat until something is so."""
        end_s = time.monotonic() + WAIT_S
        while not done():  # type: ignore[operator]  # a function of no arguments
            assert time.monotonic() < end_s, what
            self.turn()

    def turn(self) -> None:
        """Beat once."""
        self.link.alive(time.monotonic_ns())
        self.deliveries += self.link.deliveries()
        time.sleep(0.002)

    def part(self, part_id: int, *, good: bool) -> None:
        """One passes, until it is past the ejector."""
        part = part_now(part_id)
        self.link.seen(part.part_id, part.trigger_ns)
        self.link.report(part, GOOD if good else GOOD._replace(kind=VerdictKind.REJECT))
        end_s = time.monotonic() + 1.0
        while time.monotonic() < end_s:
            self.turn()


def test_coil_that_stands_in_the_plc_is_no_fault(plc: SoftPlc) -> None:
    """Parts of both kinds, all delivered."""
    line = Line(plc, COILS + 7)
    line.until("no permit", lambda: line.link.permit)
    for part_id in range(1, 5):
        line.part(part_id, good=part_id % 2 == 0)
    assert [delivery.delivered for delivery in line.deliveries] == [True] * 4
    assert line.link.state is State.RUNNING
    line.link.close()


def test_coil_that_does_not_stand_there_is_a_fault_that_the_plc_clears_only_when_it_agrees(
    plc: SoftPlc, caplog: pytest.LogCaptureFixture
) -> None:
    """The PLC is told by FAULT; verdicts meanwhile are not delivered though it would take them."""
    line = Line(plc, DEAD)
    line.until("no fault", lambda: plc.header.fault & FaultBit.EJECTOR)
    assert "the module does not switch" in caplog.text
    assert not line.link.permit
    line.part(1, good=True)
    assert [delivery.delivered for delivery in line.deliveries] == [False]
    plc._server.data_bank.set_coils(DEAD, [True])  # reads on while it is told off
    line.until("still off", lambda: plc._server.data_bank.get_coils(COILS + 7, 1) == [False])
    clears = line.link.clears
    plc.p[6:8] = plc.p[6] + 1, Command.CLEAR_FAULT
    line.until("not commanded", lambda: line.link.clears > clears)
    line.until("not again", lambda: line.link.state is State.FAULT)
    plc._server.data_bank.set_coils(DEAD, [False])
    line.part(2, good=True)
    plc.p[6] += 1
    line.until("no permit", lambda: line.link.permit)
    line.link.close()
