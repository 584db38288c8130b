"""The power mode that a Jetson runs in: TensorRT's measurements are for the clocks of one."""

from __future__ import annotations

import re
from pathlib import Path

STATUS = Path("/var/lib/nvpmodel/status")  # written by nvpmodel(8): pmode:0002
NO_MODE = "none"  # a box without modes, or one that does not say


def power_mode(status: Path = STATUS) -> str:
    """The number of the mode, as nvpmodel counts them; "none" where nobody says it."""
    try:
        text = status.read_text(encoding="ascii", errors="replace")
    except OSError:
        return NO_MODE
    found = re.search(r"pmode:\s*(\w{1,32})", text)
    return found[1] if found else NO_MODE
