"""The hardware watchdog (Linux watchdog API): resets the box when nobody feeds it.

Once opened it is armed. Only the magic close, a 'V' before closing, disarms it; a
supervisor that is killed does not say it, and the box comes back by itself.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
from typing import TYPE_CHECKING

from gonogo.base.errors import WatchdogError

if TYPE_CHECKING:
    from pathlib import Path

_INT = struct.Struct("i")
_SET_TIMEOUT = 0xC0045706  # WDIOC_SETTIMEOUT: _IOWR('W', 6, int)
_CAUSES = {
    errno.ENOENT: "there is no such device; load its driver (modprobe softdog for a trial)",
    errno.EBUSY: "another program holds it; stop that one (systemd: RuntimeWatchdogSec=off)",
    errno.EACCES: "not permitted; let this user write it (udev rule, or DeviceAllow= in the unit)",
    errno.EPERM: "not permitted; let this user write it (udev rule, or DeviceAllow= in the unit)",
}


class HardwareWatchdog:
    """An armed watchdog device; `timeout_s` is what the device took, None where it cannot say.

    WatchdogError when it cannot be opened.
    """

    def __init__(self, path: Path, timeout_s: int) -> None:
        self.timeout_s: int | None = None
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            cause = _CAUSES.get(error.errno or 0, error.strerror)
            raise WatchdogError(f"hardware watchdog {path}: {cause}") from error
        with contextlib.suppress(OSError):  # a device with a fixed timeout, or none at all
            # the device may take another time than it was asked for, and says which
            answer = fcntl.ioctl(self._fd, _SET_TIMEOUT, _INT.pack(timeout_s))
            self.timeout_s = _INT.unpack(answer)[0]

    def feed(self) -> None:
        """Put the reset off once more."""
        # one that cannot be written will reset the box, which is what it is for
        with contextlib.suppress(OSError):
            # any byte but the magic one
            os.write(self._fd, b"\0")

    def close(self, *, ordered: bool) -> None:
        """Disarm it if this is an ordered stop; leave it armed otherwise. Idempotent."""
        if self._fd < 0:
            return
        with contextlib.suppress(OSError):
            if ordered:
                os.write(self._fd, b"V")
        os.close(self._fd)
        self._fd = -1
