"""Where every key of a TOML text stands, so that an error can name its line.

tomllib gives values without positions. The same text is walked beside it
(gonogo.config.toml_grammar), and the line and column of every table, key and array element
is kept (gonogo.config.key_positions). A text that is not TOML is walked as far as it goes:
syntax errors are tomllib's to report. Three things are told here, as a flaw, because
tomllib answers them without the line, very slowly or not at all: a key written
twice, tables nested too deep, and a number that is too long.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import NamedTuple

from gonogo.config.key_positions import Flaw, KeyPath, KeyPositions, Position, WalkEnds
from gonogo.config.toml_grammar import BARE_KEY, Cursor, walk


class Scan(NamedTuple):
    """Positions by key path, in the order of the text, and the flaw that ended the scan.

    `("view", 0, "rule", 1)` is the second [[view.rule]] of the first [[view]]. A
    table has the position of its header, or of the first key that implies it.
    """

    positions: dict[KeyPath, Position]
    flaw: Flaw | None

    def nearest(self, path: KeyPath) -> Position:
        """The position of `path`, or of the innermost table around it that is written down."""
        # a key that is missing has no place: the table that lacks it has
        for length in range(len(path), 0, -1):
            found = self.positions.get(path[:length])
            if found:
                return found
        return Position(1, 1)


def scan(text: str) -> Scan:
    """Map every key path of `text` to its position; never raises, whatever the text."""
    # as tomllib does it; lines stay the same
    text = text.replace("\r\n", "\n")
    keys = KeyPositions(text)
    with suppress(WalkEnds):
        walk(Cursor(text), keys)
    return Scan(keys.found, keys.flaw)


def dotted(path: KeyPath) -> str:
    """A key path for a message: `view[0].camera.width_px`; the file as a whole has none."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += "." * bool(text) + (key if BARE_KEY.fullmatch(key) else quoted(key))
    return text or "the whole file"


def quoted(text: str) -> str:
    """Text in double quotes, with escapes for what a terminal would not show."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
