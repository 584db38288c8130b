"""Where the keys of a text stand, gathered while somebody walks through it."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple, NoReturn

KeyPath = tuple[str | int, ...]

# No station nests deeper; tomllib recurses on nested arrays and is quadratic on dotted keys.
MAX_LEVELS = 32


class Position(NamedTuple):
    """A place in the text; line and column count from 1."""

    line: int
    column: int


class Flaw(NamedTuple):
    """What was found wrong on the way, in words, and where."""

    path: KeyPath
    position: Position
    expected: str
    got: str


class WalkEnds(Exception):
    """The text stops being TOML here, or a flaw was found; nobody outside sees it."""


class KeyPositions:
    """Positions by key path, in the order of the text, and the flaw that ended the walk.

    Places come as offsets into `text`. A table is implied by a key below it until its own
    header comes: then it stands there, wherever it was implied before.
    """

    def __init__(self, text: str) -> None:
        self.found: dict[KeyPath, Position] = {}
        self.flaw: Flaw | None = None
        self._written: set[KeyPath] = set()  # by a header or a key of their own, not only implied
        self._elements: dict[KeyPath, int] = {}  # of each array of tables, so far
        # once: every position is found in it by bisection
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def imply(self, path: KeyPath, at: int) -> None:
        """`path` is a table around something that is written at `at`."""
        self._check_depth(path, at)
        self.found.setdefault(path, self._position(at))

    def write(self, path: KeyPath, at: int) -> None:
        """`path` is written down at `at`, which may be once."""
        self._check_depth(path, at)
        if path in self._written:
            first = f"it again (first on line {self.found[path].line})"
            self.stop(path, at, "every key and table once", first)
        self._written.add(path)
        self.found[path] = self._position(at)

    def add_element(self, path: KeyPath, at: int) -> KeyPath:
        """A header [[path]] stands at `at`; returns the path of the element that it opens."""
        index = self._elements.get(path, 0)
        if index == 0:
            self.write(path, at)  # the array stands where its first element does
        self._elements[path] = index + 1
        self.write((*path, index), at)
        return (*path, index)

    def newest(self, path: KeyPath) -> KeyPath:
        """What a header means by `path`: of an array of tables, its newest element."""
        return (*path, self._elements[path] - 1) if path in self._elements else path

    def stop(self, path: KeyPath, at: int, expected: str, got: str) -> NoReturn:
        """Keep a flaw and end the walk: there is only ever the first one to tell."""
        self.flaw = Flaw(path, self._position(at), expected, got)
        raise WalkEnds

    def _check_depth(self, path: KeyPath, at: int) -> None:
        # before anything goes deeper: the walk recurses with the text, and so does tomllib
        if len(path) > MAX_LEVELS:
            self.stop(path[:1], at, f"at most {MAX_LEVELS} levels of tables and arrays", "more")

    def _position(self, at: int) -> Position:
        line = bisect_right(self._line_starts, at)
        return Position(line, at - self._line_starts[line - 1] + 1)
