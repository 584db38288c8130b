"""What a host decides about its slot: every row of the table."""

from __future__ import annotations

import itertools

import pytest

from gonogo.base.words import FaultBit
from gonogo.engines.serving.slot_decisions import (
    FirstStep,
    Rank,
    first_step,
    rank_to_load,
    rank_to_serve,
    rank_to_unload,
    warning_of,
)
from gonogo.ipc.engine_slot import Phase


@pytest.mark.parametrize(
    ("phase", "step"),
    [
        (Phase.EMPTY, FirstStep.LOAD),
        (Phase.VERIFYING, FirstStep.REFUSE),
        (Phase.LOADING, FirstStep.REFUSE),
        (Phase.TESTING, FirstStep.REFUSE),
        (Phase.READY, FirstStep.LOAD),
        (Phase.REFUSED, FirstStep.STAY_EMPTY),
    ],
)
def test_first_step_tries_nothing_again_that_killed_a_host(phase: Phase, step: FirstStep) -> None:
    """Found while it was being loaded: refused. A place that judges tries in any case."""
    assert first_step(phase, judges=False) is step
    assert first_step(phase, judges=True) is FirstStep.LOAD


@pytest.mark.parametrize("phase", list(Phase))
def test_first_step_tries_again_without_the_backend_that_killed_a_host(phase: Phase) -> None:
    """Found while it was being loaded: another backend may do. What was refused stays so."""
    step = FirstStep.STAY_EMPTY if phase is Phase.REFUSED else FirstStep.LOAD
    assert first_step(phase, judges=False, left_out=True) is step


@pytest.mark.parametrize(
    ("judges", "raised", "ranks"),
    [
        (True, False, (Rank.AS_STARTED, Rank.REALTIME, Rank.ORDINARY)),
        (True, True, (Rank.AS_STARTED, Rank.REALTIME, Rank.ORDINARY)),
        (False, True, (Rank.AS_STARTED, Rank.REALTIME, Rank.BEHIND)),
        (False, False, (Rank.BEHIND, Rank.BEHIND, Rank.BEHIND)),
    ],
)
def test_rank_to_load_serve_and_unload(
    ranks: tuple[Rank, Rank, Rank], *, judges: bool, raised: bool
) -> None:
    """One that neither judges nor is about to never has anybody wait."""
    found = (
        rank_to_load(judges=judges, raised=raised),
        rank_to_serve(judges=judges, raised=raised),
        rank_to_unload(judges=judges),
    )
    assert found == ranks


def test_warning_of_unsigned_engines() -> None:
    """As long as they may be taken; else only while one judges."""
    warned = {
        (allowed, judges, unsigned)
        for allowed, judges, unsigned in itertools.product((False, True), repeat=3)
        if warning_of(allow_unsigned=allowed, judges=judges, unsigned=unsigned) == FaultBit.CONFIG
    }
    always = set(itertools.product((True,), (False, True), (False, True)))
    assert warned == {*always, (False, True, True)}
    assert warning_of(allow_unsigned=False, judges=True, unsigned=False) == 0
