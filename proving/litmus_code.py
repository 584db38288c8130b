"""The litmus run's loops in machine code: between two accesses of Python lie too many instructions.

Each walks over `count` pairs of words, a cache line apart, and is called as
`loop(here, there, value, count, seen)` by the rules of C on Linux; the fence stands in its middle.

    STORE       store `value` here, then there
    LOAD        load there, then here; returns how often that from here was less
    STORE_LOAD  store `value` here, then load from there into `seen`
"""

from __future__ import annotations

import ctypes
from enum import Enum
from typing import TYPE_CHECKING

from gonogo.base.fence import executable

if TYPE_CHECKING:
    from collections.abc import Callable

    Loop = Callable[[int, int, int, int, int], int]

LINE_BYTES = 64  # from one word to the next


class Kind(Enum):
    """Which loop."""

    STORE = 0
    LOAD = 1
    STORE_LOAD = 2


_FENCES = {  # dmb ish and mfence, each with a nop of its length
    "aarch64": (bytes.fromhex("bf3b03d5"), bytes.fromhex("1f2003d5")),
    "x86_64": (bytes.fromhex("0faef0"), bytes.fromhex("0f1f00")),
}
_ARM = {  # one instruction each, as the manual of the architecture writes them
    # str x2,[x0],#64; dmb ish; str x2,[x1],#64; subs x3,x3,#1; b.ne 0; ret
    Kind.STORE: (0xF8040402, 0xD5033BBF, 0xF8040422, 0xF1000463, 0x54FFFF81, 0xD65F03C0),
    # mov x6,#0; 1: ldr x4,[x1],#64; dmb ish; ldr x5,[x0],#64; cmp x5,x4; cinc x6,x6,lt;
    # subs x3,x3,#1; b.ne 1b; mov x0,x6; ret
    Kind.LOAD: (
        0xD2800006, 0xF8440424, 0xD5033BBF, 0xF8440405, 0xEB0400BF, 0x9A86A4C6, 0xF1000463,
        0x54FFFF41, 0xAA0603E0, 0xD65F03C0,
    ),
    # str x2,[x0],#64; dmb ish; ldr x5,[x1],#64; str x5,[x4],#8; subs x3,x3,#1; b.ne 0; ret
    Kind.STORE_LOAD: (
        0xF8040402, 0xD5033BBF, 0xF8440425, 0xF8008485, 0xF1000463, 0x54FFFF61, 0xD65F03C0,
    ),
}  # fmt: skip
_X86 = {
    # mov [rdi],rdx; mfence; mov [rsi],rdx; add rdi,64; add rsi,64; dec rcx; jnz 0; ret
    Kind.STORE: "488917 0faef0 488916 4883c740 4883c640 48ffc9 75ea c3",
    # xor eax,eax; 1: mov r9,[rsi]; mfence; mov r10,[rdi]; add rdi,64; add rsi,64; cmp r10,r9;
    # setl r9b; movzx r9,r9b; add rax,r9; dec rcx; jnz 1b; ret
    Kind.LOAD: (
        "31c0 4c8b0e 0faef0 4c8b17 4883c740 4883c640 4d39ca 410f9cc1 4d0fb6c9 4c01c8 48ffc9 75dc c3"
    ),
    # mov [rdi],rdx; mfence; mov rax,[rsi]; mov [r8],rax; add rdi,64; add rsi,64; add r8,8;
    # dec rcx; jnz 0; ret
    Kind.STORE_LOAD: "488917 0faef0 488b06 498900 4883c740 4883c640 4983c008 48ffc9 75e3 c3",
}
_CODE: dict[str, dict[Kind, bytes]] = {
    "aarch64": {
        kind: b"".join(each.to_bytes(4, "little") for each in words) for kind, words in _ARM.items()
    },
    "x86_64": {kind: bytes.fromhex(text) for kind, text in _X86.items()},
}
_CALL = ctypes.PYFUNCTYPE(ctypes.c_long, *[ctypes.c_long] * 5)


def code_of(machine: str, kind: Kind, *, fenced: bool) -> bytes:
    """The instructions; OSError where none are known for a processor."""
    if machine not in _CODE:
        raise OSError(f"no machine code is known for {machine}")
    code, (fence, nop) = _CODE[machine][kind], _FENCES[machine]
    return code if fenced else code.replace(fence, nop)


def loop(machine: str, kind: Kind, *, fenced: bool) -> Loop:
    """One of them, ready to be called; OSError where no page may be written and then run."""
    return _CALL(executable(code_of(machine, kind, fenced=fenced)))
