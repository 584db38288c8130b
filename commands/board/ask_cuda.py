"""A child's work: start the CUDA driver, and say its version and devices.

    python -I ask_cuda.py [LIBRARY]

Through the driver's own library, libcuda.so.1: it comes with the driver, and needs no package.
Source: NVIDIA, "CUDA Driver API" (initialization, version and device management).
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

ANSWER = "gonogo-answer "
# CUdevice_attribute
MAJOR, MINOR, INTEGRATED = 75, 76, 18


class _Failed(Exception):
    """What the driver said instead of yes."""


def answer_of(library: str) -> dict[str, Any]:
    """`version` (1000 x major + 10 x minor) and `devices`, or `error` with CUDA's name and text."""
    try:
        cuda = ctypes.CDLL(library)
    except OSError as error:
        return {"absent": str(error)}
    found: dict[str, Any] = {"version": 0, "devices": []}
    try:
        version = ctypes.c_int()
        _call(cuda, "cuDriverGetVersion", ctypes.byref(version))
        found["version"] = version.value
        _call(cuda, "cuInit", 0)
        count = ctypes.c_int()
        _call(cuda, "cuDeviceGetCount", ctypes.byref(count))
        found["devices"] = [_device(cuda, number) for number in range(count.value)]
    except (_Failed, AttributeError) as error:  # AttributeError: a library without that call
        found["error"] = str(error)
    return found


def _device(cuda: ctypes.CDLL, number: int) -> dict[str, Any]:
    device, name = ctypes.c_int(), ctypes.create_string_buffer(256)
    _call(cuda, "cuDeviceGet", ctypes.byref(device), number)
    _call(cuda, "cuDeviceGetName", name, len(name), device)
    major, minor, integrated = (
        _attribute(cuda, each, device) for each in (MAJOR, MINOR, INTEGRATED)
    )
    return {
        "name": name.value.decode("utf-8", errors="replace"),
        "compute_capability": f"{major}.{minor}",
        "integrated": bool(integrated),
    }


def _attribute(cuda: ctypes.CDLL, which: int, device: ctypes.c_int) -> int:
    value = ctypes.c_int()
    _call(cuda, "cuDeviceGetAttribute", ctypes.byref(value), which, device)
    return value.value


def _call(cuda: ctypes.CDLL, name: str, *args: object) -> None:
    result = getattr(cuda, name)(*args)
    if result:
        texts = [_told(cuda, ask, result) for ask in ("cuGetErrorName", "cuGetErrorString")]
        raise _Failed(f"{name}: error {result} " + ": ".join(filter(None, texts)))


def _told(cuda: ctypes.CDLL, ask: str, result: int) -> str:
    text = ctypes.c_char_p()
    if getattr(cuda, ask)(result, ctypes.byref(text)) or not text.value:
        return ""
    return text.value.decode("utf-8", errors="replace")


if __name__ == "__main__":
    library = sys.argv[1] if len(sys.argv) > 1 else "libcuda.so.1"
    sys.stdout.write("\n" + ANSWER + json.dumps(answer_of(library)) + "\n")
    sys.stdout.flush()
    os._exit(0)
