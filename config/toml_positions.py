"""Where every key of a TOML text stands, so that an error can name its line.

tomllib gives values without positions. This scanner walks the same text beside
it and notes the line and column of every table, key and array element. It reads
the grammar of TOML 1.0 (and the looser inline tables of 1.1), judges no value,
and on a text that is not TOML stops quietly with what it has: syntax errors are
tomllib's to report. Three things are its own to report, as a flaw, because
tomllib answers them without the line, very slowly or not at all: a key written
twice, tables nested too deep, and a number that is too long.

Source: https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from contextlib import suppress
from typing import NamedTuple

KeyPath = tuple[str | int, ...]

# No station nests deeper; tomllib recurses on nested arrays and is quadratic on dotted keys.
MAX_LEVELS = 32
# Python refuses to turn much longer digit strings into a number.
MAX_NUMBER_CHARACTERS = 100
_LAST_CODE_POINT = 0x10FFFF

_TRIVIA = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"([^"\\\n]*(?:\\.[^"\\\n]*)*)"')
_LITERAL = re.compile(r"'([^'\n]*)'")
# The closing quotes of a multi-line string may have up to two quotes of text before them.
_MULTI_LINE = re.compile(
    r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"{3,5}' + r"|'''[\s\S]*?'{3,5}"
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([btnfre\"\\]))")
_SHORT_ESCAPES = dict(zip('btnfre"\\', '\b\t\n\f\r\x1b"\\', strict=True))


class Position(NamedTuple):
    """A place in the text; line and column count from 1."""

    line: int
    column: int


class Flaw(NamedTuple):
    """What the scanner itself found wrong, in words, and where."""

    path: KeyPath
    position: Position
    expected: str
    got: str


class Scan(NamedTuple):
    """Positions by key path, in the order of the text, and the flaw that ended the scan.

    `("view", 0, "rule", 1)` is the second [[view.rule]] of the first [[view]]. A
    table has the position of its header, or of the first key that implies it.
    """

    positions: dict[KeyPath, Position]
    flaw: Flaw | None

    def nearest(self, path: KeyPath) -> Position:
        """The position of `path`, or of the innermost table around it that is written down."""
        for length in range(len(path), 0, -1):
            found = self.positions.get(path[:length])
            if found:
                return found
        return Position(1, 1)


def scan(text: str) -> Scan:
    """Map every key path of `text` to its position; never raises, whatever the text."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    with suppress(_StopScan):
        scanner.document()
    return Scan(scanner.positions, scanner.flaw)


def dotted(path: KeyPath) -> str:
    """A key path for a message: `view[0].camera.width_px`; the file as a whole has none."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += "." * bool(text) + (key if _BARE_KEY.fullmatch(key) else quoted(key))
    return text or "the whole file"


def quoted(text: str) -> str:
    """Text in double quotes, with escapes for what a terminal would not show."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


class _StopScan(Exception):
    """The text stops being TOML here, or a flaw was found; nobody outside sees it."""


