"""The line's camera of another process: what it waits for, and what it does not."""

from __future__ import annotations

import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.doorbell import make_bell, open_bell, ring
from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.camera import Exposure
from gonogo.drivers.cameras.remote import RemoteCamera
from gonogo.ipc.camera_port import (
    CameraDesk,
    CameraPort,
    CameraState,
    FrameReply,
    Outcome,
    bells_of,
)
from gonogo.ipc.frame_ring import FrameRing
from gonogo.testing.cameras import soon_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.ipc.camera_port import FrameRequest

SHAPE = FrameShape(16, 24, 1)
SLOTS = 4
PID = 15  # the word of the port that names the process
EXPOSURE = Exposure(5, 1000, 2000)
FRAME = FrameReply(Outcome.FRAME, *EXPOSURE)


class Bench:
    """A ring, a port and its bells; the process's side is played by the tests."""

    def __init__(self, station: str) -> None:
        self.ring = FrameRing.create(station, 0, SHAPE, SLOTS)
        self.port = CameraPort.create(station, 0)
        for name in bells_of(0):
            make_bell(station, name)
        self.desk = CameraDesk.attach(station, 0)
        self.camera = RemoteCamera(station, "top", self.ring)
        self.done_fd = open_bell(station, bells_of(0)[1])
        self.desk.start()
        self.desk.say(CameraState.READY)

    def pixels(self, slot: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """Of a slot of the ring."""
        return self.ring.slots[slot].pixels

    def answer(self, reply: FrameReply, message: str = "") -> FrameRequest:
        """Wait for what is asked, and answer it."""
        while (request := self.desk.request) is None:
            time.sleep(0.001)
        self.desk.answer(request.number, reply, message)
        ring(self.done_fd)
        return request

    @contextmanager
    def process(self, act: Callable[[], object]) -> Iterator[None]:
        """The process's side at work, beside what the line does."""
        thread = threading.Thread(target=act)
        thread.start()
        yield
        thread.join()


@pytest.fixture
def bench(station: str) -> Bench:
    """One whose camera is open."""
    return Bench(station)


def test_remote_camera_brings_the_frame_that_its_process_was_asked_for(bench: Bench) -> None:
    """Into the slot that it was asked for, by the part's id and deadline."""
    asked: list[FrameRequest] = []

    def act() -> None:
        bench.pixels(2).fill(77)
        asked.append(bench.answer(FRAME))

    deadline_ns = soon_ns()
    with bench.process(act):
        assert bench.camera.grab(9, bench.pixels(2), deadline_ns) == EXPOSURE
    assert asked[0][1:] == (2, 9, deadline_ns)
    assert bench.ring.slots[2].pixels[3, 4] == 77
    assert not bench.camera.holds(2)


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Outcome.TIMEOUT, FrameTimeout),
        (Outcome.INVALID, FrameInvalid),
        (Outcome.FAILED, CameraError),
    ],
)
def test_remote_camera_fails_as_its_process_has_failed(
    bench: Bench, outcome: Outcome, error: type[CameraError]
) -> None:
    """The same kind, in the same words, numbered once."""
    reply = FrameReply(outcome)
    answer = bench.process(lambda: bench.answer(reply, "view 'top': half a frame"))
    with answer, pytest.raises(error) as raised:
        bench.camera.grab(9, bench.pixels(0), soon_ns())
    assert type(raised.value) is error
    assert str(raised.value) == f"GN{error.code}: view 'top': half a frame"


def test_remote_camera_that_is_silent_is_waited_for_until_the_deadline(bench: Bench) -> None:
    """Then the part is decided without it, and the slot is nobody's but the device's."""
    start_ns = time.monotonic_ns()
    with pytest.raises(FrameTimeout, match="part 9: the camera's process has not answered"):
        bench.camera.grab(9, bench.pixels(1), start_ns + 30_000_000)
    assert time.monotonic_ns() >= start_ns + 30_000_000
    assert bench.camera.holds(1)
    assert not bench.camera.holds(0)
    bench.answer(FRAME)
    assert not bench.camera.holds(1), "it has given it back, late"


