"""An output that is forced: in the image and nothing else, without a permit, and for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import pytest

from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.output_test import Output, OutputTestDesk
from gonogo.plc.link.forced import ForcedOutputs
from gonogo.plc.register_map import DI_BITS, STATUS_AT, State, StatusBit, unpack_header
from gonogo.plc.reject_tracker import EjectSection, RejectTracker
from gonogo.plc.transports.transport import ProcessImage
from gonogo.tests.plc.link.test_link_thread import UP, Bench, StepPlc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.plc.link.forced import ForcedOutputs as Forced

BITS = (False, True, False, True, False, False, False)
IMAGE = ProcessImage((0,) * 96, BITS)
WITH_COIL = IMAGE._replace(bits=(*BITS, False))


@pytest.fixture
def desk(station: str) -> Iterator[OutputTestDesk]:
    """Of the station."""
    board = FaultBoard.create(station)
    yield OutputTestDesk(board.segment)
    board.close()


def shown(forced: Forced, image: ProcessImage = IMAGE, *, permit: bool = False) -> ProcessImage:
    """At this moment."""
    return forced.show(image, time.monotonic_ns(), permit=permit)


def test_forced_is_one_bit_and_back_by_the_clock(desk: OutputTestDesk) -> None:
    """Of STATUS and of the discrete inputs; whatever else is shown stays."""
    forced = ForcedOutputs(desk, None)
    assert shown(forced) == IMAGE
    desk.force(Output.FAULT, on=True, for_s=10)
    found = shown(forced)
    assert found.words[STATUS_AT] == StatusBit.FAULT
    assert not any((*found.words[:STATUS_AT], *found.words[STATUS_AT + 1 :]))
    assert found.bits == (*BITS[:6], True)
    later_ns = time.monotonic_ns() + 11 * 10**9
    assert forced.show(IMAGE, later_ns, permit=False) == IMAGE
    desk.force(Output.WARNING, on=False, for_s=10)
    warned = IMAGE._replace(words=(*(0,) * 4, int(StatusBit.WARNING | StatusBit.BUSY), *(0,) * 91))
    assert shown(forced, warned).words[STATUS_AT] == StatusBit.BUSY
    assert shown(forced, warned).bits == BITS
    desk.end()
    assert shown(forced) == IMAGE


def test_forced_is_nothing_with_a_permit_or_without_memory(desk: OutputTestDesk) -> None:
    """Whatever was asked for."""
    desk.force(Output.DEGRADED, on=True, for_s=10)
    assert shown(ForcedOutputs(desk, None), permit=True) == IMAGE
    assert shown(ForcedOutputs(None, None)) == IMAGE
    assert not ForcedOutputs(None, None).tried(time.monotonic_ns())


@pytest.mark.parametrize(("on_means", "on"), [("eject", True), ("pass", False)])
def test_forced_ejector_throws_out_and_never_lets_pass(
    desk: OutputTestDesk, on_means: Literal["eject", "pass"], *, on: bool
) -> None:
    """One of a station that has none is left alone."""
    forced = ForcedOutputs(
        desk, RejectTracker(EjectSection(distance_mm=400, on_means=on_means), 100.0)
    )
    passes = IMAGE._replace(bits=(*BITS, not on))
    desk.force(Output.EJECT, on=on, for_s=10)
    assert shown(forced, passes).bits[DI_BITS] is on
    desk.force(Output.EJECT, on=not on, for_s=10)
    ejects = IMAGE._replace(bits=(*BITS, on))
    assert shown(forced, ejects) == ejects
    desk.force(Output.EJECT, on=on, for_s=10)
    assert shown(ForcedOutputs(desk, None)) == IMAGE


def test_link_has_no_permit_while_outputs_are_tried(desk: OutputTestDesk) -> None:
    """Stopped, TEST_MODE, no part taken; and as before once it is over."""
    plc = StepPlc(UP + 6, {UP + 1: desk.begin, UP + 4: desk.end})
    bench = Bench(plc, forced=ForcedOutputs(desk, None))
    bench.thread.run()
    headers = [unpack_header(image.words) for image in plc.images]
    permits = [bool(each.status & StatusBit.PERMIT) for each in headers]
    tests = [bool(each.status & StatusBit.TEST_MODE) for each in headers]
    assert any(permits)
    assert any(tests)
    assert not any(permit and test for permit, test in zip(permits, tests, strict=True))
    assert {each.state for each in headers if each.status & StatusBit.TEST_MODE} == {State.STOPPED}
    assert permits.index(True) < tests.index(True)
    assert permits[tests.index(True) :].count(True) > 0, "it does not come back"