class _Scanner:
    """A cursor over the text; each method reads one element of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.positions: dict[KeyPath, Position] = {}
        self.flaw: Flaw | None = None
        self._written: set[KeyPath] = set()
        self._tables: dict[KeyPath, int] = {}
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def document(self) -> None:
        """Headers and keys up to the end of the text."""
        table: KeyPath = ()
        self._take(_TRIVIA)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
            self._take(_LINE_END)
            self._take(_TRIVIA)

    def _header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`; returns the path of the table that it opens."""
        start = self.at
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        *outer, (last, _) = self._key()
        self._expect("]" * brackets)
        path: KeyPath = ()
        for name, _ in outer:
            path = (*path, name)
            self._note(path, start, written=False)
            if path in self._tables:  # an array of tables: its newest element is meant
                path = (*path, self._tables[path] - 1)
        path = (*path, last)
        if brackets == 1:
            self._note(path, start)
            return path
        index = self._tables.get(path, 0)
        if index == 0:
            self._note(path, start)
        self._tables[path] = index + 1
        self._note((*path, index), start)
        return (*path, index)

    def _pair(self, table: KeyPath) -> None:
        """`key = value`; a dotted key implies the tables before its last part."""
        *outer, (last, start) = self._key()
        self._expect("=")
        path = table
        for name, implied in outer:
            path = (*path, name)
            self._note(path, implied, written=False)
        path = (*path, last)
        self._note(path, start)
        self._take(_BLANK)
        self._value(path)

    def _key(self) -> list[tuple[str, int]]:
        """The parts of a dotted key and where each begins."""
        parts = []
        while True:
            self._take(_BLANK)
            start = self.at
            parts.append((self._key_part(), start))
            self._take(_BLANK)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _key_part(self) -> str:
        if self.text.startswith('"', self.at):
            return _ESCAPE.sub(_unescaped, self._take(_BASIC)[1])
        if self.text.startswith("'", self.at):
            return self._take(_LITERAL)[1]
        return self._take(_BARE_KEY)[0]

    def _value(self, path: KeyPath) -> None:
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        elif self.text.startswith(('"""', "'''"), self.at):
            self._take(_MULTI_LINE)
        elif first == '"':
            self._take(_BASIC)
        elif first == "'":
            self._take(_LITERAL)
        else:
            self._number(path)

    def _number(self, path: KeyPath) -> None:
        """Any value without quotes; only its length matters here."""
        start = self.at
        length = len(self._take(_SCALAR)[0].strip())
        if length > MAX_NUMBER_CHARACTERS:
            limit = f"a value of at most {MAX_NUMBER_CHARACTERS} characters"
            self._stop(path, start, limit, f"{length} characters")

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while not self._closed("]"):
            self._note((*path, index), self.at)
            self._value((*path, index))
            index += 1
            self._separator("]")

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while not self._closed("}"):
            self._pair(path)
            self._separator("}")

    def _closed(self, bracket: str) -> bool:
        """Skip blanks, lines and comments; whether the closing bracket came, now consumed."""
        self._take(_TRIVIA)
        if not self.text.startswith(bracket, self.at):
            return False
        self.at += 1
        return True

    def _separator(self, bracket: str) -> None:
        """A comma, or the closing bracket, which is left for `_closed`."""
        self._take(_TRIVIA)
        if not self.text.startswith(bracket, self.at):
            self._expect(",")

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.at)
        if not match:
            raise _StopScan
        self.at = match.end()
        return match

    def _expect(self, literal: str) -> None:
        if not self.text.startswith(literal, self.at):
            raise _StopScan
        self.at += len(literal)

    def _note(self, path: KeyPath, at: int, *, written: bool = True) -> None:
        """Remember where `path` stands; `written` is False where it is only implied."""
        if len(path) > MAX_LEVELS:
            limit = f"at most {MAX_LEVELS} levels of tables and arrays"
            self._stop(path[:1], at, limit, "more")
        if not written:
            self.positions.setdefault(path, self._position(at))
            return
        if path in self._written:
            first = f"it again (first on line {self.positions[path].line})"
            self._stop(path, at, "every key and table once", first)
        self._written.add(path)
        self.positions[path] = self._position(at)

    def _position(self, at: int) -> Position:
        line = bisect_right(self._line_starts, at)
        return Position(line, at - self._line_starts[line - 1] + 1)

    def _stop(self, path: KeyPath, at: int, expected: str, got: str) -> None:
        self.flaw = Flaw(path, self._position(at), expected, got)
        raise _StopScan


def _unescaped(match: re.Match[str]) -> str:
    """One escape of a basic string; what names no character stays as it is."""
    digits = match[1] or match[2] or match[3]
    if not digits:
        return _SHORT_ESCAPES[match[4]]
    code = int(digits, 16)
    return chr(code) if code <= _LAST_CODE_POINT else match[0]
