"""Starts a program as systemd would start a unit, as far as that goes without systemd.

    python -I -m gonogo.tests.fence PLAN PROGRAM ARGUMENT...

PLAN is a JSON file: `settings` of the unit, `calls` that its filter leaves, and `state`, a
folder that is the service's own (with the runtime directory in it). Where this is root, the
files are seen as the unit sees them and the capabilities are those of the unit; the filters
of the calls and the promise of no new rights need no root. The user stays who he is.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.tests import mounts, seccomp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LIBC = ctypes.CDLL(None, use_errno=True)
_DROP_BOUND, _NO_NEW_PRIVILEGES = 24, 38
_LAST_CAPABILITY = Path("/proc/sys/kernel/cap_last_cap")
CAPABILITIES = {"CAP_SYS_NICE": 23, "CAP_NET_BIND_SERVICE": 10}
_LIMITS = {
    "LimitRTPRIO": resource.RLIMIT_RTPRIO,
    "LimitMEMLOCK": resource.RLIMIT_MEMLOCK,
    "LimitNOFILE": resource.RLIMIT_NOFILE,
}


def main(plan: Path, command: list[str]) -> None:
    """Become the command, behind the fence."""
    given: dict[str, Any] = json.loads(plan.read_bytes())
    settings, state = given["settings"], Path(given["state"])
    if mounts.permitted():
        mounts.leave_the_others()
        mounts.memory(state / "run")
        mounts.arrange(settings, (state,))
        os.environ["RUNTIME_DIRECTORY"] = str(state / "run")
    os.environ["STATE_DIRECTORY"] = str(state)
    os.umask(int(settings["UMask"][-1], 8))
    _limit(settings)
    _keep_capabilities(settings["CapabilityBoundingSet"][-1].split())
    if _LIBC.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no new privileges")
    seccomp.load_all(settings, given["calls"])
    os.execv(command[0], command)  # noqa: S606 - no shell


def _limit(settings: Mapping[str, Sequence[str]]) -> None:
    """What an ordinary user may not raise stays as it is."""
    for name, which in _LIMITS.items():
        text = settings[name][-1]
        wanted = resource.RLIM_INFINITY if text == "infinity" else int(text)
        with contextlib.suppress(ValueError):
            resource.setrlimit(which, (wanted, wanted))


def _keep_capabilities(names: Sequence[str]) -> None:
    """Whoever is not root has none, and none to drop."""
    kept = {CAPABILITIES[name] for name in names}
    for number in set(range(int(_LAST_CAPABILITY.read_text()) + 1)) - kept:
        _LIBC.prctl(_DROP_BOUND, number, 0, 0, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
