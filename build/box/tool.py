"""Programs of others that make an image: found, run, and their last words where they fail."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from gonogo.base.errors import BoxToolFailed
from gonogo.build.programs import bring, search_path, where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LAST = 5  # lines


def found(program: str) -> str:
    """Where it is; BoxToolFailed with the package that has it."""
    path = where(program)
    if path is None:
        raise BoxToolFailed(f"{program} is not here; expected Debian's: {bring([program])}")
    return path


def run(
    words: Sequence[str | Path], *, further: Mapping[str, str] | None = None, given: bytes = b""
) -> str:
    """What it says on its output; BoxToolFailed with its last lines where it fails.

    `further`: of its environment. `given`: what it reads.
    """
    name, *rest = map(str, words)
    # the same words on every machine, and no message in another language
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(further or {})}
    environment["PATH"] = search_path()
    done = subprocess.run(
        [found(name), *rest], input=given, capture_output=True, check=False, env=environment
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-_LAST:]
        raise BoxToolFailed(
            f"{name} ended with {done.returncode}: {' / '.join(said) or 'it said nothing'}"
        )
    return done.stdout.decode("utf-8", "replace")
