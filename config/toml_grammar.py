"""The grammar of TOML 1.0 (and the looser inline tables of 1.1), walked for where keys stand.

A function for each element of the grammar moves the cursor over it and tells the keys it
passes. Values are not judged; a text that is not TOML ends the walk (WalkEnds). Lines end
in a line feed alone.

Source: https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gonogo.config.key_positions import WalkEnds

if TYPE_CHECKING:
    from gonogo.config.key_positions import KeyPath, KeyPositions

# Python refuses to turn much longer digit strings into a number.
MAX_NUMBER_CHARACTERS = 100
_LAST_CODE_POINT = 0x10FFFF

# it always matches, and so never tries again, however long the text
_TRIVIA = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"([^"\\\n]*(?:\\.[^"\\\n]*)*)"')
_LITERAL = re.compile(r"'([^'\n]*)'")
# The closing quotes of a multi-line string may have up to two quotes of text before them.
_MULTI_LINE = re.compile(
    r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"{3,5}' + r"|'''[\s\S]*?'{3,5}"
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([btnfre\"\\]))")
_SHORT_ESCAPES = dict(zip('btnfre"\\', '\b\t\n\f\r\x1b"\\', strict=True))


class Cursor:
    """A place in a text, which only moves on; WalkEnds where the text has something else."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def sees(self, *literals: str) -> bool:
        """Whether one of these comes next."""
        return self.text.startswith(literals, self.at)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Move over what must come next."""
        match = pattern.match(self.text, self.at)
        if not match:
            raise WalkEnds
        self.at = match.end()
        return match

    def accept(self, literal: str) -> bool:
        """Move over a literal if it comes next; whether it did."""
        if not self.sees(literal):
            return False
        self.at += len(literal)
        return True

    def expect(self, literal: str) -> None:
        """Move over a literal that must come next."""
        if not self.accept(literal):
            raise WalkEnds


def walk(cursor: Cursor, keys: KeyPositions) -> None:
    """A whole document: headers and keys up to the end of the text."""
    table: KeyPath = ()
    cursor.take(_TRIVIA)
    while not cursor.is_at_end:
        if cursor.sees("["):
            table = _header(cursor, keys)
        else:
            _pair(cursor, keys, table)
        cursor.take(_LINE_END)
        cursor.take(_TRIVIA)


def _header(cursor: Cursor, keys: KeyPositions) -> KeyPath:
    """`[a.b]` or `[[a.b]]`; returns the path of the table that it opens."""
    start = cursor.at
    # "[ [a]]" is none: TOML wants them side by side
    brackets = 2 if cursor.sees("[[") else 1
    cursor.expect("[" * brackets)
    *outer, (last, _) = _key(cursor)
    cursor.expect("]" * brackets)
    path: KeyPath = ()
    for name, _ in outer:
        path = (*path, name)
        keys.imply(path, start)
        # below an array of tables its newest element is meant
        path = keys.newest(path)
    path = (*path, last)
    if brackets == 2:  # noqa: PLR2004 - an array of tables
        return keys.add_element(path, start)
    keys.write(path, start)
    return path


def _pair(cursor: Cursor, keys: KeyPositions, table: KeyPath) -> None:
    """`key = value`; a dotted key implies the tables before its last part."""
    *outer, (last, start) = _key(cursor)
    cursor.expect("=")
    path = table
    for name, implied in outer:
        path = (*path, name)
        keys.imply(path, implied)
    path = (*path, last)
    keys.write(path, start)
    cursor.take(_BLANK)
    _value(cursor, keys, path)


def _key(cursor: Cursor) -> list[tuple[str, int]]:
    """The parts of a dotted key and where each begins."""
    parts = []
    while True:
        cursor.take(_BLANK)
        start = cursor.at
        parts.append((_key_part(cursor), start))
        cursor.take(_BLANK)
        if not cursor.accept("."):
            return parts


def _key_part(cursor: Cursor) -> str:
    if cursor.sees('"'):
        return _ESCAPE.sub(_unescaped, cursor.take(_BASIC)[1])
    if cursor.sees("'"):
        return cursor.take(_LITERAL)[1]
    return cursor.take(BARE_KEY)[0]


def _value(cursor: Cursor, keys: KeyPositions, path: KeyPath) -> None:
    if cursor.accept("["):
        _array(cursor, keys, path)
    elif cursor.accept("{"):
        _inline_table(cursor, keys, path)
    elif cursor.sees('"""', "'''"):  # before single quotes: two of them are an empty text
        cursor.take(_MULTI_LINE)
    elif cursor.sees('"'):
        cursor.take(_BASIC)
    elif cursor.sees("'"):
        cursor.take(_LITERAL)
    else:
        _number(cursor, keys, path)


def _number(cursor: Cursor, keys: KeyPositions, path: KeyPath) -> None:
    """Any value without quotes; only its length matters here."""
    start = cursor.at
    # up to what may end it: blanks before that are not of the value
    length = len(cursor.take(_SCALAR)[0].strip())
    if length > MAX_NUMBER_CHARACTERS:
        limit = f"a value of at most {MAX_NUMBER_CHARACTERS} characters"
        keys.stop(path, start, limit, f"{length} characters")


def _array(cursor: Cursor, keys: KeyPositions, path: KeyPath) -> None:
    """The rest of an array behind its bracket."""
    index = 0
    while not _closed(cursor, "]"):
        # before the value: depth is checked there, and the value may nest
        keys.write((*path, index), cursor.at)
        _value(cursor, keys, (*path, index))
        index += 1
        _separator(cursor, "]")


def _inline_table(cursor: Cursor, keys: KeyPositions, path: KeyPath) -> None:
    """The rest of an inline table behind its bracket."""
    while not _closed(cursor, "}"):
        _pair(cursor, keys, path)
        _separator(cursor, "}")


def _closed(cursor: Cursor, bracket: str) -> bool:
    """Skip blanks, lines and comments; whether the closing bracket came, now consumed."""
    cursor.take(_TRIVIA)
    return cursor.accept(bracket)


def _separator(cursor: Cursor, bracket: str) -> None:
    """A comma, or the closing bracket, which is left for `_closed`."""
    cursor.take(_TRIVIA)
    if not cursor.sees(bracket):
        cursor.expect(",")


def _unescaped(match: re.Match[str]) -> str:
    """One escape of a basic string; what names no character stays as it is."""
    digits = match[1] or match[2] or match[3]
    if not digits:
        return _SHORT_ESCAPES[match[4]]
    code = int(digits, 16)
    return chr(code) if code <= _LAST_CODE_POINT else match[0]
