"""How hard the engine process runs: what the kernel is asked, in which order, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.realtime import RealtimeSection
from gonogo.engines.serving.host_rank import OOM_IDLE, HostRank, Kernel
from gonogo.engines.serving.slot_decisions import Rank
from gonogo.ipc.engine_slots import EngineSlots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.ipc.engine_slot import EngineSlot

SECTION = RealtimeSection(priority=2)


class NotedKernel(Kernel):
    """Nothing is done; `calls` is what was asked. `permits`: whether it lets us come back."""

    def __init__(self, *, permits: bool = True) -> None:
        self.permits = permits
        self.calls: list[str] = []

    def step_behind(self) -> bool:
        """Or refused."""
        self.calls.append("behind")
        return self.permits

    def step_forward(self) -> None:
        """Noted."""
        self.calls.append("forward")

    def spare(self) -> None:
        """Noted."""
        self.calls.append("spare")

    def climb(self, section: RealtimeSection, threads: int) -> None:
        """Noted, with what it computes on."""
        self.calls.append(f"climb on {threads}")
        assert section is SECTION


@pytest.fixture
def slot(station: str) -> Iterator[EngineSlot]:
    """Of a place whose last host was in real time."""
    made = EngineSlots.create(station)
    made.places[1].realtime = True
    yield made.places[1]
    made.close()


def test_rank_goes_up_and_down_with_as_few_calls_as_there_are_changes(slot: EngineSlot) -> None:
    """Asked with every turn of the loop, it does nothing where nothing changes."""
    kernel = NotedKernel()
    rank = HostRank(SECTION, 3, slot, kernel)
    rank.start(Rank.BEHIND)
    for wanted in (Rank.BEHIND, Rank.REALTIME, Rank.REALTIME, Rank.BEHIND, Rank.BEHIND):
        rank.take(wanted)
        assert slot.realtime is (wanted is Rank.REALTIME)
    assert kernel.calls == ["behind", "forward", "spare", "climb on 3", "behind"]


def test_rank_to_start_with_leaves_the_process_as_it_is_and_says_so(slot: EngineSlot) -> None:
    """The slot still says what the host before was; from there it climbs without a step between."""
    kernel = NotedKernel()
    rank = HostRank(SECTION, 1, slot, kernel)
    rank.start(Rank.AS_STARTED)
    assert (kernel.calls, slot.realtime) == ([], False)
    rank.take(Rank.REALTIME)
    assert (kernel.calls, slot.realtime) == (["climb on 1"], True)
    rank.take(Rank.ORDINARY)
    assert (kernel.calls[1:], slot.realtime) == (["forward"], False)


def test_rank_that_may_not_go_behind_is_at_least_not_in_real_time(slot: EngineSlot) -> None:
    """Without the right to come back nobody leaves the idle class."""
    kernel = NotedKernel(permits=False)
    HostRank(SECTION, 1, slot, kernel).start(Rank.BEHIND)
    assert kernel.calls == ["behind", "forward"]


def test_rank_of_a_host_without_a_slot_is_told_to_nobody() -> None:
    """A station without `[engines]`."""
    kernel = NotedKernel()
    rank = HostRank(SECTION, 2, None, kernel)
    rank.start(Rank.AS_STARTED)
    rank.take(Rank.REALTIME)
    assert kernel.calls == ["climb on 2"]


def test_kernel_gives_back_how_likely_this_process_was_to_be_killed(tmp_path: Path) -> None:
    """As it was at the start, whoever set it; a file that cannot be written changes nothing."""
    file = tmp_path / "oom_score_adj"
    file.write_text("-17\n")
    kernel = Kernel(file)
    file.write_text(OOM_IDLE)
    kernel.spare()
    assert file.read_text() == "-17\n"
    file.unlink()
    file.mkdir()
    kernel.spare()
