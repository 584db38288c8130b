"""From what was said of the highest-scoring parts to limits, or to words that say why not."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.base.errors import NoLimitsFollow
from gonogo.base.interval import interval
from gonogo.base.scores import ScoreLimits
from gonogo.build.fewparts import after_review
from gonogo.build.review.proposal import Labelled, labelled, propose, seem_more

RNG = np.random.default_rng(11)
GOOD = np.sort(RNG.lognormal(0.0, 0.1, 300))[::-1]
BAD = np.array([2.0, 1.9, 1.8, 1.7, 1.6])
IN_FORCE = ScoreLimits(1.95, 5.0)


def said_of(scores: list[float], top: int) -> Labelled:
    """As somebody says who knows: what scores exactly as one of BAD is bad."""
    ranked = np.sort(np.array(scores))[::-1]
    words = [bool(score not in BAD) if k < top else None for k, score in enumerate(ranked)]
    return labelled(ranked, words, top)


def test_propose_follows_from_what_was_said_and_what_is_assumed() -> None:
    """The rule of a review; in force, three of five bad parts pass."""
    found = said_of([*GOOD, *BAD], 20)
    assert (len(found.good), len(found.bad), len(found.assumed)) == (15, 5, 285)
    assert found.lowest == found.good.min() > found.assumed.max()
    proposal = propose(found, IN_FORCE)
    limits = after_review(GOOD, BAD)
    assert proposal.limits[:2] == pytest.approx(limits[:2], rel=1e-5)
    expected, before = proposal.expected, proposal.before
    assert expected.escape is not None
    assert (expected.escape.events, expected.escape.of) == (0, 5)
    assert expected.escape[1:3] == interval(0, 5)
    assert expected.overkill.of == 300
    assert before.escape is not None
    assert before.escape.events == 4


def test_propose_counts_on_parts_that_were_left_out() -> None:
    """The limits of all parts reject nobody good; those set without the highest reject it."""
    good = [1.0 + 0.05 * k for k in range(10)]
    proposal = propose(said_of([*good, 1.9], 4), IN_FORCE)
    assert max(good) <= proposal.expected.reject_above
    assert proposal.expected.overkill.events == 1


def test_labelled_keeps_who_is_unsure_apart_and_takes_words_from_below() -> None:
    """An audit may have met a part far below: good or bad, it is known."""
    found = labelled(np.array([9.0, 8.0, 7.0, 6.0, 5.0]), [False, None, True, None, False], 3)
    assert found.bad.tolist() == [9.0, 5.0]
    assert found.good.tolist() == [7.0]
    assert found.unsure.tolist() == [8.0]
    assert found.assumed.tolist() == [6.0]
    assert found.lowest == 7.0
    assert not found.last_is_bad


@pytest.mark.parametrize(
    ("scores", "top", "why"),
    [
        ([*GOOD, *BAD], 0, "nobody has looked"),
        (list(GOOD), 20, "none of the 20 parts that were looked at is bad"),
        ([*GOOD, *BAD], 5, r"5 of the 5 .* all of them: .* go on with --top 15"),
        ([*GOOD, *BAD], 8, r"5 of the 8 .* most: .*--top 16"),
        ([2.05, *GOOD[50:], *BAD], 2, "1 of the 2 .* the last one: .*--top 4"),
        ([1.0, 1.1, *BAD], 7, "2 good parts, expected at least 5"),
        ([*BAD, *(2.1 + GOOD)], 305, "every bad part scores like a good one"),
    ],
)
def test_propose_says_why_nothing_follows(scores: list[float], top: int, why: str) -> None:
    """And what to do: no number in place of nonsense."""
    with pytest.raises(NoLimitsFollow, match=why):
        propose(said_of(scores, top), IN_FORCE)


def test_propose_refuses_scores_that_lie_too_far_apart() -> None:
    """Over six hundred powers of ten no limit is a number."""
    scores = np.array([1.795e308, 1.79e308, *[1e300] * 3, *[1e-300] * 8])
    words = [False, True, *[None] * 11]
    with pytest.raises(NoLimitsFollow, match="lie too far apart"):
        propose(labelled(scores, words, 2), IN_FORCE)


def test_seem_more_is_said_of_a_list_that_ends_too_early() -> None:
    """Its last part is bad, or most of it."""
    assert seem_more(1, 10, last_is_bad=True)
    assert seem_more(6, 10, last_is_bad=False)
    assert not seem_more(5, 10, last_is_bad=False)
