"""Bytes from a terminal become keys; what no keyboard sends is noise.

The terminal is asked nothing. It may send CR, LF or both for Enter, BS or DEL for the key above it,
and arrows in either of their encodings (ESC [ A, ESC O A). Text is ASCII. A NUL, a byte above 126,
a control code that no key has, and an escape sequence that does not end are noise: a wrong baud
rate, a loose cable, a broken adapter. Source: ECMA-48; DEC VT102.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ESC = 0x1B
_CR, _LF = 0x0D, 0x0A
_LONGEST = 8  # of an escape sequence, in bytes after ESC; a key's has at most four


class Key(Enum):
    """A key that is no letter; what the editor makes of it stands there."""

    ENTER = "enter"
    ERASE = "erase"
    DELETE = "delete"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    HOME = "home"
    END = "end"
    KILL_LINE = "kill line"
    KILL_WORD = "kill word"
    KILL_REST = "kill rest"
    CANCEL = "cancel"
    LEAVE = "leave"
    REDRAW = "redraw"
    TAB = "tab"
    NOISE = "noise"


_CONTROL = {
    0x01: Key.HOME,  # Ctrl-A
    0x03: Key.CANCEL,  # Ctrl-C
    0x04: Key.LEAVE,  # Ctrl-D
    0x05: Key.END,  # Ctrl-E
    0x08: Key.ERASE,  # BS
    0x09: Key.TAB,
    0x0B: Key.KILL_REST,  # Ctrl-K
    0x0C: Key.REDRAW,  # Ctrl-L
    0x15: Key.KILL_LINE,  # Ctrl-U
    0x17: Key.KILL_WORD,  # Ctrl-W
    0x7F: Key.ERASE,  # DEL
}
# after ESC: the letters of CSI and SS3 alike, and the numbers of the VT220's six keys
_SEQUENCES = {
    **{start + end: key for start in ("[", "O") for end, key in (
        ("A", Key.UP), ("B", Key.DOWN), ("C", Key.RIGHT), ("D", Key.LEFT),
        ("H", Key.HOME), ("F", Key.END),
    )},
    "[1~": Key.HOME, "[7~": Key.HOME, "[4~": Key.END, "[8~": Key.END, "[3~": Key.DELETE,
}  # fmt: skip


class Keys:
    """Takes bytes as they come, also one by one, and gives keys: a letter as itself."""

    def __init__(self) -> None:
        self._escape: str | None = None  # what came after an ESC
        self._after_cr = False

    def feed(self, data: bytes) -> Iterator[Key | str]:
        """Of each key once it is whole; a key that is none of ours is swallowed."""
        for byte in data:
            key = self._one(byte)
            if key is not None:
                yield key

    def forget(self) -> None:
        """Half a key that came long ago is none."""
        self._escape, self._after_cr = None, False

    def _one(self, byte: int) -> Key | str | None:
        after_cr, self._after_cr = self._after_cr, byte == _CR
        if self._escape is not None:
            return self._sequence(byte)
        if after_cr and byte == _LF:  # the second half of one key
            return None
        if byte == _ESC:
            self._escape = ""
            return None
        if byte in (_CR, _LF):
            return Key.ENTER
        if 0x20 <= byte < 0x7F:  # noqa: PLR2004 - printable ASCII
            return chr(byte)
        return _CONTROL.get(byte, Key.NOISE)

    def _sequence(self, byte: int) -> Key | None:
        sequence = (self._escape or "") + chr(byte)
        self._escape = None
        # 0x20 to 0x7e is all that a sequence is made of
        if not 0x20 <= byte < 0x7F or len(sequence) > _LONGEST:  # noqa: PLR2004
            return Key.NOISE
        if sequence in ("[", "O") or (sequence[0] == "[" and byte < 0x40):  # noqa: PLR2004
            self._escape = sequence
            return None
        return _SEQUENCES.get(sequence)
