"""Work that is late: nothing is given, and nothing let go of, before it has ended."""

from __future__ import annotations

import pytest

from gonogo.base.errors import AcceleratorLost, BackendError, TensorRtRefused
from gonogo.engines.backends.tensorrt.in_flight import Held, InFlight, in_s

ENDED, LATE = "ended", "late"


class Device:
    """A stream and an event of nothing: `ends` answers each wait."""

    handle = 1

    def __init__(self, *ends: str | Exception) -> None:
        self.ends = list(ends)
        self.recorded = 0

    def record(self, _: object) -> None:
        """Counted."""
        self.recorded += 1

    def wait(self, _: int) -> bool:
        """The next answer."""
        answer = self.ends.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer == ENDED

    def close(self) -> None:
        """Nothing."""


def work_of(device: Device, hung_s: float = 60.0) -> InFlight:
    """What is in flight there."""
    return InFlight(device, device, hung_s)  # type: ignore[arg-type]  # of both a part each


def refused() -> None:
    """A launch that TensorRT does not take."""
    raise TensorRtRefused("no")


def test_work_has_its_event_behind_it() -> None:
    """Recorded once it was given, also where it was refused on the way."""
    device = Device(ENDED)
    work = work_of(device)
    work.give(lambda: None)
    assert device.recorded == 1
    with pytest.raises(TensorRtRefused):
        work.give(refused)
    assert device.recorded == 2


def test_work_that_is_refused_by_a_lost_device_says_so() -> None:
    """TensorRT answers no more than False; CUDA knows."""
    work = work_of(Device(AcceleratorLost("gone")))
    with pytest.raises(AcceleratorLost):
        work.give(refused)


def test_late_work_must_end_before_more_is_given() -> None:
    """By the deadline of the next; then it is as before."""
    work = work_of(Device(LATE, LATE, ENDED))
    work.settle(0)
    work.give(lambda: None)
    assert not work.ended(0)
    with pytest.raises(BackendError, match=r"GN310: .*still works on an earlier frame"):
        work.settle(0)
    work.settle(0)
    work.settle(0)


def test_late_work_that_never_ends_is_a_lost_device() -> None:
    """The process begins anew."""
    work = work_of(Device(LATE, LATE), hung_s=0.0)
    work.give(lambda: None)
    assert not work.ended(0)
    with pytest.raises(AcceleratorLost, match=r"GN312: .*it hangs"):
        work.settle(0)


@pytest.mark.parametrize("fails", [False, True])
def test_held_things_stay_where_the_device_works_on_them(*, fails: bool) -> None:
    """At the end of a block, well or badly; and what was popped is held as well."""
    for take in (False, True):
        let_go: list[int] = []
        work = work_of(Device(LATE, LATE), hung_s=0.0)
        work.give(lambda: None)
        work.ended(0)
        held = Held()
        held.work = work
        held.callback(let_go.append, 1)
        held = held.pop_all() if take else held
        if fails:
            with pytest.raises(ZeroDivisionError), held:
                raise ZeroDivisionError
        else:
            held.close()
        assert let_go == []


@pytest.mark.parametrize("last", [ENDED, AcceleratorLost("gone")])
def test_held_things_go_once_the_device_is_done_or_gone(last: str | Exception) -> None:
    """Late, then at its end, or lost: it writes no more."""
    let_go: list[int] = []
    work = work_of(Device(LATE, last))
    work.give(lambda: None)
    work.ended(0)
    with Held() as held:
        held.work = work
        held.callback(let_go.append, 1)
    assert let_go == [1]


def test_held_things_go_where_nothing_was_late() -> None:
    """As with any such stack, also without any work."""
    let_go: list[int] = []
    with Held() as held:
        held.callback(let_go.append, 1)
        held.callback(let_go.append, 2)
    assert let_go == [2, 1]


def test_in_s_is_ahead() -> None:
    """Longer is later."""
    assert in_s(1000.0) > in_s(0.0)
