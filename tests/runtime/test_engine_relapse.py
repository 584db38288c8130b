"""An engine that is lost again after each return rests, and is taken back after many trials."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gonogo.base.words import Mode, Reason, Score, Verdict, VerdictKind
from gonogo.runtime.engine_relapse import PARTS, RELAPSES, REST_NS, TRIALS, Relapse, silent

if TYPE_CHECKING:
    import pytest

WHO = (0, 1)
NOW_NS = 10**12


def test_relapse_has_the_figures_of_the_docs() -> None:
    """docs/board-health.md: three parts, each within 20; 5 s; 20 trials."""
    assert (RELAPSES, PARTS, REST_NS, TRIALS) == (3, 20, 5 * 10**9, 20)


def relapsed(times: int, after: int = 1) -> Relapse:
    """Lost so often, each time with the part of that number after its return."""
    relapse = Relapse()
    for _ in range(times):
        for _ in range(after - 1):
            relapse.judged(WHO, missed=False, now_ns=NOW_NS)
        relapse.judged(WHO, missed=True, now_ns=NOW_NS)
        if relapse.may_try(WHO, NOW_NS):
            relapse.tried(well=True)
    return relapse


def test_relapse_is_tried_at_once_after_one_loss_or_two() -> None:
    """As an engine that is lost ever was: one good trial brings it back."""
    for times in range(RELAPSES):
        relapse = relapsed(times)
        assert relapse.may_try(WHO, NOW_NS)
        assert relapse.tried(well=True)


def test_relapse_rests_after_the_third_and_wants_trials_in_a_row() -> None:
    """Not before its rest is over; one bad trial begins the row anew."""
    relapse = relapsed(RELAPSES)
    assert not relapse.may_try(WHO, NOW_NS + REST_NS - 1)
    assert relapse.may_try(WHO, NOW_NS + REST_NS)
    good = [relapse.tried(well=True) for _ in range(TRIALS - 1)]
    assert not any([*good, relapse.tried(well=False)])
    assert [relapse.tried(well=True) for _ in range(TRIALS)] == [False] * (TRIALS - 1) + [True]


def test_relapse_rests_again_with_the_next_early_loss() -> None:
    """It has not shown yet that it lasts."""
    relapse = relapsed(RELAPSES)
    for _ in range(TRIALS):
        relapse.tried(well=True)
    relapse.judged(WHO, missed=True, now_ns=2 * NOW_NS)
    assert not relapse.may_try(WHO, 2 * NOW_NS + REST_NS - 1)


def test_relapse_is_forgiven_to_one_that_lasts() -> None:
    """Twenty parts well judged: the next loss is a first one."""
    relapse = relapsed(RELAPSES - 1)
    for _ in range(PARTS):
        relapse.judged(WHO, missed=False, now_ns=NOW_NS)
    for _ in range(RELAPSES - 1):
        relapse.judged(WHO, missed=True, now_ns=NOW_NS)
        assert relapse.may_try(WHO, NOW_NS)
        assert relapse.tried(well=True)


def test_relapse_counts_losses_within_twenty_parts_alone() -> None:
    """The twentieth still is one, the twenty-first is not."""
    assert not relapsed(RELAPSES, after=PARTS).may_try(WHO, NOW_NS)
    assert relapsed(3 * RELAPSES, after=PARTS + 1).may_try(WHO, NOW_NS)


def test_relapse_is_of_one_process() -> None:
    """One that has started anew, or the other slot, begins anew."""
    for who in ((0, 2), (1, 1)):
        assert relapsed(RELAPSES).may_try(who, NOW_NS)


def test_relapse_is_forgiven_when_somebody_acknowledges() -> None:
    """As what the supervisor has left alone is."""
    relapse = relapsed(RELAPSES)
    relapse.forgive()
    for _ in range(RELAPSES - 1):
        assert relapse.may_try(WHO, 0)
        assert relapse.tried(well=True)
        relapse.judged(WHO, missed=True, now_ns=NOW_NS)
    assert relapse.may_try(WHO, 0)
    assert relapse.tried(well=True)
    relapse.judged(WHO, missed=True, now_ns=NOW_NS)
    assert not relapse.may_try(WHO, NOW_NS)


def test_relapse_says_that_the_engine_rests(caplog: pytest.LogCaptureFixture) -> None:
    """Once, with its figures; between two parts, and nothing of it within the cycle."""
    caplog.set_level(logging.INFO)
    relapse = Relapse()
    for _ in range(RELAPSES):
        relapse.judged(WHO, missed=True, now_ns=NOW_NS)
        relapse.tried(well=True)
    assert caplog.messages == []
    for _ in range(2):
        assert not relapse.may_try(WHO, NOW_NS)
    (said,) = caplog.messages
    assert said == (
        "the engine missed 3 parts, each within 20 of its return: it rests 5 s, and is taken back "
        "after 20 trials in a row"
    )


def verdict(mode: Mode) -> Verdict:
    """One that was reached in a mode."""
    return Verdict(VerdictKind.REJECT, Reason.OK, 0, mode, VerdictKind.NONE, VerdictKind.NONE)


def test_silent_is_a_part_without_its_score() -> None:
    """Not one whose score cannot be trusted, and not one without a picture."""
    score = Score(0, 1.0, 1, 2, 3)
    assert silent(verdict(Mode.RULES_ONLY), [None])
    assert silent(verdict(Mode.RULES_ONLY), [score, None])
    assert not silent(verdict(Mode.RULES_ONLY), [score._replace(fault=Reason.ENGINE_DATA)])
    assert not silent(verdict(Mode.RULES_ONLY), [score._replace(fault=Reason.ENGINE_DATA), None])
    assert not silent(verdict(Mode.SAFE), [None])
    assert not silent(verdict(Mode.FULL), [score, None])
