"""A terminal of 80 x 24 that knows what a VT102 does with the few codes that the console sends."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(rb"\x1b\[(\d*)([A-Za-z])")
COLUMNS, ROWS = 80, 24


class Terminal:
    """A code that it does not know is a KeyError."""

    def __init__(self) -> None:
        self.rows = [[" "] * COLUMNS for _ in range(ROWS)]
        self.y = self.x = 0
        self.inserts = False
        self.bells = 0

    def feed(self, data: bytes) -> None:
        """What the console sent."""
        while data:
            found = _SEQUENCE.match(data)
            if found:
                self._sequence(found[2].decode(), int(found[1] or 0))
                data = data[found.end() :]
            else:
                self._byte(chr(data[0]))
                data = data[1:]

    @property
    def row(self) -> str:
        """Where the cursor is."""
        return "".join(self.rows[self.y]).rstrip()

    @property
    def screen(self) -> list[str]:
        """Rows without blanks at their ends."""
        return ["".join(row).rstrip() for row in self.rows]

    def _byte(self, letter: str) -> None:
        if letter == "\r":
            self.x = 0
        elif letter == "\n":
            self._down()
        elif letter == "\b":
            self.x = max(0, self.x - 1)
        elif letter == "\a":
            self.bells += 1
        elif " " <= letter <= "~":
            self._put(letter)
        else:
            raise KeyError(letter)

    def _put(self, letter: str) -> None:
        if self.x >= COLUMNS:
            self.x = 0
            self._down()
        row = self.rows[self.y]
        if self.inserts:
            row.insert(self.x, letter)
            row.pop()
        else:
            row[self.x] = letter
        self.x += 1

    def _down(self) -> None:
        if self.y < ROWS - 1:
            self.y += 1
        else:
            self.rows = [*self.rows[1:], [" "] * COLUMNS]

    def _sequence(self, end: str, number: int) -> None:
        row = self.rows[self.y]
        if end == "K":
            row[self.x :] = [" "] * (COLUMNS - self.x)
        elif end == "P":
            del row[self.x]
            row.append(" ")
        elif end == "D":
            self.x = max(0, self.x - number)
        elif end == "C":
            self.x = min(COLUMNS - 1, self.x + number)
        elif end == "H":
            self.x = self.y = 0
        elif end == "J" and number == 2:
            self.rows = [[" "] * COLUMNS for _ in range(ROWS)]
        elif end in "hl" and number == 4:
            self.inserts = end == "h"
        else:
            raise KeyError(f"{number}{end}")
