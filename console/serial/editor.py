"""The editor of the line that is typed: keys in, and whoever reads lines is told of each."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from gonogo.console.serial.keys import Key
from gonogo.console.serial.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

KEPT = 200  # lines of history
NEW_LINE = b"\r\n"
_BELL = b"\a"


class Prompt(NamedTuple):
    """What is asked for. `echo`: what is typed is shown. `command`: `?`, TAB and history work."""

    said: str
    echo: bool = True
    command: bool = False


class Typed(NamedTuple):
    """What a key came to: ENTER with the line; CANCEL, LEAVE; TAB or `?` and what is before it."""

    key: Key | str
    line: str = ""


class History:
    """Lines that were typed, the newest last; one that repeats the one before is kept once."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._back = 0  # how far back is shown; 0: the line that is being typed
        self._own = ""

    def keep(self, line: str) -> None:
        """A line that was typed to its end."""
        self._back = 0
        if line.strip() and (not self._lines or self._lines[-1] != line):
            self._lines.append(line)

    def step(self, by: int, now: str) -> str | None:
        """The line so many back from what is shown (`now`); None where there is none."""
        to = self._back + by
        if not 0 <= to <= len(self._lines):
            return None
        if self._back == 0:
            self._own = now
        self._back = to
        return self._lines[-to] if to else self._own


class Editor:
    """`out` is what the terminal is to be sent; `complete` gives the words that a line may have."""

    def __init__(self, complete: Callable[[str], Sequence[str]] = lambda _: ()) -> None:
        self.row = Row()
        self.prompt = Prompt("")
        self._complete = complete
        self._history = History()
        self._tabbed = False  # the key before was a TAB to which nothing came

    @property
    def out(self) -> bytearray:
        """Bytes for the terminal; whoever sends them takes them out."""
        return self.row.out

    def ask(self, prompt: Prompt) -> None:
        """Begin a line."""
        self.prompt, self._tabbed = prompt, False
        self.row.begin(prompt.said, echo=prompt.echo)

    def above(self, lines: Iterable[str]) -> None:
        """Lines above the prompt, which comes again below them with what is typed."""
        self.row.blank()
        self.say(lines)
        self.row.redraw()

    def say(self, lines: Iterable[str]) -> None:
        """Lines where the cursor is."""
        for line in lines:
            self.out.extend(line.encode("ascii", "backslashreplace") + NEW_LINE)

    def press(self, key: Key | str) -> Typed | None:
        """Take one key; what it comes to, if somebody else than the line is meant."""
        tabbed, self._tabbed = self._tabbed, False
        if key is Key.TAB:
            return self._tab(again=tabbed)
        if isinstance(key, str):
            if key == "?" and self.prompt.command:
                return Typed(key, self._before)
            self.row.insert(key)
            return None
        if key in (Key.ENTER, Key.CANCEL, Key.LEAVE):
            return self._ends(key)
        action = _ACTIONS.get(key)
        if action is not None:
            action(self)
        return None

    @property
    def _before(self) -> str:
        return self.row.text[: self.row.cursor]

    def _ends(self, key: Key) -> Typed | None:
        # Ctrl-D leaves on an empty line alone: within one it may be a slip
        if key is Key.LEAVE and self.row.text:
            self.out.extend(_BELL)
            return None
        line = self.row.text if key is Key.ENTER else ""
        self.row.plain()
        self.out.extend(NEW_LINE)
        # secrets, codes and answers are nobody's history
        if self.prompt.command:
            self._history.keep(line)
        return Typed(key, line)

    def _tab(self, *, again: bool) -> Typed | None:
        if not self.prompt.command:
            return None
        found = self._complete(self._before)
        typed = self._before.rpartition(" ")[2]
        more = _common(found)[len(typed) :] + (" " if len(found) == 1 else "")
        for letter in more:
            self.row.insert(letter)
        if again and not more and found:
            return Typed(Key.TAB, self._before)
        if not more:
            self._tabbed = True
            self.out.extend(_BELL)
        return None

    def recall(self, by: int) -> None:
        """An older line (1) or a newer one (-1)."""
        line = self._history.step(by, self.row.text) if self.prompt.command else None
        if line is not None:
            self.row.show(line)

    def erase(self) -> None:
        """The letter before the cursor."""
        self.row.cut(self.row.cursor - 1, self.row.cursor)

    def kill_word(self) -> None:
        """The word before the cursor, and the blanks behind it."""
        self.row.cut(self._before.rstrip().rfind(" ") + 1, self.row.cursor)


_ACTIONS: dict[Key, Callable[[Editor], None]] = {
    Key.ERASE: Editor.erase,
    Key.DELETE: lambda editor: editor.row.cut(editor.row.cursor, editor.row.cursor + 1),
    Key.LEFT: lambda editor: editor.row.move(editor.row.cursor - 1),
    Key.RIGHT: lambda editor: editor.row.move(editor.row.cursor + 1),
    Key.HOME: lambda editor: editor.row.move(0),
    Key.END: lambda editor: editor.row.move(len(editor.row.text)),
    Key.UP: lambda editor: editor.recall(1),
    Key.DOWN: lambda editor: editor.recall(-1),
    Key.KILL_LINE: lambda editor: editor.row.show(""),
    Key.KILL_REST: lambda editor: editor.row.cut(editor.row.cursor, len(editor.row.text)),
    Key.KILL_WORD: Editor.kill_word,
    Key.REDRAW: lambda editor: editor.row.clear(),
}


def _common(words: Sequence[str]) -> str:
    """How all of them begin."""
    if not words:
        return ""
    first, last = min(words), max(words)
    count = next((k for k, each in enumerate(first) if each != last[k : k + 1]), len(first))
    return first[:count]
