"""The time of a search."""

from __future__ import annotations

from gonogo.build.budget import Budget


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """What it was set to."""
        return self.now_s


def test_budget_is_spent_after_its_minutes() -> None:
    """Not before, and never where none was set."""
    clock = Clock()
    budget, endless = Budget(2, clock), Budget(now_s=clock)
    seen = []
    for step_s in (119, 1):
        clock.now_s += step_s
        seen.append(budget.spent)
    assert seen == [False, True]
    assert not endless.spent


def test_budget_is_shared_by_what_is_left() -> None:
    """What the first one leaves of its part is for the next."""
    clock = Clock()
    whole = Budget(2, clock)
    first = whole.share(2)
    clock.now_s += 30
    second = whole.share(1)
    seen = []
    for step_s in (0, 60, 31):
        clock.now_s += step_s
        seen.append((first.spent, second.spent))
    assert seen == [(False, False), (True, False), (True, True)]
    assert whole.share(3).spent
