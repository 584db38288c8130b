"""The row of a terminal on which a line is typed: text, cursor, and the bytes that show both.

It fits on one row: prompt and text are shorter than 80 columns, so that nothing wraps and the
terminal need not be asked where its cursor is. A letter that is typed costs one byte: away from the
end of the line the terminal is in its insert mode (IRM), which is left as soon as the cursor is
back there. Source: DEC VT102 (IRM, DCH, EL, CUB); xterm, screen and minicom have all of it.
"""

from __future__ import annotations

COLUMNS = 80
_BELL = b"\a"
_INSERT, _REPLACE = b"\x1b[4h", b"\x1b[4l"
_TO_END, _PULL = b"\x1b[K", b"\x1b[P"
_CLEAR = b"\x1b[H\x1b[2J"
_FEW = 4  # as many steps back are shorter as backspaces than as a sequence


class Row:
    """`out` is what the terminal is to be sent. `echo`: what is typed is shown."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.said, self.echo = "", True
        self.text = ""
        self.cursor = 0
        self._inserts = False  # whether the terminal is in its insert mode

    def begin(self, said: str, *, echo: bool) -> None:
        """An empty line behind a prompt."""
        self.said, self.echo = said, echo
        self.show("")

    def show(self, text: str) -> None:
        """Another text, as much of it as there is room for, the cursor at its end."""
        self.text = text[: self._room]
        self.cursor = len(self.text)
        self.redraw()

    def redraw(self) -> None:
        """Prompt and text anew, wherever on the row the cursor is."""
        self.plain()
        shown = self.text if self.echo else ""
        self.out += b"\r" + (self.said + shown).encode("ascii", "replace") + _TO_END
        if self.echo:
            self.out += _back(len(self.text) - self.cursor)
            self._settle()

    def blank(self) -> None:
        """The row without prompt and text, for something else."""
        self.plain()
        self.out += b"\r" + _TO_END

    def clear(self) -> None:
        """The whole screen, and this row on top of it."""
        self.plain()
        self.out += _CLEAR
        self.redraw()

    def plain(self) -> None:
        """Have the terminal write over what is there, as everything else expects."""
        if self._inserts:
            self._inserts = False
            self.out += _REPLACE

    def insert(self, letter: str) -> None:
        """At the cursor; the bell where the row is full."""
        if len(self.text) >= self._room:
            self.out += _BELL
            return
        self.text = self.text[: self.cursor] + letter + self.text[self.cursor :]
        self.cursor += 1
        if self.echo:
            self.out += letter.encode("ascii")

    def cut(self, start: int, end: int) -> None:
        """Letters `start` to `end` of the text, as far as there are any."""
        start, end = max(0, start), min(end, len(self.text))
        if start >= end:
            return
        # hidden text has no place on the row that could be gone to
        if self.echo:
            self.move(start)
            self.out += _TO_END if end == len(self.text) else _PULL * (end - start)
        self.text = self.text[:start] + self.text[end:]
        self.cursor = start
        self._settle()

    def move(self, to: int) -> None:
        """The cursor, in letters of the text; hidden text is typed at its end alone."""
        to = max(0, min(to, len(self.text)))
        if not self.echo:
            return
        if to < self.cursor:
            self.out += _back(self.cursor - to)
        elif to > self.cursor:
            self.out += f"\x1b[{to - self.cursor}C".encode()
        self.cursor = to
        self._settle()

    @property
    def _room(self) -> int:
        return COLUMNS - 1 - len(self.said)

    def _settle(self) -> None:
        """The terminal inserts exactly while something stands behind the cursor."""
        if not self.echo or self.cursor == len(self.text):
            self.plain()
        elif not self._inserts:
            self._inserts = True
            self.out += _INSERT


def _back(columns: int) -> bytes:
    """So many steps to the left."""
    return b"\b" * columns if columns < _FEW else f"\x1b[{columns}D".encode()
