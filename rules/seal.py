"""Seals of files that rules measure by: what a file was when it was made, and for what.

A template that has lost a bit, or was learnt for another region, lets other parts pass.
Beside `<file>` lies `<file>.seal`, a JSON object with the file's SHA-256, what it was made
for, and a SHA-256 of both; every reading compares all three with the very bytes it takes.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from gonogo.base import atomic_file
from gonogo.base.errors import ImageFileError

if TYPE_CHECKING:
    from pathlib import Path

AGAIN = "make it again: gonogo prepare STATION --again"


def seal_path(path: Path) -> Path:
    """Where the seal of a file lies."""
    return path.with_name(path.name + ".seal")


def write_sealed(path: Path, content: bytes, purpose: str) -> None:
    """Write a file and its seal, each whole or not at all; in between it is refused."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # the file first: between the two it is beside an old seal, or none, and refused
    atomic_file.replace(path, content)
    seal(path, content, purpose)


def seal(path: Path, content: bytes, purpose: str) -> None:
    """Say that a file is what it shall be, as it is."""
    text = json.dumps(_seal_of(content, purpose), indent=1) + "\n"
    atomic_file.replace(seal_path(path), text.encode())


def read_sealed(path: Path, purpose: str) -> bytes:
    """The content of a file that is as it was made, and made for this; ImageFileError."""
    try:
        # each once: what was compared is what is handed out
        content, told = path.read_bytes(), seal_path(path).read_bytes()
    except OSError as error:
        raise ImageFileError(f"{error.filename}: cannot be read: {error.strerror}") from error
    try:
        found = json.loads(told)
    # brackets without end, in a file that anybody may have damaged
    except (ValueError, RecursionError):
        found = None
    if found == _seal_of(content, purpose):
        return content
    # whole, but made for something else: said apart, for the remedy is another file
    if found == _seal_of(content, _purpose_in(found)):
        raise ImageFileError(
            f"{path}: it was made for another rule, region or camera ({_purpose_in(found)}), "
            f"expected one for {purpose}; each rule has a file of its own"
        )
    raise ImageFileError(f"{path}: not as it was made (its seal says so): damaged or edited")


def _seal_of(content: bytes, purpose: str) -> dict[str, str]:
    file = hashlib.sha256(content).hexdigest()
    both = hashlib.sha256(f"{file} {purpose}".encode()).hexdigest()
    return {"sha256": file, "purpose": purpose, "digest": both}


def _purpose_in(found: object) -> str:
    purpose = found.get("purpose") if isinstance(found, dict) else None
    return purpose if isinstance(purpose, str) else ""
