"""The stack that signals of this thread come on, kept from a library that exchanges it.

OpenVINO's plugin for CPUs sets a stack of its own while it is made (for AMX, whose state is large),
and puts the former one back when it is unloaded. Of two models that are unloaded in the order in
which they were loaded, the second puts back the first one's, which is gone: the next signal that
Python handles ends the process. As it sets none anew for what is in place already, the one of the
thread is put back as soon as the model is loaded.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DISABLED = 2  # SS_DISABLE: signals come on the thread's ordinary stack


class SignalStack(ctypes.Structure):
    """stack_t of sigaltstack(2)."""

    _fields_ = (("at", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


_libc = ctypes.CDLL(None, use_errno=True)
_libc.sigaltstack.argtypes = (ctypes.POINTER(SignalStack), ctypes.POINTER(SignalStack))


def signal_stack() -> SignalStack:
    """The one of this thread."""
    found = SignalStack()
    _libc.sigaltstack(None, ctypes.byref(found))
    return found


@contextmanager
def kept_signal_stack() -> Iterator[None]:
    """Whatever the block does, this thread has its own stack again afterwards."""
    before = signal_stack()
    try:
        yield
    finally:
        # too small for the state that the processor saves from now on: rather none than another's
        if _libc.sigaltstack(ctypes.byref(before), None):
            _libc.sigaltstack(ctypes.byref(SignalStack(None, _DISABLED, 0)), None)
