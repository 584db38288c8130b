"""Two engines on the same parts, and an engine that must stay what it showed as a shadow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.scores import SCORE_AT_LIMIT, SCORE_MAX
from gonogo.base.words import VerdictKind
from gonogo.engines.loading.agreement import DIFFERING_MAX, Agreement, Watch, agree
from gonogo.ipc.journal_records import Pair

if TYPE_CHECKING:
    from collections.abc import Callable

    Engine = Callable[["Parts"], np.ndarray]

RECHECK_AT = 4000
SHADOWED, WATCHED = 60, 200

words = st.integers(0, SCORE_MAX)
kinds = st.sampled_from([VerdictKind.ACCEPT, VerdictKind.RECHECK, VerdictKind.REJECT])
times_ms = st.floats(0, 100)
some_pairs = st.lists(
    st.builds(Pair, words, words, words, words, kinds, kinds, times_ms, times_ms), max_size=60
)


class Parts(NamedTuple):
    """Parts of a line: how bad each one is, in score words, and the dice of their engines."""

    badness: np.ndarray
    random: np.random.Generator

    def noise(self, spread: float) -> np.ndarray:
        """An error a part."""
        return self.random.normal(0, spread, len(self.badness))


def parts_of(random: np.random.Generator, count: int, bad: float = 0.03) -> Parts:
    """Mostly good ones, and some bad."""
    good, worse = random.normal(2500, 450, count), random.normal(7500, 1500, count)
    return Parts(np.where(random.random(count) < bad, worse, good), random)


def kind_of(word: int) -> VerdictKind:
    """What the limits say of a score."""
    if word > SCORE_AT_LIMIT:
        return VerdictKind.REJECT
    return VerdictKind.RECHECK if word > RECHECK_AT else VerdictKind.ACCEPT


def old(parts: Parts) -> np.ndarray:
    """The engine that is active first."""
    return np.asarray(parts.badness + parts.noise(60))


def pairs_of(parts: Parts, active: Engine, shadow: Engine) -> list[Pair]:
    """What two engines say of the parts."""
    both = [np.clip(engine(parts), 0, SCORE_MAX).round().astype(int) for engine in (active, shadow)]
    return [
        Pair(k, k, a, s, kind_of(a), kind_of(s), 10.0, 12.0)
        for k, (a, s) in enumerate(zip(*(words.tolist() for words in both), strict=True))
    ]


def shadow_of(new: Engine, random: np.random.Generator, count: int = SHADOWED) -> Agreement:
    """What the new engine showed before the swap."""
    return agree(pairs_of(parts_of(random, count), old, new))


def verdict(watch: Watch, pairs: list[Pair]) -> tuple[int, str]:
    """After how many parts it sends the engine back, and why; (0, '') if it never does."""
    for number, pair in enumerate(pairs, 1):
        why = watch.check(pair)
        if why:
            return number, why
    return 0, ""


HONEST: dict[str, Engine] = {
    "as the old one": lambda parts: parts.badness + parts.noise(60),
    "noisy": lambda parts: parts.badness + parts.noise(350),
    "often of another mind": lambda parts: parts.badness + parts.noise(1100),
    "on a scale of its own": lambda parts: 0.7 * parts.badness + 600 + parts.noise(80),
    "sharper on bad parts": lambda parts: (
        np.where(parts.badness > 5000, 9500, parts.badness) + parts.noise(80)
    ),
    "wild on one part in thirty": lambda parts: (
        parts.badness
        + parts.noise(60)
        + np.where(parts.random.random(len(parts.badness)) < 1 / 30, parts.noise(2500), 0)
    ),
    "in coarse steps": lambda parts: (parts.badness / 625).round() * 625,
    "without a natural zero": lambda parts: np.where(parts.badness > 5000, SCORE_MAX, 0),
}
LYING: dict[str, Engine] = {
    "constant": lambda parts: np.full(len(parts.badness), 2500.0),
    "always zero": lambda parts: np.zeros(len(parts.badness)),
    "always at the top": lambda parts: np.full(len(parts.badness), 10000.0),
    "shifted up": lambda parts: parts.badness + 900 + parts.noise(60),
    "shifted down": lambda parts: parts.badness - 900 + parts.noise(60),
    "random": lambda parts: parts.random.uniform(0, 10000, len(parts.badness)),
}
SUBTLE: dict[str, Engine] = {  # most scores are those of good parts all the same
    "the other way round": lambda parts: 5000 - parts.badness,
    "of the part before": lambda parts: np.roll(parts.badness, 1) + parts.noise(60),
}


@pytest.mark.parametrize("shadowed", [20, 300])
@pytest.mark.parametrize("name", HONEST)
def test_watch_hardly_ever_sends_an_honest_engine_back(name: str, shadowed: int) -> None:
    """Of 200 swaps, each watched for 200 parts, fewer than one in a hundred."""
    random, engine, back = np.random.default_rng(17), HONEST[name], []
    for _ in range(200):
        watch = Watch(shadow_of(engine, random, shadowed))
        back.append(verdict(watch, pairs_of(parts_of(random, WATCHED), engine, old))[1])
    assert sum(map(bool, back)) < 2, [why for why in back if why][:3]


@pytest.mark.parametrize("shadowed", [20, 300])
@pytest.mark.parametrize("name", LYING)
def test_watch_sends_a_lying_engine_back_within_twenty_parts(name: str, shadowed: int) -> None:
    """It behaved as a shadow, and does no more once it is active: in each of 60 swaps."""
    random, after = np.random.default_rng(18), []
    for _ in range(60):
        watch = Watch(shadow_of(HONEST["as the old one"], random, shadowed))
        number, why = verdict(watch, pairs_of(parts_of(random, 20), LYING[name], old))
        assert why.count(". ") == 0
        after.append(number or 1000)
    assert max(after) <= 20, sorted(after)[-5:]


@pytest.mark.parametrize("name", SUBTLE)
def test_watch_finds_scores_that_do_not_belong_to_the_parts(name: str) -> None:
    """Later, for their spread is that of good parts: within 200 parts in each of 60 swaps."""
    random = np.random.default_rng(22)
    for _ in range(60):
        watch = Watch(shadow_of(HONEST["as the old one"], random))
        assert verdict(watch, pairs_of(parts_of(random, WATCHED), SUBTLE[name], old))[1]


def test_watch_finds_one_score_for_all_parts_where_all_parts_are_alike() -> None:
    """A constant inside the band, by what parts differ though their scores do not."""
    random = np.random.default_rng(19)
    shadow = shadow_of(HONEST["noisy"], random)
    watch = Watch(shadow)
    number, why = verdict(watch, pairs_of(parts_of(random, 20, bad=0), LYING["constant"], old))
    assert 0 < number <= 20
    assert "scored 2500" in why


def test_watch_says_what_it_saw() -> None:
    """Which scores, and the band that they should have stayed in."""
    random = np.random.default_rng(20)
    shadow = shadow_of(HONEST["as the old one"], random)
    _, why = verdict(Watch(shadow), pairs_of(parts_of(random, 20), LYING["shifted up"], old))
    assert "parts scored outside of what it showed as a shadow (-" in why


def test_watch_counts_kinds_where_scores_stay_alike() -> None:
    """Limits that moved a little turn accepts into rechecks: seen by what is said of the parts."""
    alike = [
        Pair(k, k, 3900, 3900, VerdictKind.ACCEPT, VerdictKind.ACCEPT, 1, 1) for k in range(100)
    ]
    watch = Watch(agree(alike))
    moved = [pair._replace(active_score=4050, active_kind=VerdictKind.RECHECK) for pair in alike]
    number, why = verdict(watch, moved)
    assert 0 < number <= 20
    assert "it says something else than the engine before it" in why


def alike(count: int, score: int = 2500, shadow: int = 2500) -> list[Pair]:
    """Parts that all score the same."""
    return [
        Pair(k, k, score, shadow, VerdictKind.ACCEPT, VerdictKind.ACCEPT, 1, 1)
        for k in range(count)
    ]


def test_watch_leaves_room_around_what_it_saw() -> None:
    """At least 200 score points, or half of the range again on either side."""
    narrow = agree(alike(100))
    assert not verdict(Watch(narrow), alike(100, score=2690))[1]
    assert verdict(Watch(narrow), alike(100, score=2710))[1]
    wide = agree([*alike(50, shadow=1500), *alike(50, shadow=3500)])
    for score, leaves in ((600, False), (400, True), (4400, False), (4600, True)):
        assert bool(verdict(Watch(wide), alike(100, score=score))[1]) is leaves


def test_watch_bears_a_few_differences_after_a_shadow_without_any() -> None:
    """Thousands of parts in agreement make four in a hundred improbable, but of no matter."""
    pairs = alike(100)
    for k in (10, 40, 60, 90):
        pairs[k] = pairs[k]._replace(active_kind=VerdictKind.RECHECK, active_score=9000)
    assert not verdict(Watch(agree(alike(5000))), pairs)[1]


@pytest.mark.parametrize("end", [0, SCORE_MAX])
def test_watch_takes_one_score_at_either_end_of_the_scale(end: int) -> None:
    """Where score words are cut off, an honest engine gives the same one to part after part."""
    spread = range(40)
    shadow = agree(
        [
            Pair(k, k, 5000 + k, 5000 - k, VerdictKind.REJECT, VerdictKind.REJECT, 1, 1)
            for k in spread
        ]
    )
    same = [
        Pair(k, k, end, abs(end - k), VerdictKind.REJECT, VerdictKind.REJECT, 1, 1) for k in spread
    ]
    assert not verdict(Watch(shadow), same)[1]
    inside = [pair._replace(active_score=abs(end - 50)) for pair in same]
    assert verdict(Watch(shadow), inside)[1]


def test_watch_without_a_shadow_knows_nothing_to_hold_against_an_engine() -> None:
    """It cannot say what is unusual; who swaps asks for a shadow first."""
    random = np.random.default_rng(21)
    pairs = pairs_of(parts_of(random, WATCHED), LYING["random"], old)
    assert verdict(Watch(agree([])), pairs) == (0, "")


@given(some_pairs)
def test_agree_counts_and_survives_json(pairs: list[Pair]) -> None:
    """The whole of it, through the text of a file and back."""
    found = agree(pairs)
    assert found.parts == len(pairs)
    assert found.agree == sum(pair.active_kind is pair.shadow_kind for pair in pairs)
    assert 0 <= found.share <= 1
    assert found.shift_low <= found.shift_median <= found.shift_high
    assert len(found.differing) == min(DIFFERING_MAX, found.parts - found.agree)
    assert Agreement.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_agree_puts_the_worst_first() -> None:
    """A part that only the shadow would accept, then the one that they score most differently."""
    mild = Pair(1, 1, 3900, 4100, VerdictKind.ACCEPT, VerdictKind.RECHECK, 5, 6)
    wild = Pair(2, 2, 100, 9000, VerdictKind.ACCEPT, VerdictKind.REJECT, 5, 6)
    escape = Pair(3, 3, 5100, 3000, VerdictKind.REJECT, VerdictKind.ACCEPT, 5, 6)
    same = Pair(4, 4, 100, 4000, VerdictKind.ACCEPT, VerdictKind.ACCEPT, 5, 6)
    assert agree([mild, wild, escape, same]).differing == (escape, wild, mild)


def test_agree_tells_shift_and_times_of_both() -> None:
    """Shadow minus active, and quantiles of the time from start to done."""
    pairs = [
        Pair(k, k, 1000, 1000 + k, VerdictKind.ACCEPT, VerdictKind.ACCEPT, k, 2 * k)
        for k in range(101)
    ]
    found = agree(pairs)
    assert (found.shift_low, found.shift_median, found.shift_high) == (1, 50, 99)
    assert found.latency_ms == {
        "active_p50": 50, "active_p99": 99, "shadow_p50": 100, "shadow_p99": 198
    }  # fmt: skip
    assert found.distinct == 101


@pytest.mark.parametrize(
    "value", [None, [], {}, {"parts": 1}, {**agree([]).as_json(), "agree": "many"}, {"x": 1}]
)
def test_agreement_from_something_else_is_refused(value: object) -> None:
    """With a word on what was expected."""
    with pytest.raises(ValueError, match="expected the agreement of two engines"):
        Agreement.from_json(value)
