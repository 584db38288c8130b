"""Stands for `tensorrt` in the processes of a station: this folder is on their path.

GONOGO_FAKE_TENSORRT (JSON): `version`, and fields of Script. GONOGO_VIOLATIONS: a file to which
each process adds, at its end, what it has seen.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from pathlib import Path

from gonogo.tests.vendors.gpu import current_gpu
from gonogo.tests.vendors.tensorrt_fake import Script, make


def _tell() -> None:
    with Path(os.environ["GONOGO_VIOLATIONS"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{text}\n" for text in current_gpu().violations)


if "GONOGO_VIOLATIONS" in os.environ:
    atexit.register(_tell)
_told = json.loads(os.environ.get("GONOGO_FAKE_TENSORRT", "{}"))
sys.modules[__name__] = make(_told.pop("version", "10.3.0"), Script(**_told))
