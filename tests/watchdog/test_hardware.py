"""The hardware watchdog: fed while we live, disarmed only by an ordered stop.

Not simulated: the reset itself, and the ioctl that sets a device's timeout.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import WatchdogError
from gonogo.watchdog.hardware import HardwareWatchdog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("ordered", [True, False])
def test_watchdog_is_disarmed_only_by_an_ordered_stop(tmp_path: Path, *, ordered: bool) -> None:
    """The magic close comes last, and never when we did not mean to stop."""
    device = tmp_path / "watchdog"
    os.mkfifo(device)
    reader = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    watchdog = HardwareWatchdog(device, 10)
    assert watchdog.timeout_s is None, "a pipe knows no timeout"
    watchdog.feed()
    watchdog.feed()
    watchdog.close(ordered=ordered)
    watchdog.close(ordered=True)
    assert os.read(reader, 64) == b"\0\0" + (b"V" if ordered else b"")
    os.close(reader)


def test_watchdog_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(WatchdogError, match=r"GN520: .*no such device; load its driver"):
        HardwareWatchdog(tmp_path / "watchdog0", 10)
