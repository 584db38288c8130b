"""How a new engine agrees with the active one on the same parts, and whether it stays so.

Two models score in two units, so score words are compared (0..10000, reject limit at
5000), and what each engine alone would have said. First the new one is the shadow: it
scores, the other one counts. After the swap the old one is the shadow for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter, ValidationError

from gonogo.base.interval import at_most, interval
from gonogo.base.scores import SCORE_MAX
from gonogo.base.section import brief
from gonogo.base.words import VerdictKind
from gonogo.ipc.journal_records import Pair  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DIFFERING_MAX = 20  # they travel in one reply of a socket that does not wait to send it
TAIL = 0.01  # of the shifts, on either side of what is kept as their range
BAND_MIN = 200  # score words on either side: less is of no matter to a verdict
EXCESS_PARTS, EXCESS_SHARE = 3, 0.05  # more than the shadow explains, before it matters
CHANCE_MAX = 1e-4  # asked anew after every part, so rarer than one false alarm in a hundred swaps
SAME_MAX = 10  # parts in a row with one and the same score


class Agreement(NamedTuple):
    """What a shadow showed on `parts` parts.

    `agree`: parts of which both engines say the same; `shift_...`: median, 1 % and 99 %
    quantile of shadow minus active, in score words; `differing`: the worst, at most
    DIFFERING_MAX; `distinct`: different score words that the shadow gave.
    """

    parts: int
    agree: int
    shift_median: float
    shift_low: float
    shift_high: float
    latency_ms: dict[str, float]
    differing: tuple[Pair, ...]
    distinct: int

    @property
    def share(self) -> float:
        """Of the parts, those on which both agree; 0 of none."""
        return self.agree / self.parts if self.parts else 0.0

    def as_json(self) -> dict[str, Any]:
        """For a file or a pipe; kinds as their numbers."""
        return {**self._asdict(), "differing": [pair._asdict() for pair in self.differing]}

    @classmethod
    def from_json(cls, value: object) -> Agreement:
        """What `as_json` gave; ValueError for anything else."""
        try:
            return _READER.validate_python(value)
        except ValidationError as error:
            message = f"expected the agreement of two engines: {brief(error)}"
        raise ValueError(message)


_READER = TypeAdapter(Agreement)


def agree(pairs: Sequence[Pair]) -> Agreement:
    """What pairs of opinions on the same parts say of two engines."""
    shifts = [pair.shadow_score - pair.active_score for pair in pairs] or [0]  # of none: no shift
    low, median, high = np.quantile(shifts, [TAIL, 0.5, 1 - TAIL]).tolist()
    differing = sorted((pair for pair in pairs if not pair.agrees), key=_badness, reverse=True)
    return Agreement(
        parts=len(pairs),
        agree=len(pairs) - len(differing),
        shift_median=median,
        shift_low=low,
        shift_high=high,
        latency_ms={
            **_spread_ms("active", [pair.active_ms for pair in pairs]),
            **_spread_ms("shadow", [pair.shadow_ms for pair in pairs]),
        },
        differing=tuple(differing[:DIFFERING_MAX]),
        distinct=len({pair.shadow_score for pair in pairs}),
    )


class Watch:
    """Watches, after a swap, whether the new engine stays in what it showed as a shadow.

    The new engine is now the active one of each pair, the old one the shadow. The band
    is the range of shifts that was seen, wider by half of itself on either side and at
    least BAND_MIN around its median. Parts outside, and parts of which the two say
    different things, are held against the share that the shadow's parts allow for (upper
    end of its 95 % interval): they must be EXCESS more than that, in parts and in
    share, and hardly possible by chance.
    """

    def __init__(self, shadow: Agreement) -> None:
        reach = (shadow.shift_high - shadow.shift_low) / 2
        self._low = min(shadow.shift_low - reach, shadow.shift_median - BAND_MIN)
        self._high = max(shadow.shift_high + reach, shadow.shift_median + BAND_MIN)
        beyond = int(np.ceil(2 * TAIL * shadow.parts))  # there always are, by what a quantile is
        self._outside = _Share(interval(beyond, shadow.parts)[1])
        self._differ = _Share(interval(shadow.parts - shadow.agree, shadow.parts)[1])
        # one that scores in coarse steps repeats itself by nature, and is not held to be stuck
        self._varied = 2 * shadow.distinct > shadow.parts
        self._same: list[Pair] = []  # the last parts in a row with one score, SAME_MAX at most

    def check(self, pair: Pair) -> str:
        """Take one more part; '' or why the new engine must go back, in a sentence."""
        # the other way round than in its shadow: the two have changed places since
        shift = pair.active_score - pair.shadow_score
        self._outside.count(event=not self._low <= shift <= self._high)
        self._differ.count(event=not pair.agrees)
        same = [p for p in self._same if p.active_score == pair.active_score]
        self._same = [*same, pair][-SAME_MAX:]
        return self._shifted() or self._disagrees() or self._stuck()

    def _shifted(self) -> str:
        outside = self._outside
        if not outside.too_many:
            return ""
        return (
            f"{outside.events} of {outside.of} parts scored outside of what it showed as a shadow "
            f"({self._low:+.0f} to {self._high:+.0f} score points beside the engine before it)"
        )

    def _disagrees(self) -> str:
        differ = self._differ
        if not differ.too_many:
            return ""
        return (
            f"of {differ.events} of {differ.of} parts it says something else than the engine "
            f"before it, where its shadow allows for {100 * differ.allowed:.1f} %"
        )

    def _stuck(self) -> str:
        """One score for parts that the old engine told apart, from one that told them apart, too.

        At either end of the scale the words of an honest engine may all be the same.
        """
        word, told = self._same[-1].active_score, {pair.shadow_score for pair in self._same}
        if not (self._varied and 0 < word < SCORE_MAX and len(self._same) >= SAME_MAX):
            return ""
        if 2 * len(told) <= len(self._same):  # alike for the old engine, too
            return ""
        return f"{len(self._same)} different parts in a row scored {word}, all the same"


class _Share:
    """Events among parts, held against the share of them that is `allowed`."""

    def __init__(self, allowed: float) -> None:
        self.allowed = allowed
        self.events = self.of = 0

    def count(self, *, event: bool) -> None:
        self.events, self.of = self.events + event, self.of + 1

    @property
    def too_many(self) -> bool:
        """More than matters, and hardly by chance."""
        excess = self.events - self.allowed * self.of
        if excess <= max(EXCESS_PARTS, EXCESS_SHARE * self.of):
            return False
        # the chance of at least so many, if it still were what its shadow showed
        return 1 - at_most(self.events - 1, self.of, self.allowed) < CHANCE_MAX


def _badness(pair: Pair) -> tuple[bool, int]:
    """What only the shadow would accept comes first, then what it scores most differently."""
    return pair.shadow_kind is VerdictKind.ACCEPT, abs(pair.shadow_score - pair.active_score)


def _spread_ms(name: str, times_ms: Iterable[float]) -> dict[str, float]:
    p50, p99 = np.quantile([*times_ms] or [0.0], [0.5, 0.99]).tolist()  # floats that JSON takes
    return {f"{name}_p50": p50, f"{name}_p99": p99}
