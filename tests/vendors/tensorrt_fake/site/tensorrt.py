"""Stands for `tensorrt` in the processes of a station: this folder is on their path.

GONOGO_FAKE_TENSORRT (JSON): `version`, and fields of Script. GONOGO_VIOLATIONS: a file to which
each process adds what it sees. GONOGO_GPU_ORDERS: a file that is looked at in each call of the
driver: "stalled" (no work is done any more), "lost", or anything else for neither.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from gonogo.tests.vendors.gpu import Gpu, ViolationError, current_gpu
from gonogo.tests.vendors.tensorrt_fake import Script, make


def _ordered(gpu: Gpu, orders: Path) -> None:
    """Let it obey."""
    enter = gpu._enter

    def obeying(name: str, **about: Any) -> None:  # noqa: ANN401 - as there
        text = orders.read_text(encoding="ascii") if orders.exists() else ""
        gpu.stalled = text == "stalled"
        if text == "lost":
            gpu.lose()
        enter(name, **about)

    gpu._enter = obeying  # type: ignore[method-assign]


def _told(gpu: Gpu, told: Path) -> None:
    """Violations go to the file as they come: a process may be killed at any time."""
    violation = gpu.violation

    def telling(text: str) -> ViolationError:
        with told.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
        return violation(text)

    gpu.violation = gpu.memory._violation = telling  # type: ignore[method-assign]


if "GONOGO_GPU_ORDERS" in os.environ:
    _ordered(current_gpu(), Path(os.environ["GONOGO_GPU_ORDERS"]))
if "GONOGO_VIOLATIONS" in os.environ:
    _told(current_gpu(), Path(os.environ["GONOGO_VIOLATIONS"]))
_about = json.loads(os.environ.get("GONOGO_FAKE_TENSORRT", "{}"))
sys.modules[__name__] = make(_about.pop("version", "10.3.0"), Script(**_about))
