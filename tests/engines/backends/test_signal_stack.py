"""A library that exchanges the stack of signals, and what is done about it."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from gonogo.engines.backends.signal_stack import SignalStack, kept_signal_stack, signal_stack
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

UNLOADED_IN_ORDER = """
import signal, sys
from pathlib import Path
from gonogo.base.frame_shape import FrameShape
from gonogo.base.signals import interruptible
from gonogo.engines.backends.catalogue import open_backend
first, second = (open_backend("openvino", Path(sys.argv[1]), FrameShape(32, 32, 3), 1)
                 for _ in range(2))
first.close()
second.close()
with interruptible() as interrupt:
    signal.raise_signal(signal.SIGTERM)
sys.exit(0 if interrupt.asked else 1)
"""


def where() -> tuple[int | None, int, int]:
    """The stack of this thread, to be compared."""
    found = signal_stack()
    return found.at, found.flags, found.size


def exchange(room: ctypes.Array[ctypes.c_char]) -> None:
    """As a library does it, which fails afterwards."""
    before = where()
    mine = SignalStack(ctypes.addressof(room), 0, len(room))
    assert ctypes.CDLL(None).sigaltstack(ctypes.byref(mine), None) == 0
    assert where() != before
    raise RuntimeError


def test_stack_is_its_own_again_also_after_an_error() -> None:
    """The very one that was there before."""
    room, before = ctypes.create_string_buffer(1 << 16), where()
    with pytest.raises(RuntimeError), kept_signal_stack():
        exchange(room)
    assert where() == before


@pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
def test_signal_after_two_models_were_unloaded_in_order_is_survived(tmp_path: Path) -> None:
    """An engine process of two views is asked to stop."""
    model = tiny.brightest(tmp_path / "m.onnx")
    words = (sys.executable, "-I", "-c", UNLOADED_IN_ORDER, str(model))
    subprocess.run(words, check=True, timeout=120)
