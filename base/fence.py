"""Memory fences: what one process has written first, another one sees first.

Shared memory is read and written here word by word, with stamps that say that others are whole
(docs/memory-order.md). A processor of x86-64 keeps the order of stores and of loads by itself;
others do not, and there a fence must stand between. Python has none: it is made of what a box has.

    machine code     `dmb ish; ret` in a page of its own (not under MemoryDenyWriteExecute)
    libatomic        atomic_thread_fence(memory_order_seq_cst), where the library is installed
    membarrier(2)    a system call; each process that uses it registers

It is chosen once a process, at its first mapping. A process without one does not start.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import sys
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import NoFence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Call = Callable[[], None]
    Kinds = Mapping[str, Callable[[str], Call]]

_CODE = {  # a full fence, and back to the caller
    "aarch64": bytes.fromhex("bf3b03d5 c0035fd6"),  # dmb ish; ret (Arm ARM DDI 0487, C6.2)
    "x86_64": bytes.fromhex("0faef0 c3"),  # mfence; ret: for the litmus run alone
}
_MEMBARRIER = {"x86_64": 324, "aarch64": 283, "riscv64": 283, "ppc64le": 365}  # syscalls(2)
_QUERY, _GLOBAL_EXPEDITED, _REGISTER = 0, 1 << 1, 1 << 2  # membarrier(2)
_SEQ_CST = 5  # memory_order_seq_cst of C11
_PAGES: list[mmap.mmap] = []  # never unmapped: somebody may be about to call what is there


class Fence(NamedTuple):
    """How this process keeps the order of its memory; `said` is for people.

    After `call` nobody sees a later load or store of the caller before an earlier one.
    """

    name: str
    said: str
    call: Call


def nothing() -> None:
    """The fence of a processor that needs none."""


NONE = Fence("none", "x86-64 keeps the order of stores and loads: no fence is needed", nothing)


@cache
def here() -> Fence:
    """The fence of this process; NoFence where none can be had."""
    return choose(platform.machine())


def choose(
    machine: str, bits: int = sys.maxsize.bit_length() + 1, kinds: Kinds | None = None
) -> Fence:
    """What a processor needs, by its name in uname(2); NoFence where that cannot be had."""
    if bits != 64:  # noqa: PLR2004 - a word of ours is one store there, and two elsewhere
        raise NoFence(
            f"memory order: expected a 64-bit Python, got one of {bits} bits on {machine}: words "
            "of shared memory would be torn; install a 64-bit system"
        )
    return NONE if machine == "x86_64" else full(machine, kinds)


def full(machine: str, kinds: Kinds | None = None) -> Fence:
    """A fence that holds between any two accesses, of the first of KINDS that can be had."""
    refused: list[str] = []
    for name, make in (kinds or KINDS).items():
        made = _made(name, make, machine)
        if isinstance(made, Fence):
            return made
        refused.append(made)
    raise NoFence(
        f"memory order: no fence can be had on {machine}, and without one a torn frame or score "
        f"could pass for a whole one ({'; '.join(refused)}); expected one of these: install "
        "libatomic (Debian, Ubuntu: apt install libatomic1)"
    )


def _made(name: str, make: Callable[[str], Call], machine: str) -> Fence | str:
    """A fence of that kind, or why there is none."""
    try:
        return Fence(name, f"{name} on {machine}", make(machine))
    except (OSError, AttributeError) as error:
        return f"{name}: {error}"


def machine_code(machine: str) -> Call:
    """A page with the instruction; OSError where no page may be written and then run."""
    code = _CODE.get(machine)
    if code is None:
        raise OSError(f"none is known for {machine}")
    # the interpreter's lock is kept: given up, each fence would be a chance to lose the processor
    return ctypes.PYFUNCTYPE(None)(executable(code))


def executable(code: bytes) -> int:
    """Where these instructions, of a page at most, can be called from now on; OSError."""
    page = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    page.write(code)
    at = ctypes.addressof(ctypes.c_char.from_buffer(page))
    # never writable and executable at once. Linux makes new code seen as it makes a page executable
    rights = mmap.PROT_READ | mmap.PROT_EXEC
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mprotect(ctypes.c_void_p(at), ctypes.c_size_t(mmap.PAGESIZE), rights):
        raise OSError(ctypes.get_errno(), f"mprotect: {os.strerror(ctypes.get_errno())}")
    _PAGES.append(page)
    return at


def libatomic(_machine: str) -> Call:
    """C11's own; OSError where the library is not installed."""
    fence = ctypes.PyDLL("libatomic.so.1").atomic_thread_fence
    fence.argtypes, fence.restype = [ctypes.c_int], None
    order = ctypes.c_int(_SEQ_CST)
    return lambda: fence(order)


def membarrier(machine: str) -> Call:
    """The kernel's: a full fence of the caller, and of every process that has registered.

    Not the private kind, which leaves other processes out.
    """
    number = _MEMBARRIER.get(machine)
    if number is None:
        raise OSError(f"the number of the system call is not known for {machine}")
    call = ctypes.PyDLL(None, use_errno=True).syscall
    call.argtypes, call.restype = [ctypes.c_long] * 4, ctypes.c_long
    wanted = _GLOBAL_EXPEDITED | _REGISTER
    if call(number, _QUERY, 0, 0) & wanted != wanted or call(number, _REGISTER, 0, 0):
        raise OSError("this kernel does not offer MEMBARRIER_CMD_GLOBAL_EXPEDITED")
    return lambda: call(number, _GLOBAL_EXPEDITED, 0, 0)


KINDS: Kinds = {
    "machine code": machine_code,
    "libatomic": libatomic,
    "membarrier": membarrier,
}
