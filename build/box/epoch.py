"""The one moment that an image bears wherever a file or file system has a time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Epoch(NamedTuple):
    """Seconds since 1970, as SOURCE_DATE_EPOCH (reproducible-builds.org)."""

    seconds: int

    @property
    def environment(self) -> Mapping[str, str]:
        """For the programs that make images: each has its own name for it."""
        return {"SOURCE_DATE_EPOCH": str(self.seconds), "E2FSPROGS_FAKE_TIME": str(self.seconds)}

    def clamp(self, tree: Path) -> None:
        """What is younger gets this time; what is older keeps its own."""
        for folder, folders, files in os.walk(tree, topdown=False):
            for name in (*files, *folders):
                self._clamp_one(f"{folder}/{name}")
        self._clamp_one(str(tree))

    def _clamp_one(self, path: str) -> None:
        if os.lstat(path).st_mtime > self.seconds:
            os.utime(path, (self.seconds, self.seconds), follow_symlinks=False)
