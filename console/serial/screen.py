"""What the terminal shows: the line that is typed, answers in pages, and messages above both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.serial.editor import Editor, Prompt, Typed
from gonogo.console.serial.pager import MORE, Pager, fitted
from gonogo.console.serial.row import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gonogo.console.serial.keys import Key

_WIDTH = 26  # of a column of words


class Screen:
    """An editor, and the pages of an answer that is longer than the terminal."""

    def __init__(self, complete: Callable[[str], Sequence[str]]) -> None:
        self._editor = Editor(complete)
        self._pager: Pager | None = None
        self._after = Prompt("")

    @property
    def out(self) -> bytearray:
        """Bytes for the terminal."""
        return self._editor.out

    @property
    def typed(self) -> bool:
        """Whether half a line stands there."""
        return bool(self._editor.row.text)

    @property
    def row_shown(self) -> str:
        """Prompt and line, as a terminal should show them."""
        row = self._editor.row
        return (row.said + (row.text if row.echo else "")).rstrip()

    @property
    def paging(self) -> bool:
        """Whether a page waits for a key."""
        return self._pager is not None

    def ask(self, prompt: Prompt) -> None:
        """Begin a line; a page that waited is given up."""
        self._pager = None
        self._editor.ask(prompt)

    def say(self, lines: Iterable[str]) -> None:
        """Lines as they are, without pages: few of ours, or those of a program."""
        self._editor.say(lines)

    def answer(self, lines: Iterable[str], then: Prompt) -> None:
        """Lines of any length in pages, and a prompt behind the last one."""
        self._pager, self._after = Pager(lines), then
        self._page()

    def above(self, lines: Iterable[str]) -> None:
        """Lines above what is typed."""
        self._editor.above(fitted(lines))

    def press(self, key: Key | str) -> Typed | None:
        """A key for the page that waits, or for the line."""
        if self._pager is None:
            return self._editor.press(key)
        if self._pager.press(key):
            self._editor.row.blank()
            self._page()
        return None

    def drop(self) -> None:
        """Give up what is typed, and a page that waits."""
        self._editor.row.blank()
        self._pager = None

    def _page(self) -> None:
        if self._pager is None:
            return
        self._editor.say(self._pager.take())
        if self._pager.waits:
            self._editor.ask(Prompt(MORE))
        else:
            self.ask(self._after)


def columns(words: Sequence[str]) -> list[str]:
    """Many short words in few rows."""
    across = COLUMNS // _WIDTH
    rows = [words[at : at + across] for at in range(0, len(words), across)]
    return ["".join(word.ljust(_WIDTH) for word in row).rstrip() for row in rows]
