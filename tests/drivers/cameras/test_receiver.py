"""A thread takes frames as they come, and says when they came."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from queue import Empty, Queue

import pytest

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.receiver import Receiver
from gonogo.testing.cameras import soon_ns


class Library:
    """What a camera's library would bring, when the test says so."""

    def __init__(self) -> None:
        self.results: Queue[str | Exception] = Queue()

    def wait(self) -> str | None:
        """As a library does: a result, or nothing within a moment."""
        try:
            result = self.results.get(timeout=0.01)
        except Empty:
            return None
        if isinstance(result, Exception):
            raise result
        return result


def test_frame_is_as_old_as_it_is_however_late_it_is_asked_for() -> None:
    """One that has lain there since the part before does not seem new."""
    library = Library()
    with closing(Receiver(library.wait, "test")) as receiver:
        before_ns = time.monotonic_ns()
        library.results.put("frame")
        end_ns = soon_ns()
        while not receiver.ready:
            assert time.monotonic_ns() < end_ns
            time.sleep(0.001)
        there_ns = time.monotonic_ns()
        time.sleep(0.05)
        came = receiver.take(soon_ns())
        assert came is not None
        assert came[0] == "frame"
        assert before_ns <= came[1] <= there_ns
        assert not receiver.ready


def test_wait_for_a_frame_ends_at_its_deadline() -> None:
    """Or at once, where that has passed."""
    with closing(Receiver(Library().wait, "test")) as receiver:
        deadline_ns = soon_ns(20)
        assert receiver.take(deadline_ns) is None
        assert time.monotonic_ns() >= deadline_ns
        assert receiver.take(deadline_ns) is None


def test_fault_of_any_kind_is_one_of_the_camera() -> None:
    """A thread that ends without a word would leave every part without a frame, for ever."""
    library = Library()
    with closing(Receiver(library.wait, "view 'top': camera x")) as receiver:
        library.results.put(ValueError("buffer of nothing"))
        with pytest.raises(CameraError, match="'top': camera x: ValueError: buffer of nothing"):
            receiver.take(soon_ns())


def test_fault_is_no_frame_that_has_come_back() -> None:
    """The library may still write where one was to come."""
    with closing(Receiver(Library().wait, "test")) as receiver:
        receiver.fail(CameraError("it is gone"))
        assert not receiver.ready
        with pytest.raises(CameraError, match="it is gone"):
            receiver.take(soon_ns())


@pytest.mark.parametrize("how", ["the library", "somebody else"])
def test_fault_reaches_whoever_waits(how: str) -> None:
    """A camera that is gone is no frame that is late."""
    library = Library()
    with closing(Receiver(library.wait, "test")) as receiver:
        fault = CameraError("it is gone")
        tell = library.results.put if how == "the library" else receiver.fail
        timer = threading.Timer(0.02, tell, (fault,))
        timer.start()
        with pytest.raises(CameraError, match="it is gone"):
            receiver.take(soon_ns())
        timer.join()


def test_close_ends_the_thread() -> None:
    """The library may be let go of afterwards."""
    before = threading.active_count()
    receiver = Receiver(Library().wait, "test")
    assert threading.active_count() == before + 1
    receiver.close()
    assert threading.active_count() == before
