"""A long answer a page at a time: nobody scrolls back on a cable, and 9600 baud are 960 letters."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from gonogo.base.log.console import visible
from gonogo.console.serial.keys import Key
from gonogo.console.serial.row import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROWS = 22  # of 24: the prompt has one, and the last line before a page stays in sight
MORE = "--More-- "
_LINE, _PAGE = 1, ROWS


class Pager:
    """Lines that wait; `take` gives the next page, `press` what a key at `--More--` means."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = list(fitted(lines))
        self._rows = _PAGE

    @property
    def waits(self) -> bool:
        """Whether something is left, and a key is to say how much of it."""
        return bool(self._lines)

    def take(self) -> list[str]:
        """The next rows."""
        page, self._lines = self._lines[: self._rows], self._lines[self._rows :]
        return page

    def press(self, key: Key | str) -> bool:
        """Whether to go on: a blank is a page, Enter a line; q and Ctrl-C leave the rest."""
        if key in ("q", "Q", Key.CANCEL, Key.LEAVE):
            self._lines = []
            return True
        self._rows = _LINE if key in (Key.ENTER, Key.DOWN) else _PAGE
        return key in (" ", Key.ENTER, Key.DOWN)


def fitted(lines: Iterable[str]) -> Iterator[str]:
    """Harmless, in ASCII, and in rows of a terminal: what is longer goes on indented."""
    for line in lines:
        text = visible(line).encode("ascii", "backslashreplace").decode("ascii")
        if len(text) < COLUMNS:
            yield text
            continue
        indent = " " * (len(text) - len(text.lstrip()) + 2)
        yield from wrap(text, COLUMNS - 1, subsequent_indent=indent, drop_whitespace=True)
