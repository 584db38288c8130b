"""Who does something on this box: the user, the one behind it, and from where."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UNSET = 2**32 - 1  # /proc/self/loginuid of a process that nobody has logged in for
_SERVICE = re.compile(r"/([^/\n]+\.service)(?:/|$)", re.MULTILINE)
_PROC = Path("/proc/self")


def who(
    environment: Mapping[str, str] = os.environ,
    proc: Path = _PROC,
    terminal: Callable[[], str] | None = None,
) -> dict[str, Any]:
    """`login` is who logged in, `user` and `uid` as whom it is done, `over` how (sudo, su).

    `place` is a terminal, a service of systemd, or neither. What the kernel keeps of a login
    (loginuid, set once) goes before what sudo says in the environment, which anybody may write.
    """
    uid = os.getuid()
    logged_in = _login_uid(proc)
    over = "sudo" if "SUDO_UID" in environment else ""
    if logged_in is None and over and environment["SUDO_UID"].isdecimal():
        logged_in = int(environment["SUDO_UID"])
    if logged_in is not None and logged_in != uid:
        over = over or "su"
    return {
        "login": _name(uid if logged_in is None else logged_in),
        "user": _name(uid),
        "uid": uid,
        "over": over,
        "place": (terminal or _terminal)() or _service(environment, proc) or "no terminal",
    }


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):  # nobody of this box
        return str(uid)


def _login_uid(proc: Path) -> int | None:
    # a kernel without audit has no such file
    with contextlib.suppress(OSError, ValueError):
        found = int((proc / "loginuid").read_text(encoding="ascii"))
        return None if found == _UNSET else found
    return None


def _terminal() -> str:
    for fd in range(3):
        with contextlib.suppress(OSError):
            return os.ttyname(fd).removeprefix("/dev/")
    return ""


def _service(environment: Mapping[str, str], proc: Path) -> str:
    """The innermost service that this process belongs to, where systemd has started it."""
    if "INVOCATION_ID" not in environment:
        return ""
    with contextlib.suppress(OSError):
        found = _SERVICE.findall((proc / "cgroup").read_text(encoding="utf-8", errors="replace"))
        return str(found[-1]) if found else "a service"
    return "a service"
