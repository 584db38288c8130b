"""When it is worth making another engine: enough labels, or an engine that people contradict.

People see a choice of the parts: rejects, a sample of what was accepted, and for the review of
limits the highest scores. So labels are not simply counted: each group of parts (by what the engine
said) weighs as much as it has parts in the records, and is judged by the labels that stand for it:
what was accepted by those of the audit sample alone, the rest by all that people reviewed.
Labels of the review of limits count as labels, and never for agreement: they were asked for because
they are the hardest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.interval import interval
from gonogo.base.scores import SCORE_AT_LIMIT
from gonogo.base.words import VerdictKind
from gonogo.records.dispositions.words import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gonogo.records.dispositions.labels import Label

ENOUGH_LABELS = 1000
POINTS = 0.05  # of agreement below the proof
FEWEST = 20  # labels by which a group is judged


class Promise(NamedTuple):
    """What the proof of the engines in service says, as shares of 0 to 1, and since when they are.

    `overkill`: good parts that they reject; `escape`: bad ones that they accept, None where the
    proof had no bad parts. `engines`: their ids in hex, sorted. `names` for people.
    """

    overkill: float
    escape: float | None
    made_ms: int
    engines: tuple[str, ...]
    names: str


class Group(NamedTuple):
    """Parts of which the engine said the same; of those with a label, so many are bad."""

    parts: int = 0
    labels: int = 0
    bad: int = 0

    @property
    def share(self) -> float:
        """Of bad ones."""
        return self.bad / self.labels if self.labels else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Of that share, 95 %."""
        return interval(self.bad, self.labels) if self.labels else (0.0, 0.0)


class Groups(NamedTuple):
    """By what the engine said, whatever the rules made of it."""

    passed: Group = Group()
    rechecked: Group = Group()
    rejected: Group = Group()


class Agreement(NamedTuple):
    """1 minus the mean of the errors that are known, of 0 to 1.

    `best`: what it may be at the favourable end of its 95 % interval; `promised`: of the same
    errors in the proof. `escape`: whether escapes are among them.
    """

    share: float
    best: float
    promised: float
    escape: bool

    @property
    def low(self) -> bool:
        """Whether it is so far below the proof, and not by chance."""
        return self.promised - self.share >= POINTS and self.best < self.promised


class Proposal(NamedTuple):
    """`labels` since the engines were made; `agreement` None where too little is known."""

    labels: int
    agreement: Agreement | None

    @property
    def enough(self) -> bool:
        """Whether there are labels enough for another engine."""
        return self.labels >= ENOUGH_LABELS

    @property
    def holds(self) -> bool:
        """Whether anything is proposed."""
        return self.enough or (self.agreement is not None and self.agreement.low)


def proposal(
    labels: Sequence[Label], counts: Mapping[str, Mapping[int, int]], promise: Promise
) -> Proposal:
    """By labels of parts since the engines were made; `counts`: parts by verdict and score."""
    since = [each for each in labels if each.part_wall_ms >= promise.made_ms]
    mine = [
        each
        for each in since
        if each.engine and set(each.engine.split(",")) <= set(promise.engines)
    ]
    return Proposal(len(since), agreement(groups(mine, counts), promise))


def groups(labels: Iterable[Label], counts: Mapping[str, Mapping[int, int]]) -> Groups:
    """Parts and labels by what the engine said of them."""
    parts = dict.fromkeys(Groups._fields, 0)
    for verdict, words in counts.items():
        for score, count in words.items():
            name = _said(verdict, score)
            if name:
                parts[name] += count
    seen: dict[str, list[bool]] = {name: [] for name in parts}
    for label in labels:
        name = _said(label.verdict.name, label.score)
        if name and _counts(name, label.origin):
            seen[name].append(not label.good)
    return Groups(
        *(Group(parts[name], len(seen[name]), sum(seen[name])) for name in Groups._fields)
    )


def agreement(found: Groups, promise: Promise) -> Agreement | None:
    """None where too few rejects have a label, or the records have none: nothing is known then."""
    passed, rechecked, rejected = found
    if rejected.labels < FEWEST or not rejected.parts:
        return None
    knows_escape = passed.labels >= FEWEST and promise.escape is not None
    point = _errors(found, [group.share for group in found])
    low, _ = passed.bounds
    _, high = rejected.bounds
    favourable = _errors(found, [low, rechecked.share, high])
    promised = (promise.overkill, promise.escape or 0.0)
    kinds = 2 if knows_escape else 1
    share, best, of_proof = (
        1 - sum(errors[:kinds]) / kinds for errors in (point, favourable, promised)
    )
    return Agreement(share, best, of_proof, knows_escape)


def _errors(found: Groups, bad: Sequence[float]) -> tuple[float, float]:
    """Overkill and escape: the rejected of all good parts, and the passed of all bad ones."""
    # of what was passed without a label it is supposed that it is good; of the rest, nothing
    parts = [group.parts if group.labels or not k else 0 for k, group in enumerate(found)]
    good_parts = [n * (1 - share) for n, share in zip(parts, bad, strict=True)]
    bad_parts = [n * share for n, share in zip(parts, bad, strict=True)]
    return _share(good_parts[2], sum(good_parts)), _share(bad_parts[0], sum(bad_parts))


def _share(some: float, of: float) -> float:
    return some / of if of else 0.0


def _said(verdict: str, score: int | None) -> str:
    """Of the engine alone; '' where it said nothing, or only rules threw the part out."""
    if score is None:
        return ""
    if score > SCORE_AT_LIMIT:
        return "rejected"
    return {VerdictKind.ACCEPT.name: "passed", VerdictKind.RECHECK.name: "rechecked"}.get(
        verdict, ""
    )


def _counts(group: str, origin: Origin) -> bool:
    """Whether a label stands for its group: among accepted parts only those drawn by chance do."""
    return origin is Origin.AUDIT if group == "passed" else origin is not Origin.LIMITS
