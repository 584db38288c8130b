"""What a number of good parts can promise, in figures and in words."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.promise import at_most, parts_for, promise


@pytest.mark.parametrize(("parts", "share"), [(14, 0.1926), (30, 0.0950), (140, 0.0212)])
def test_at_most_is_the_one_sided_bound(parts: int, share: float) -> None:
    """1 - 0.05 ^ (1 / n), worked out apart."""
    assert at_most(parts) == pytest.approx(share, abs=1e-4)
    assert at_most(parts) == pytest.approx(1 - 0.05 ** (1 / parts))


def test_parts_for_is_the_first_number_that_will_do() -> None:
    """149 for 2 %: one fewer is not enough."""
    assert parts_for(0.02) == 149
    assert at_most(149) <= 0.02 < at_most(148)


def test_promise_says_it_in_words() -> None:
    """The chance of the next part, what is sure, and what it takes; nothing of that with enough."""
    said = promise(14)
    assert "by 14 good parts no more than this can be promised" in said
    assert "1 in 15" in said
    assert "at most 19 %" in said
    assert "it takes 149" in said
    assert "it takes" not in promise(149)


def test_promise_holds_for_parts_of_any_kind() -> None:
    """The next part is above n others once in n + 1 times, however the scores are spread."""
    rng = np.random.default_rng(6)
    for draw in (rng.normal, rng.exponential, rng.standard_cauchy):
        scores = draw(size=(20_000, 15))
        above = (scores[:, 14] > scores[:, :14].max(axis=1)).mean()
        assert above == pytest.approx(1 / 15, abs=0.006)
