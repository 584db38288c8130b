"""Seccomp filters as systemd makes them of a unit, through libseccomp by ctypes.

What a filter refuses gets an error number, as SystemCallErrorNumber= says. Import as
`gonogo.tests.seccomp`.
"""

from __future__ import annotations

import ctypes
import errno
import socket
from ctypes.util import find_library
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EQUAL, _GREATER_OR_EQUAL, _MASKED_EQUAL = 4, 5, 7
_NOT_A_CALL = -1
_WRITE_EXEC, _EXEC, _SHM_EXEC = 0x2 | 0x4, 0x4, 0o100000
_SET_ID = (0o4000, 0o2000)
_NAMESPACES = (
    0x00020000,  # mount
    0x02000000,  # cgroup
    0x04000000,  # host name
    0x08000000,  # message queues and shared memory
    0x10000000,  # user
    0x20000000,  # process
    0x40000000,  # network
)
_FAMILIES = 64  # more than there are
_MODE_AT = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "mkdir": 1, "mkdirat": 2, "mknod": 1,
            "mknodat": 2, "creat": 1}  # fmt: skip


class _Compare(ctypes.Structure):
    """One argument of a call against a value (struct scmp_arg_cmp)."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


class Test(NamedTuple):
    """When a rule holds: `op` of argument number `arg` with `a` and, for a mask, `b`."""

    arg: int
    op: int
    a: int
    b: int = 0


def there() -> bool:
    """Whether this machine has libseccomp."""
    return find_library("seccomp") is not None


class Filter:
    """A filter of this machine's own architecture; other ones' calls kill the process."""

    def __init__(self, default: int = _ALLOW) -> None:
        self._lib = ctypes.CDLL(find_library("seccomp"), use_errno=True)
        self._lib.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._lib.seccomp_init(ctypes.c_uint32(default)))

    def rule(self, action: int, call: str, *tests: Test) -> None:
        """Act so on a call; one that the library or the machine does not know is left out."""
        number = self._lib.seccomp_syscall_resolve_name(call.encode())
        if number == _NOT_A_CALL:
            return
        several = (_Compare * len(tests))(*(_Compare(*test) for test in tests))
        done = self._lib.seccomp_rule_add_array(
            self._context, ctypes.c_uint32(action), number, len(tests), several
        )
        if done not in {0, -errno.EDOM}:  # EDOM: a call of another architecture
            raise OSError(-done, f"no rule for {call}")

    def load(self) -> None:
        """From now on, for this thread and what it starts."""
        done = self._lib.seccomp_load(self._context)
        if done != 0:
            raise OSError(-done, "the filter is not taken")


def refuse(number: int) -> int:
    """The action that gives a call this error number."""
    return _ERRNO | number


def calls(allowed: Iterable[str], number: int) -> Filter:
    """SystemCallFilter=: these calls, every other one gets the error number."""
    made = Filter(refuse(number))
    for call in allowed:
        made.rule(_ALLOW, call)
    return made


def families(names: Sequence[str]) -> Filter:
    """RestrictAddressFamilies=: sockets of these families and no other."""
    allowed = {int(getattr(socket, name)) for name in names}
    made, action = Filter(), refuse(errno.EAFNOSUPPORT)
    for family in set(range(_FAMILIES)) - allowed:
        made.rule(action, "socket", Test(0, _EQUAL, family))
    made.rule(action, "socket", Test(0, _GREATER_OR_EQUAL, _FAMILIES))
    return made


def namespaces() -> Filter:
    """RestrictNamespaces=yes: none is made or entered."""
    made, action = Filter(), refuse(errno.EPERM)
    for flag in _NAMESPACES:
        for call in ("clone", "unshare"):
            made.rule(action, call, Test(0, _MASKED_EQUAL, flag, flag))
    made.rule(action, "setns")
    made.rule(refuse(errno.ENOSYS), "clone3")  # its flags lie in memory: programs take clone
    return made


def set_id() -> Filter:
    """RestrictSUIDSGID=yes: no file that lends its owner's rights."""
    made = Filter()
    for call, arg in _MODE_AT.items():
        for bit in _SET_ID:
            made.rule(refuse(errno.EPERM), call, Test(arg, _MASKED_EQUAL, bit, bit))
    return made


def write_execute() -> Filter:
    """MemoryDenyWriteExecute=yes: what is written is not run."""
    made, action = Filter(), refuse(errno.EPERM)
    made.rule(action, "mmap", Test(2, _MASKED_EQUAL, _WRITE_EXEC, _WRITE_EXEC))
    for call in ("mprotect", "pkey_mprotect"):
        made.rule(action, call, Test(2, _MASKED_EQUAL, _EXEC, _EXEC))
    made.rule(action, "shmat", Test(2, _MASKED_EQUAL, _SHM_EXEC, _SHM_EXEC))
    return made


def load_all(settings: Mapping[str, Sequence[str]], allowed: Iterable[str]) -> None:
    """All filters of a unit; that of the calls last, as it refuses any other filter."""
    names = settings["RestrictAddressFamilies"][-1].split()
    families(names).load()
    if settings.get("RestrictNamespaces") == ["yes"]:
        namespaces().load()
    if settings.get("RestrictSUIDSGID") == ["yes"]:
        set_id().load()
    if settings.get("MemoryDenyWriteExecute") == ["yes"]:
        write_execute().load()
    calls(allowed, getattr(errno, settings["SystemCallErrorNumber"][-1])).load()
