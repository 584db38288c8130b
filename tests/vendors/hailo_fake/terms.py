"""Words that HailoRT's package has, and what its bindings do while they load."""

from __future__ import annotations

import ctypes


class FormatType:
    """What is exchanged by a stream."""

    AUTO, UINT8, UINT16, FLOAT32 = "auto", "uint8", "uint16", "float32"


class SchedulingAlgorithm:
    """Whether models take turns; HailoRT's Python package asks for none by itself."""

    NONE = 0
    ROUND_ROBIN = 1


def keep_interpreter(milliseconds: float) -> None:
    """As HailoRT's bindings do while they configure: nothing else of this process runs."""
    if milliseconds:
        ctypes.PyDLL(None).usleep(int(milliseconds * 1000))  # PyDLL: without letting the GIL go