def test_remote_camera_takes_no_answer_to_an_older_question(bench: Bench) -> None:
    """A late frame of the part before is no frame of this one."""
    with pytest.raises(FrameTimeout):
        bench.camera.grab(1, bench.pixels(0), time.monotonic_ns())
    old = bench.desk.request
    assert old is not None

    def act() -> None:
        while (now := bench.desk.request) is None or now.number == old.number:
            time.sleep(0.001)
        bench.desk.answer(old.number, FRAME)
        ring(bench.done_fd)
        time.sleep(0.01)
        bench.answer(FrameReply(Outcome.FRAME, 6, 3000, 4000))

    with bench.process(act):
        assert bench.camera.grab(2, bench.pixels(1), soon_ns()) == Exposure(6, 3000, 4000)


def test_remote_camera_whose_device_is_away_is_not_waited_for(bench: Bench) -> None:
    """The reason is what the process says of the device."""
    bench.desk.say(CameraState.OPENING, "no device at 192.168.0.9")
    with pytest.raises(CameraError, match=r"view 'top': part 3: no device at 192\.168\.0\.9"):
        bench.camera.grab(3, bench.pixels(0), soon_ns())
    assert not bench.camera.holds(0)
    assert bench.desk.request is None, "nothing was asked"


def test_remote_camera_whose_process_ends_is_not_waited_for(bench: Bench) -> None:
    """Before it is asked, or while; and what it held is free, for its mapping is gone."""
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    bench.port.segment.words(0, 32)[PID] = process.pid

    def act() -> None:
        while bench.desk.request is None:
            time.sleep(0.001)
        process.communicate(b"")

    with bench.process(act), pytest.raises(CameraError, match="ended while it was asked"):
        bench.camera.grab(3, bench.pixels(0), soon_ns())
    assert not bench.camera.holds(0)
    with pytest.raises(CameraError, match="part 4: the camera's process has ended"):
        bench.camera.grab(4, bench.pixels(0), soon_ns())


def test_remote_camera_asks_the_process_that_has_started_in_its_place(bench: Bench) -> None:
    """The one before it may have been asked, and will never answer."""
    with pytest.raises(FrameTimeout):
        bench.camera.grab(1, bench.pixels(0), time.monotonic_ns())
    assert bench.camera.holds(0)
    bench.desk.start()
    bench.desk.say(CameraState.READY)
    assert not bench.camera.holds(0)
    with bench.process(lambda: bench.answer(FRAME)):
        assert bench.camera.grab(2, bench.pixels(0), soon_ns()) == EXPOSURE


def test_remote_camera_whose_process_begins_anew_meanwhile_is_not_waited_for(bench: Bench) -> None:
    """The new one was not asked."""

    def act() -> None:
        while bench.desk.request is None:
            time.sleep(0.001)
        bench.desk.start()
        ring(bench.done_fd)

    with bench.process(act), pytest.raises(CameraError, match="began anew while it was asked"):
        bench.camera.grab(3, bench.pixels(0), soon_ns())


def test_remote_camera_says_which_slots_its_device_has(bench: Bench) -> None:
    """As the process says."""
    bench.desk.hold(3)
    assert [bench.camera.holds(slot) for slot in range(SLOTS)] == [False, False, False, True]


def test_remote_camera_names_the_slot_of_the_next_frame(bench: Bench) -> None:
    """Between two parts; the process is woken for it."""
    bench.camera.queue(bench.pixels(2))
    assert bench.desk.prepared == (1, 2)


def test_remote_camera_writes_into_slots_of_its_ring_alone(bench: Bench) -> None:
    """No other memory is mapped there."""
    for act in (bench.camera.queue, lambda p: bench.camera.grab(1, p, soon_ns())):
        with pytest.raises(CameraError, match="expected the pixels of a slot of its frame ring"):
            act(np.zeros(SHAPE.shape, np.uint8))
