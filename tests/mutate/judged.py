"""What came of the mutants: figures of a module, and of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gonogo.tests.mutate.known import Key
    from gonogo.tests.mutate.mutants import Mutant

WANTED_PCT, WANTED_OF_ONE_PCT = 95.0, 93.0  # of all modules together, of each


class Judged(NamedTuple):
    """One mutant, and how its tests ended."""

    mutant: Mutant
    status: str  # passed, failed, time

    @property
    def noticed(self) -> bool:
        """Whether a test saw it."""
        return self.status != "passed"


class Figures(NamedTuple):
    """Counts of one module or of all: tried of `there`; equivalent ones that nobody noticed."""

    there: int
    tried: int
    noticed: int
    by_time: int
    equivalent: int

    @property
    def survived(self) -> int:
        """Not noticed, and no reason is known why that would be right."""
        return self.tried - self.noticed - self.equivalent

    @property
    def share_pct(self) -> float:
        """Noticed, of those that make a difference."""
        real = self.tried - self.equivalent
        return 100 * self.noticed / real if real else 100.0


def figures(there: int, judged: Sequence[Judged], known: Iterable[Key]) -> Figures:
    """Of one module with `there` mutants."""
    keys = set(known)
    return Figures(
        there,
        len(judged),
        sum(each.noticed for each in judged),
        sum(each.status == "time" for each in judged),
        sum(not each.noticed and each.mutant.key in keys for each in judged),
    )


def total(parts: Iterable[Figures]) -> Figures:
    """Of all modules together."""
    return Figures(*(sum(column) for column in zip(*parts, strict=True)))


def enough(parts: Sequence[Figures]) -> bool:
    """Whether the tests notice as much as they shall."""
    each = all(part.share_pct >= WANTED_OF_ONE_PCT for part in parts)
    return each and total(parts).share_pct >= WANTED_PCT
