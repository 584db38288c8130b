"""A message as a person reads it: the sentence, and who says it.

What comes out can be shown on any terminal: whatever could move its cursor, colour it, turn the
direction of writing or begin a line of its own is shown as a code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.base.log.entry import Entry

# C0, DEL and C1; what has no width or turns the direction (Unicode, Bidi_Control); the separators
# of lines and paragraphs; halves of surrogate pairs, which no terminal can be sent
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """One line, in which nothing is that a terminal would obey."""
    return _UNSEEN.sub(lambda found: _code(ord(found[0])), text)


def _code(number: int) -> str:
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"  # noqa: PLR2004 - two digits


def shown(entry: Entry) -> str:
    """One line, and what belongs to it indented below: no value can pretend to be a line."""
    process = entry.get("process")
    first, *rest = str(entry.get("text", "")).split("\n")
    who = f"{visible(str(process))}: " if process else ""
    lines = [who + visible(first), *rest]
    if entry.get("traceback"):
        lines += str(entry["traceback"]).split("\n")
    return "\n    ".join([lines[0], *map(visible, lines[1:])])
