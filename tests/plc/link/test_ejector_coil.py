"""The ejector's side of a verdict: passed only by an ACCEPT that the PLC would be told as one."""

from __future__ import annotations

import time

import pytest

from gonogo.base.words import NS_PER_MS, FaultBit, Reason, VerdictKind
from gonogo.plc.handshake.state import Reported
from gonogo.plc.link.ejector_coil import EjectorCoil
from gonogo.plc.link.proof import proof_of
from gonogo.plc.reject_tracker import EjectSection, RejectTracker
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.plc.transports.senses import Sensed
from gonogo.plc.transports.transport import Inputs, ProcessImage

RESERVE_NS = NS_PER_MS
EARLY_NS = 10 * RESERVE_NS
PART = 7


def passes(kind: VerdictKind, left_ns: int, *, permit: bool = True) -> bool:
    """Whether the coil lets a part pass whose verdict came so long before its deadline."""
    section = EjectSection.model_validate({"distance_mm": 200.0, "window_mm": 380.0})
    ejector = RejectTracker(section, 200.0)  # its window begins 50 ms after the trigger
    now_ns = time.monotonic_ns()
    ejector.follow(now_ns - 10_000 * NS_PER_MS)
    nozzle = EjectorCoil(ejector, RESERVE_NS)
    nozzle.seen(PART, now_ns)
    result = Reported(now_ns, 1, PART, kind, Reason.OK, 0, False, now_ns, now_ns + left_ns)  # noqa: FBT003
    nozzle.judged(result, permit=permit)
    return ejector.follow(now_ns + 500 * NS_PER_MS)


def test_nozzle_passes_an_accept_in_time() -> None:
    """The one way through."""
    assert passes(VerdictKind.ACCEPT, EARLY_NS)


@pytest.mark.parametrize("kind", [kind for kind in VerdictKind if kind is not VerdictKind.ACCEPT])
def test_nozzle_passes_nothing_else(kind: VerdictKind) -> None:
    """Every other verdict is a reject."""
    assert not passes(kind, EARLY_NS)


def test_nozzle_passes_nothing_without_permit() -> None:
    """The PLC would not believe it either."""
    assert not passes(VerdictKind.ACCEPT, EARLY_NS, permit=False)


