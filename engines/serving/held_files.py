"""Checked bytes as files that a runtime can open, though they are not on the disk.

They lie in files in memory (memfd_create(2)) that are sealed, so that nobody can change them,
this process neither: what is opened is what was checked.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from gonogo.base.handover import sealed


class HeldFiles:
    """Files in memory, each by where its bytes are from and the role that they have there.

    Their paths are good until it is closed, and in this process only.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._held: dict[tuple[Path, str], Path] = {}

    def close(self) -> None:
        """Let all of them go; what a runtime has read of them it keeps."""
        self._stack.close()

    def find(self, origin: Path, role: str) -> Path | None:
        """The path of one that is held already."""
        return self._held.get((origin, role))

    def hold(self, origin: Path, role: str, content: bytes, name: str) -> Path:
        """The path of these bytes; `name` is what /proc shows of it to who looks for memory."""
        fd = sealed(name, content)
        self._stack.callback(os.close, fd)
        # the descriptor's own path: a runtime that takes only a path opens it as any file
        held = self._held[origin, role] = Path(f"/proc/self/fd/{fd}")
        return held

    def named(self, text: str) -> str:
        """A message with the paths of where the bytes are from instead of those in memory."""
        shown = {str(held): origin for (origin, _), held in self._held.items()}
        for held in sorted(shown, key=len, reverse=True):  # fd/12 before fd/1, its beginning
            text = text.replace(held, str(shown[held]))
        return text
