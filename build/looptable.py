"""What a review of a station's highest scores is worth: limits before and after it, judged.

The stream of production is made of what a set of photographs has, anew for each of SPLITS
shuffles:

    reviewed   the out-of-fold scores of the parts that taught, half of the good test parts, and
               bad parts: one in twenty of all, at least three
    judged     the other half of the good test parts, and all other bad ones: they were neither
               taught, nor in the stream

Before: limits from the parts that taught alone. After: those that follow once the highest scores
of the stream were labelled, by the folder they lie in; where none follow, the ones before stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import NoLimitsFollow
from gonogo.base.interval import Estimate, estimate
from gonogo.build.fewparts import day_zero
from gonogo.build.review.proposal import labelled, propose
from gonogo.build.teaching.filters import SIDE_PX
from gonogo.build.teachtable import (
    BAD_MIN,
    BAD_SHARE,
    SPLITS,
    Caught,
    Draw,
    caught,
    methods_of,
    named,
    read_tests,
    sets_of,
    taught_on,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.goodparts import Progress
    from gonogo.build.teachtable import Taught, Wanted


_HEAD = """\
| parts | engine | stream: parts, bad | looked at: bad among them | nothing proposed \
| escape before | after | overkill before | after | good rechecked before | after |
|---|---|---|---|---|---|---|---|---|---|---|"""
_WHAT = (
    f"In %, with 95 % intervals. Means of {SPLITS} shuffles. The stream is what taught the engine "
    "(scored out of fold) and half of the good test parts, with one bad part in "
    f"{round(1 / BAD_SHARE)} of all, at least {BAD_MIN}; judged is the other half and all other "
    "bad parts. Intervals are Clopper-Pearson's for as many different test parts as there are. "
    "Where nothing was proposed the limits before stay, and count as after."
)


class Judged(NamedTuple):
    """Bad parts accepted, good parts rejected, good parts rechecked: shares of the judged parts.

    The share is the mean of all splits, its interval that of so many different parts.
    """

    escape: Estimate
    overkill: Estimate
    recheck: Estimate


class Loop(NamedTuple):
    """One engine on one set; `stream`: parts, of which `bad` are bad; `top` were looked at.

    `seen`: bad parts among those, the mean; `none`: share of splits without a proposal.
    """

    data: str
    engine: str
    stream: int
    bad: int
    top: int
    seen: float
    none: float
    before: Judged
    after: Judged


class _Split(NamedTuple):
    before: Caught
    after: Caught
    seen: int
    none: bool


def measure_loops(wanted: Wanted, top: int, progress: Progress) -> list[Loop]:
    """A row for each set and engine that is taught; BuildError where no set is found."""
    rows = []
    for name in sets_of(wanted):
        folder = wanted.data / name
        tests = read_tests(folder, (SIDE_PX, SIDE_PX), progress)
        for method in methods_of(wanted):
            draw, say = Draw(wanted.seed, 0), named(name, progress)
            rows.append(loop(name, taught_on(folder, tests, method, draw, say), top, wanted.seed))
    return rows


def loop(name: str, taught: Taught, top: int, seed: int, splits: int = SPLITS) -> Loop:
    """The mean over so many shuffles; the same seed gives the same figures."""
    rng = np.random.default_rng(seed)
    good, bad = taught.good, taught.bad
    found = [
        _split(taught.known, rng.permutation(good), rng.permutation(bad), top)
        for _ in range(splits)
    ]
    among = _among(len(taught.known) + len(good) // 2, len(bad))
    return Loop(
        name, taught.engine, len(taught.known) + len(good) // 2 + among, among, top,
        float(np.mean([split.seen for split in found])),
        float(np.mean([split.none for split in found])),
        _judged([split.before for split in found], len(good), len(bad)),
        _judged([split.after for split in found], len(good), len(bad)),
    )  # fmt: skip


def _among(good: int, bad: int) -> int:
    """How many bad parts come into a stream with so many good ones."""
    return min(bad // 2, max(BAD_MIN, round(good * BAD_SHARE / (1 - BAD_SHARE))))


def _split(
    known: NDArray[np.float64], good: NDArray[np.float64], bad: NDArray[np.float64], top: int
) -> _Split:
    first = np.concatenate([known, good[: len(good) // 2]])
    among = _among(len(first), len(bad))
    scores = np.concatenate([first, bad[:among]])
    is_good = np.arange(len(scores)) < len(first)
    order = np.argsort(-scores, kind="stable")
    words = [bool(word) if k < top else None for k, word in enumerate(is_good[order])]
    start = day_zero(known)
    after, none = _after(scores[order], words, start)
    rest = good[len(good) // 2 :], bad[among:]
    return _Split(caught(start, *rest), caught(after, *rest), words.count(False), none)


def _after(
    scores: NDArray[np.float64], words: list[bool | None], start: ScoreLimits
) -> tuple[ScoreLimits, bool]:
    """The limits that a person would apply, and whether none were proposed."""
    asked = sum(word is not None for word in words)
    try:
        return propose(labelled(scores, words, asked), start).limits, False
    except NoLimitsFollow:
        return start, True


def _judged(found: list[Caught], good: int, bad: int) -> Judged:
    _, caught_share, rejected, looked = np.mean(found, axis=0).tolist()
    escaped = 1 - caught_share
    return Judged(_share(escaped, bad), _share(rejected, good), _share(looked, good))


def _share(mean: float, parts: int) -> Estimate:
    """As many parts as that share is of all: splits are not further parts."""
    return estimate(round(mean * parts), parts)._replace(share=mean)


def table(rows: list[Loop]) -> str:
    """In Markdown, with what the figures are."""
    return "\n".join((_HEAD, *(_row(row) for row in rows), "", _WHAT))


def _row(row: Loop) -> str:
    pairs = zip(row.before, row.after, strict=True)
    shares = " | ".join(_text(each) for pair in pairs for each in pair)
    return (
        f"| {row.data} | {row.engine} | {row.stream}, {row.bad} | {row.top}: {row.seen:.1f} "
        f"| {100 * row.none:.0f} | {shares} |"
    )


def _text(found: Estimate) -> str:
    share, low, high = (f"{100 * each:.1f}" for each in found[:3])
    return f"{share} ({low} to {high})"