@pytest.mark.parametrize("left_ns", [RESERVE_NS, RESERVE_NS // 2, 0, -1])
def test_nozzle_and_record_agree_on_what_is_late(left_ns: int) -> None:
    """An ACCEPT that is written into the record as late does not open the gate either."""
    assert not passes(VerdictKind.ACCEPT, left_ns)


def test_nozzle_without_an_ejector_changes_nothing() -> None:
    """A station whose PLC ejects."""
    image = ProcessImage((1, 2, 3), (True,))
    assert EjectorCoil(None).show(image) == image


def test_nozzle_lets_nobody_pass_who_was_on_the_belt_with_an_unseen_part() -> None:
    """Who comes after that is known again, and passes once the belt has been emptied."""
    section = EjectSection.model_validate(
        {"distance_mm": 100.0, "window_mm": 20.0, "on_means": "eject"}
    )
    ejector = RejectTracker(section, 200.0)  # its window is 450 to 550 ms after the trigger
    nozzle = EjectorCoil(ejector, RESERVE_NS)
    now_ns = time.monotonic_ns()
    ejector.follow(now_ns)
    nozzle.seen(PART, now_ns)
    nozzle.seen(0, now_ns + 10 * NS_PER_MS)
    nozzle.seen(PART + 1, now_ns + 600 * NS_PER_MS)
    for part_id in (PART, PART + 1):
        result = Reported(
            now_ns=now_ns,
            serial=1,
            part_id=part_id,
            kind=VerdictKind.ACCEPT,
            reason=Reason.OK,
            score=0,
            degraded=False,
            trigger_ns=now_ns,
            deadline_ns=now_ns + EARLY_NS,
        )
        nozzle.judged(result, permit=True)
    assert ejector.follow(now_ns + 400 * NS_PER_MS)  # on: it ejects whoever is there
    assert not ejector.follow(now_ns + 1100 * NS_PER_MS)


# -- where the ejector can be read -------------------------------------------------------

EJECTOR = int(FaultBit.EJECTOR)


class Wire:
    """A nozzle with its proof, and exchanges made by hand."""

    def __init__(self) -> None:
        section = ModbusIoSection(driver="modbus-io", host="10.0.0.5", readback_ms=50)
        ejector = RejectTracker(EjectSection(distance_mm=200.0, window_mm=380.0), 200.0)
        self.nozzle = EjectorCoil(ejector, RESERVE_NS, proof_of(section))
        self.sensed = Sensed(1, False, 0, 0, 0, output=False, alone=True)  # noqa: FBT003 - as in the tuple
        self.arm = False

    def poll(self, ms: int, latched: int = 0, **sensed: object) -> list[tuple[int, int]]:
        """An exchange at some time: the faults and the cleared ones that came of it."""
        self.arm = self.nozzle.show(ProcessImage((0,) * 96, (False,) * 7)).arm
        times = {"sent_ns": ms * NS_PER_MS, "at_ns": ms * NS_PER_MS}
        self.sensed = self.sensed._replace(**(times | sensed))  # type: ignore[arg-type]
        inputs = Inputs((0,) * 20, 0, ms * NS_PER_MS, sensed=self.sensed)
        return [(event.faults, event.cleared) for event in self.nozzle.polled(inputs, latched)]


def test_nozzle_latches_once_what_stands() -> None:
    """As long as the fault is latched, nothing more is said of it."""
    wire = Wire()
    assert [wire.poll(ms, output=True) for ms in (0, 40)] == [[], []]
    assert wire.poll(60) == [(EJECTOR, 0)]
    assert [wire.poll(ms, EJECTOR) for ms in (65, 70)] == [[], []]


def test_nozzle_clears_what_a_person_acknowledged_once_it_agrees() -> None:
    """The module is armed again first; all that is latched goes where no PLC could clear it."""
    wire = Wire()
    wire.poll(0, output=True)
    wire.poll(60)
    wire.nozzle.clear()
    assert wire.poll(70, EJECTOR | 1) == []
    assert wire.arm
    now_ms = time.monotonic_ns() // NS_PER_MS
    assert wire.poll(now_ms, EJECTOR | 1, output=False) == [(0, EJECTOR | 1)]
    assert wire.poll(now_ms + 5, 0) == []
    assert not wire.arm


def test_nozzle_that_cannot_clear_says_so_and_leaves_it(caplog: pytest.LogCaptureFixture) -> None:
    """After a second the answer is no."""
    wire = Wire()
    wire.poll(0, output=True)
    wire.poll(60)
    wire.nozzle.clear()
    now_ms = time.monotonic_ns() // NS_PER_MS
    assert [wire.poll(now_ms + ms, EJECTOR) for ms in (0, 500, 2000)] == [[], [], []]
    assert "acknowledged in vain, it still holds: GN420: the module does not switch" in caplog.text
    assert wire.poll(now_ms + 2010, EJECTOR, output=False) == []
    assert not wire.arm


def test_nozzle_latches_again_what_a_plc_cleared_too_early() -> None:
    """Cleared by its command while it still differs; once it agrees the PLC's word holds."""
    wire = Wire()
    wire.poll(0, output=True, alone=False)
    wire.poll(60)
    assert wire.poll(70, 0) == [(EJECTOR, 0)]
    assert wire.poll(75, EJECTOR, output=False) == []
    assert wire.poll(80, 0) == []
    assert wire.poll(85, 0) == []


def test_nozzle_forgets_what_another_connection_showed() -> None:
    """What a module did before its restart says nothing of it now."""
    wire = Wire()
    wire.poll(0, output=True)
    assert wire.poll(60, connection=2, told_ns=60 * NS_PER_MS) == []
