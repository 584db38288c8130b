"""A release as a folder, for a box whose kernel cannot mount its image."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import ReleaseNotWritten
from gonogo.build.release.tool import ended, last, writing

if TYPE_CHECKING:
    from gonogo.build.release.read import Release


def unpack(release: Release, folder: Path) -> None:
    """Into a folder that is not there yet; ReleaseNotBuilt, and then it is not there either."""
    if folder.exists() or folder.is_symlink():
        raise ReleaseNotWritten(f"{folder} is there already; take another folder, or move it away")
    above = folder.absolute().parent
    with writing(above), tempfile.TemporaryDirectory(dir=above, prefix=".release-") as work:
        fresh = Path(work) / "image"
        # by its descriptor: what was checked, whatever stands under its path by now
        image = f"/proc/{os.getpid()}/fd/{release.fileno()}"
        done = ended(
            ["unsquashfs", "-quiet", "-no-progress", "-no-xattrs", "-dest", str(fresh), image],
            above,
        )
        if done.returncode:
            raise ReleaseNotWritten(f"{folder}: unsquashfs failed: {last(done)}")
        fresh.rename(folder)
