"""The project's own wheel, the same bytes from the same commit."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from gonogo.base.errors import ReleaseNotBuilt, ReleaseToolMissing
from gonogo.build.release.tool import ended, last

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.release.checkout import Checkout


def own_wheel(source: Checkout, folder: Path) -> Path:
    """Build it into `folder`; ReleaseNotBuilt where hatchling does not."""
    words = [sys.executable, "-I", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    # hatchling gives every file in it this time, and the same rights whatever the umask was
    done = ended(words, source.root, {**os.environ, "SOURCE_DATE_EPOCH": str(source.time_s)})
    if "No module named hatchling" in done.stderr:
        raise ReleaseToolMissing(
            "hatchling: the wheel of gonogo is built with it; pip install 'gonogo[dev]'"
        )
    found = sorted(folder.glob("*.whl"))
    if done.returncode or len(found) != 1:
        raise ReleaseNotBuilt(f"{source.root}: hatchling made no wheel: {last(done)}")
    return found[0]
