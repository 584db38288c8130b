"""One rank for a process of two places: that of the one that needs it most."""

from __future__ import annotations

import pytest

from gonogo.base.realtime import RealtimeSection
from gonogo.engines.serving.host_rank import HostRank, Kernel
from gonogo.engines.serving.shared_kernel import CommonRank, SharedKernel
from gonogo.engines.serving.slot_decisions import Rank

SECTION = RealtimeSection()
A, B = 0, 1


class Noted(Kernel):
    """A kernel that notes what it is asked for, and grants it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def step_behind(self) -> bool:
        """Noted."""
        self.asked.append("behind")
        return True

    def step_forward(self) -> None:
        """Noted."""
        self.asked.append("forward")

    def climb(self, section: RealtimeSection, threads: int) -> None:
        """Noted."""
        assert section is SECTION
        self.asked.append(f"climb {threads}")


@pytest.fixture
def kernel() -> Noted:
    """One for both places."""
    return Noted()


@pytest.fixture
def ranks(kernel: Noted) -> list[HostRank]:
    """Of both places."""
    common = CommonRank(kernel)
    return [HostRank(SECTION, 1 + k, None, SharedKernel(common, k)) for k in (A, B)]


def test_rank_of_a_place_that_loads_is_that_of_the_one_that_judges(
    kernel: Noted, ranks: list[HostRank]
) -> None:
    """Never behind: it would hold the interpreter there. And threads that are new are lifted."""
    ranks[A].take(Rank.REALTIME)
    ranks[B].start(Rank.BEHIND)
    assert kernel.asked == ["climb 1", "climb 1"]


def test_rank_falls_with_the_last_place_that_wants_it(kernel: Noted, ranks: list[HostRank]) -> None:
    """One that has been raised and goes back takes nothing from the other."""
    ranks[A].take(Rank.REALTIME)
    ranks[B].take(Rank.REALTIME)
    ranks[A].take(Rank.BEHIND)
    assert kernel.asked == ["climb 1", "climb 2", "climb 2"]
    ranks[B].take(Rank.ORDINARY)
    assert kernel.asked[-1] == "forward"


def test_rank_before_anybody_judges_is_an_ordinary_one(
    kernel: Noted, ranks: list[HostRank]
) -> None:
    """A place without an order does not drag the process into the idle class."""
    ranks[B].start(Rank.BEHIND)
    assert kernel.asked == ["forward"]
