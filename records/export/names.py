"""Names of folders and files, made by us: harmless in every file system and every program."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.records.export.item import Item

GOOD, DEFECT = "good", "defect"  # classes; a defect whose person gave no reason code
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
# names of devices under Windows, where somebody may train
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


def class_of(code: str, *, good: bool) -> str:
    """The folder of a class; a reason code never becomes that of the good ones."""
    if good:
        return GOOD
    return DEFECT if not code else _safe(code, frozenset({GOOD}))


def folder_of(name: str) -> str:
    """The folder of a view or another name from outside."""
    return _safe(name, frozenset())


def _safe(name: str, taken: frozenset[str]) -> str:
    if _PLAIN.fullmatch(name) and not _DEVICES.fullmatch(name) and name not in taken:
        return name
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:24]
    # two names may become the same, and one that differs in a capital is another name
    return f"{plain or 'x'}-{_digest(name)}"


def file_name(item: Item, view: str, ending: str) -> str:
    """Of a picture: its time (UTC), run, serial and view; another one has another name."""
    then = datetime.fromtimestamp(item.wall_ms // 1000, timezone.utc).strftime("%Y%m%dT%H%M%S")
    return f"{then}-{_digest(item.run)}-{item.serial:08d}-{folder_of(view)}{ending}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
