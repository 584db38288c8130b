"""The port of a camera process: what one side writes, and what the other makes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.base.errors import SegmentError
from gonogo.ipc.camera_port import (
    LIGHT,
    MESSAGE_BYTES,
    CameraDesk,
    CameraPort,
    CameraState,
    FrameReply,
    FrameRequest,
    Light,
    Outcome,
    PortView,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAME = FrameReply(Outcome.FRAME, 7, 1000, 2000)


class Both(NamedTuple):
    """The line's side and the process's."""

    port: CameraPort
    desk: CameraDesk


@pytest.fixture
def both(station: str) -> Iterator[Both]:
    """A port whose process has started."""
    port = CameraPort.create(station, 3)
    desk = CameraDesk.attach(station, 3)
    desk.start()
    yield Both(port, desk)
    desk.close()
    port.close()


def test_port_brings_a_request_over_and_its_reply_back(both: Both) -> None:
    """Slot, part and deadline there; counter and times back, under the same number."""
    number = both.port.ask(slot=2, part_id=65535, deadline_ns=1 << 62)
    assert both.desk.request == FrameRequest(number, 2, 65535, 1 << 62)
    assert both.port.reply(number) is None
    both.desk.answer(number, FRAME)
    assert both.port.reply(number) == FRAME
    assert both.desk.request is None


def test_port_has_room_for_the_newest_request_alone(both: Both) -> None:
    """The part of the one before has been decided long since."""
    first = both.port.ask(0, 1, 10)
    second = both.port.ask(1, 2, 20)
    assert both.desk.request == FrameRequest(second, 1, 2, 20)
    both.desk.answer(first, FRAME)
    assert both.port.reply(second) is None, "an answer to another question"
    both.desk.answer(second, FrameReply(Outcome.TIMEOUT), "no frame")
    assert both.port.reply(second) == FrameReply(Outcome.TIMEOUT)
    assert both.port.message == "no frame"


def test_port_of_a_new_process_is_asked_nothing_and_holds_nothing(both: Both) -> None:
    """What the one before was asked is answered by nobody."""
    number = both.port.ask(0, 1, 10)
    both.desk.hold(0, 5)
    both.desk.say(CameraState.READY)
    epoch = both.port.epoch
    both.desk.start()
    assert (both.port.epoch, both.port.pid) == (epoch + 1, os.getpid())
    assert both.port.state is CameraState.OPENING
    assert both.desk.request is None
    assert not any(both.port.busy(slot) for slot in range(64))
    reply = both.port.reply(number)
    assert reply is None or reply.outcome is Outcome.NONE


@pytest.mark.parametrize("held", [(), (0,), (63,), (1, 2, 62)])
def test_port_says_which_slots_the_device_has(both: Both, held: tuple[int, ...]) -> None:
    """One bit a slot, of as many as a ring may have; said anew each time."""
    both.desk.hold(7, 8)
    both.desk.hold(*held)
    assert tuple(slot for slot in range(64) if both.port.busy(slot)) == held


def test_port_names_the_slot_of_the_next_frame(both: Both) -> None:
    """The same slot again is another time; none at first."""
    assert both.desk.prepared.number == 0
    for number, slot in enumerate((0, 63, 63), start=1):
        both.port.prepare(slot)
        assert both.desk.prepared == (number, slot)


def test_port_tells_how_the_camera_is_lit_and_what_it_takes(station: str, both: Both) -> None:
    """To whoever looks only; what was never told is None, and a number without an end has one."""
    looked = PortView.look(station, 3)
    assert [looked.light(key) for key in LIGHT] == [None, None]
    both.desk.offer({"exposure_us": Light(500.0, 20.0, 1e308), "gain_db": Light(-1.5, -6.0, 24.0)})
    exposure, gain = looked.light("exposure_us"), looked.light("gain_db")
    assert exposure is not None
    assert (exposure.value, exposure.least, exposure.bounded) == (500.0, 20.0, True)
    assert exposure.most > 1e12
    assert gain == Light(-1.5, -6.0, 24.0)
    assert not Light(5.0).bounded
    with pytest.raises(TypeError):
        looked.words[0] = 1
    looked.close()


def test_port_cuts_a_message_that_is_too_long(both: Both) -> None:
    """Vendors write long ones; a character that is cut in two is no reason to fail."""
    both.desk.say(CameraState.OPENING, "x" + "ä" * MESSAGE_BYTES)
    assert both.port.message.startswith("xä")
    assert len(both.port.message.encode()) <= MESSAGE_BYTES + 3
    both.desk.say(CameraState.READY)
    assert both.port.message == ""


def test_port_that_nobody_made_is_a_numbered_error(station: str) -> None:
    """With its path, as any segment."""
    with pytest.raises(SegmentError, match="camera0"):
        CameraPort.attach(station, 0)
