"""The folder of a release as a squashfs: the same bytes for the same files.

Owners, times, rights and order are those of the release, not of whoever builds it; how many
threads compress makes no difference (mksquashfs 4.4 and newer).
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from gonogo.base.errors import ReleaseNotBuilt
from gonogo.build.release.manifest import Image
from gonogo.build.release.tool import run

if TYPE_CHECKING:
    from pathlib import Path

CHUNK_BYTES = 1 << 20
_RUNS = 0o100


def make_image(stage: Path, out: Path, time_s: int, threads: int | None = None) -> Image:
    """Write the squashfs of `stage`; `time_s` since 1970 is that of every file in it."""
    for path in sorted(stage.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & _RUNS
            path.chmod(0o755 if runs else 0o644)  # whatever the umask was
    stage.chmod(0o755)
    words = [
        "mksquashfs", str(stage), str(out), "-noappend", "-quiet", "-no-progress",
        "-all-root", "-no-xattrs", "-no-exports", "-reproducible",
        "-mkfs-time", str(time_s), "-all-time", str(time_s),
        "-comp", "zstd", "-b", "256K",
    ]  # fmt: skip
    words += [] if threads is None else ["-processors", str(threads)]
    # it refuses to be told the time twice
    env = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    run(words, stage.parent, env)
    return image_of(out)


def image_of(path: Path) -> Image:
    """Length and digest of what was written."""
    digest, length = hashlib.sha256(), 0
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digest.update(chunk)
            length += len(chunk)
    if not length:
        raise ReleaseNotBuilt("mksquashfs wrote an empty image")
    return Image(length=length, sha256=digest.hexdigest())
