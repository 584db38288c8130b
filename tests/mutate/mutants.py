"""Mutants of a module: one edit each, named so that they are found again in a later version."""

from __future__ import annotations

import random
from typing import NamedTuple

from gonogo.tests.mutate.finder import Edit, edits


class Mutant(NamedTuple):
    """A module with one change; `before` and `after` are the lines that the change is in."""

    module: str
    edit: Edit
    line: int
    before: str
    after: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names it, wherever its lines have moved to."""
        return (self.module, self.edit.where, self.before, self.after)

    def apply(self, source: bytes) -> bytes:
        """The source of the mutated module."""
        return source[: self.edit.start] + self.edit.new.encode() + source[self.edit.end :]


def mutants_of(module: str, source: bytes) -> list[Mutant]:
    """Every mutant of a module, in the order of its text."""
    found = [_mutant(module, source, edit) for edit in edits(source)]
    return [mutant for mutant in found if mutant.before != mutant.after]


def _mutant(module: str, source: bytes, edit: Edit) -> Mutant:
    start = source.rfind(b"\n", 0, edit.start) + 1
    end = source.find(b"\n", edit.end)
    end = len(source) if end < 0 else end
    before = source[start:end]
    after = source[start : edit.start] + edit.new.encode() + source[edit.end : end]
    line = source.count(b"\n", 0, edit.start) + 1
    return Mutant(module, edit, line, _one_line(before), _one_line(after))


def _one_line(text: bytes) -> str:
    return " ".join(text.decode().split())


def sample(mutants: list[Mutant], seed: int, count: int | None) -> list[Mutant]:
    """At most `count` of a module's mutants (None: all), the same ones for the same seed."""
    if count is None or count >= len(mutants):
        return mutants
    drawn = random.Random(f"{seed} {mutants[0].module}").sample(mutants, count)  # noqa: S311 - a sample
    return sorted(drawn, key=lambda mutant: mutant.edit)
