"""The search of one form: sets of floats one after another, each proven, the best one taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.attempt import SPEEDUP_MIN, Attempt
from gonogo.build.plans import Verdict, expected, plans
from gonogo.build.proof import REFERENCE
from gonogo.build.sensitivity import Shift, ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.build.attempt import Attempts
    from gonogo.build.budget import Budget
    from gonogo.build.forms import Form
    from gonogo.build.goodparts import Progress
    from gonogo.build.work import Work

    Make = Callable[[frozenset[str]], Path]

SLOW_TRIED = 4  # that agree but are slow; then the best of them is taken
PROVING = "proving"


class FormSearch:
    """Sets of `convs` to leave in float, in one form; what was tried is kept in `work`.

    `make` writes the file of a set.
    """

    def __init__(
        self, form: Form, convs: Sequence[str], make: Make, attempts: Attempts, work: Work
    ) -> None:
        self._form, self._convs, self._make = form, tuple(convs), make
        self._attempts, self._work = attempts, work
        self._done = 0
        self.tried: list[Attempt] = []
        self.unfinished = False

    def run(self, progress: Progress, budget: Budget) -> Attempt | None:
        """The best set, or None; `tried` has them all, `unfinished` says that time was over."""
        sets = plans(self._convs, lambda: self._ranked(progress, budget))
        known: dict[frozenset[str], Verdict] = {}
        floats = next(sets)
        try:
            while not self._enough(progress, budget):
                if floats not in known:
                    known[floats] = self._verdict(floats, progress)
                floats = sets.send(known[floats])
        except StopIteration:
            self.unfinished = False
        best = self._best()
        if best is None or not best.good(self._form):
            self._finish(progress, budget)
            best = self._best()
        self._tell(progress, "done", last=True)
        return best

    def _enough(self, progress: Progress, budget: Budget) -> bool:
        """Whether no other set is to be tried: time is over, or several agree but are slow."""
        # one at least, so that there is something to say
        self.unfinished = bool(self.tried) and budget.spent
        if self.unfinished:
            return True
        if sum(one.agrees or not one.whole for one in self.tried) < SLOW_TRIED:
            return False
        self._finish(progress, budget)  # whether those that were put off do agree
        return sum(one.agrees for one in self.tried) >= SLOW_TRIED

    def _finish(self, progress: Progress, budget: Budget) -> None:
        """Prove what was put off as slow by all frames: there is nothing better."""
        for place, one in enumerate(self.tried):
            if one.whole or (budget.spent and any(other.agrees for other in self.tried)):
                continue
            self._tell(progress, f"{len(one.floats)} in float, though it is slow")
            self.tried[place] = self._recalled(frozenset(one.floats), whole=True)

    def _best(self) -> Attempt | None:
        agreeing = [one for one in self.tried if one.agrees]
        if not agreeing:
            return None
        # for the most backends, then the fastest, where as fast as FP32 is fast enough
        return max(
            agreeing, key=lambda one: (one.proven, min(one.speedup, SPEEDUP_MIN), -len(one.floats))
        )

    def _verdict(self, floats: frozenset[str], progress: Progress) -> Verdict:
        self._tell(progress, f"{len(floats)} of {len(self._convs)} convolutions in float")
        found = self._recalled(floats)
        self.tried.append(found)
        return Verdict(found.agreement[REFERENCE].excess, found.agrees, found.good(self._form))

    def _recalled(self, floats: frozenset[str], *, whole: bool = False) -> Attempt:
        """What came of these floats, from an earlier run if it was tried there."""
        in_order = tuple(name for name in self._convs if name in floats)
        bounds = self._attempts.bounds
        # bounds are in it: with others the search of the backends may have ended earlier
        key = self._work.key("whole" if whole else "tried", self._form.name, bounds, *in_order)
        kept = self._work.recall(key)
        if kept is None:
            kept = self._attempts.prove(self._make(floats), self._form, whole=whole).table()
            self._work.keep(key, kept)
        return Attempt.from_table(in_order, kept, bounds)

    def _ranked(self, progress: Progress, budget: Budget) -> Sequence[Sequence[str]]:
        """The convolutions, those first that matter most; none where time is over."""
        shifts = {}
        for name in self._convs:
            if budget.spent:
                return ()
            self._tell(progress, f"how much {name} matters")
            shifts[name] = self._shift(name)
        return ranked(self._convs, shifts)

    def _shift(self, name: str) -> Shift:
        # of all forms: what one convolution does to the scores in INT8 it does in each of them,
        # nearly, and only an order is wanted
        key = self._work.key("shift", name)
        kept = self._work.recall(key)
        if kept is None:
            # all but this one in float
            alone = self._make(frozenset(self._convs) - {name})
            kept = self._attempts.shift(alone, self._form)
            self._work.keep(key, kept)
        return Shift(*kept)

    def _tell(self, progress: Progress, what: str, *, last: bool = False) -> None:
        # one that takes longer than was thought has always one more to come
        total = self._done if last else max(expected(self._convs), self._done + 1)
        progress(f"{PROVING}: {self._form.name} form, {what}", self._done, total)
        self._done += 1
