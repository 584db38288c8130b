"""The kernel: what a station asks of it is tried."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from gonogo.commands.doctor import kernel
from gonogo.commands.doctor.finding import Fine, Ill, Scene
from gonogo.tests.commands.board import boxes

if TYPE_CHECKING:
    from pathlib import Path


def test_kernel_of_this_box_does_all_that_a_station_asks(tmp_path: Path) -> None:
    """It runs stations."""
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names only
    found = list(kernel.look(Scene(boxes.pc(tmp_path))))
    assert all(isinstance(each, Fine) for each in found)
    assert len(found) == 2 + len(kernel.CALLS)
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_call_that_is_refused_stops_every_station(tmp_path: Path) -> None:
    """By a sandbox, or a kernel or Python that does not have it."""

    def refused() -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    def absent() -> None:
        raise AttributeError("module 'os' has no attribute 'pidfd_open'")

    calls = {"memfd": refused, "pidfd": absent}
    found = list(kernel.look(Scene(boxes.pc(tmp_path)), calls))
    ills = [each for each in found if isinstance(each, Ill)]
    assert [each.stops for each in ills] == [True, True]
    assert ills[0].what.startswith("memfd is refused (Function not implemented)")
    assert "pidfd_open" in ills[1].what
