"""Frames of a camera that nobody triggers: which of them is a part's."""

from __future__ import annotations

import pytest

from gonogo.drivers.cameras.free_run import Light, Stamps, Wait

LIGHT = Light(exposure_ns=10, readout_ns=5)
ASKED_NS, DEADLINE_NS = 1000, 2000


class Frames:
    """A device that has frames ready at set times; it remembers until when it was waited for."""

    def __init__(self, *ready_ns: int) -> None:
        self.ready_ns = [*ready_ns]
        self.waited_ns: list[int] = []

    def take(self, until_ns: int) -> int | None:
        """The next one, where it is ready by then."""
        self.waited_ns.append(until_ns)
        if self.ready_ns and self.ready_ns[0] <= until_ns:
            return self.ready_ns.pop(0)
        return None


def test_wait_looks_again_when_an_exposure_and_a_read_out_are_over() -> None:
    """What comes later was begun later; and no longer than until the deadline."""
    frames, wait = Frames(), Wait(LIGHT, ASKED_NS, DEADLINE_NS)
    assert wait.next(frames.take) is None
    assert frames.waited_ns == [1010, 1015, 2000]


def test_wait_does_not_look_beyond_its_deadline() -> None:
    """An exposure that is longer than the time that is left."""
    frames, wait = Frames(), Wait(LIGHT, ASKED_NS, 1012)
    assert wait.next(frames.take) is None
    assert frames.waited_ns == [1010, 1012]


@pytest.mark.parametrize(
    ("ready_ns", "stamp_ns", "began_ns"),
    [
        # there within an exposure's time: begun before, whatever its stamp says
        (1005, 1900, 990),
        (1010, 1900, 990),
        (1010, 950, 935),
        # a stamp is taken for that of the frame's end
        (1012, 1011, 996),
        (1500, 1014, 999),
        (1500, 1015, 1000),
        # none that is believed: no earlier than when nothing lay ready yet
        (1005, None, 985),
        (1014, None, 995),
        (1015, None, 995),
        (1016, None, 1000),
    ],
)
def test_frame_was_begun_as_early_as_can_be(
    ready_ns: int, stamp_ns: int | None, began_ns: int
) -> None:
    """By its stamp, and by when it was not there yet; before 1000 it is of the part before."""
    wait = Wait(LIGHT, ASKED_NS, DEADLINE_NS)
    assert wait.asked_ns == ASKED_NS
    assert wait.next(Frames(ready_ns).take) == ready_ns
    assert wait.began_ns(stamp_ns) == began_ns


def test_frame_after_one_that_was_passed_over_is_judged_anew() -> None:
    """Those that lay ready were of before; the one that comes is not."""
    frames, wait = Frames(900, 950, 1400), Wait(LIGHT, ASKED_NS, DEADLINE_NS)
    found = []
    while (ready_ns := wait.next(frames.take)) is not None:
        found.append((ready_ns, wait.began_ns(None) >= ASKED_NS))
    assert found == [(900, False), (950, False), (1400, True)]


def test_stamps_are_believed_until_one_lies_in_the_future(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Then none is, for the next may lie so little ahead that nobody sees it; said once."""
    stamps = Stamps("view 'top'")
    assert stamps.believed(100, 100) == 100
    assert stamps.believed(86_000_101, 101) is None
    assert stamps.believed(90, 102) is None
    assert stamps.believed(86_000_201, 201) is None
    assert caplog.messages == [
        "view 'top': the stamps of its frames are not believed: one lies 86.0 ms in the future"
    ]


def test_frame_without_a_stamp_says_nothing_of_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It has none; said once."""
    stamps = Stamps("view 'top'")
    assert stamps.believed(None, 100) is None
    assert stamps.believed(None, 110) is None
    assert stamps.believed(120, 121) == 120
    assert len(caplog.messages) == 1
