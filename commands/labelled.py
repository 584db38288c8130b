"""Two engines held against what people said of the parts: which of them is wrong more often.

Wrong is an engine that accepts a defect (escape), or rejects a good part (overkill); a recheck is
neither. Only parts of which one engine alone is wrong tell the two apart (gonogo.build.paired).

Which parts have a label is not chance: people see what was rejected. Of parts that the active
engine accepted, only labels of the audit sample count for the answer, which were drawn at random,
unless every part in question has one; and how many of them have one is what the odds are made of.

Drawn by gonogo.commands.show.labelled.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.words import VerdictKind
from gonogo.build.paired import Answer, Pairs
from gonogo.records.dispositions.words import Origin, PartKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gonogo.records.dispositions.labels import Label
    from gonogo.records.shadow import Twice

_REJECTED = {VerdictKind.REJECT, VerdictKind.NOT_INSPECTED}


class Fault(str, Enum):
    """What an engine can be wrong in."""

    ESCAPES = "escapes"
    OVERKILL = "overkill"

    def of(self, verdict: VerdictKind, *, good: bool) -> bool:
        """Whether that verdict is one, of a part that is good or not."""
        if self is Fault.ESCAPES:
            return not good and verdict is VerdictKind.ACCEPT
        return good and verdict in _REJECTED


class Side(NamedTuple):
    """Parts of which one engine alone is wrong, should their label be the one that matters.

    `parts` of them all, `labelled` with a label that counts, `wrong` those whose label says so.
    `open_accepted`, `open_others`: without a label, by whether the active engine accepted them.
    """

    parts: int
    labelled: int
    wrong: int
    open_accepted: int
    open_others: int

    @property
    def seen(self) -> float:
        """The share with a label, 0 .. 1; 1 where there is no part to be labelled."""
        return self.labelled / self.parts if self.parts else 1.0


class Held(NamedTuple):
    """Both engines, in one kind of fault; `active` and `shadow` are wrong in so many of `of`."""

    fault: Fault
    of: int
    active: int
    shadow: int
    # parts of which the active engine alone is wrong, and the shadow alone
    sides: tuple[Side, Side]

    @property
    def pairs(self) -> Pairs:
        """With the odds that the labels were given by."""
        first, second = self.sides
        seen = first.seen + second.seen
        return Pairs(first.wrong, second.wrong, first.seen / seen if seen else 0.5)

    @property
    def blind(self) -> bool:
        """Whether nothing can be said: one side has parts, and not one label that counts."""
        return any(side.parts and not side.labelled for side in self.sides)

    @property
    def answer(self) -> Answer:
        """Whether the shadow is wrong less often, of all the parts."""
        return Answer.UNKNOWN if self.blind else self.pairs.answer

    @property
    def more(self) -> int | None:
        """About so many more labels of parts on which the two differ; None where none would do."""
        pairs, labelled = self.pairs, sum(side.labelled for side in self.sides)
        count = pairs.first + pairs.second
        if pairs.needed is None:
            return None
        # without any pair: each label could be one, at best
        return math.ceil((pairs.needed - count) * (labelled / count if count else 1))

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        sides = dict(zip(("active_alone", "shadow_alone"), self.sides, strict=True))
        return {
            "of": self.of, "active": self.active, "shadow": self.shadow,
            **{name: side._asdict() for name, side in sides.items()},
            "expected_share": self.pairs.share, "p": self.pairs.p, "blind": self.blind,
            "answer": self.answer.value, "more_labels": self.more,
        }  # fmt: skip


class Labelled(NamedTuple):
    """What labels say of two engines; `plain` is the test of the labelled parts as they are."""

    good: int
    defects: int
    audit: int
    plain: Pairs
    held: tuple[Held, Held]

    @property
    def biased(self) -> bool:
        """Whether labels are missing of one kind of parts altogether."""
        return any(each.blind for each in self.held)

    @property
    def answer(self) -> Answer:
        """Of all parts: better in something and worse in nothing, the reverse, or not known."""
        answers = {each.answer for each in self.held}
        return next(
            (one for one, other in _EITHER if one in answers and other not in answers),
            Answer.UNKNOWN,
        )

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "parts": self.good + self.defects, "good": self.good, "defects": self.defects,
            "audit": self.audit,
            "mcnemar": {
                "active_alone_wrong": self.plain.first, "shadow_alone_wrong": self.plain.second,
                "p": self.plain.p, "answer": self.plain.answer.value,
            },
            **{each.fault.value: each.as_json() for each in self.held},
            "biased": self.biased, "answer": self.answer.value,
        }  # fmt: skip


_EITHER = ((Answer.BETTER, Answer.WORSE), (Answer.WORSE, Answer.BETTER))


def against_labels(parts: Sequence[Twice], labels: Iterable[Label]) -> Labelled | None:
    """Of parts that two engines judged; None where no label is of any of them."""
    known = {label.part: label for label in labels}
    told = [(part, known[_key(part)]) for part in parts if _key(part) in known]
    if not told:
        return None
    escapes, overkill = (_held(fault, parts, known) for fault in Fault)
    wrong = [
        [any(fault.of(verdict, good=label.good) for fault in Fault) for verdict in _verdicts(part)]
        for part, label in told
    ]
    good = sum(label.good for _, label in told)
    return Labelled(
        good=good,
        defects=len(told) - good,
        audit=sum(label.origin is Origin.AUDIT for _, label in told),
        plain=Pairs(wrong.count([True, False]), wrong.count([False, True])),
        held=(escapes, overkill),
    )


def _held(fault: Fault, parts: Sequence[Twice], known: Mapping[PartKey, Label]) -> Held:
    good = fault is Fault.OVERKILL
    of = [part for part in parts if _key(part) in known and known[_key(part)].good is good]
    wrong = [[fault.of(verdict, good=good) for verdict in _verdicts(part)] for part in of]
    alone: dict[bool, list[Twice]] = {True: [], False: []}  # by whether it is the active one
    for part in parts:
        active, shadow = (fault.of(verdict, good=good) for verdict in _verdicts(part))
        if active is not shadow:
            alone[active].append(part)
    return Held(
        fault, len(of), sum(active for active, _ in wrong), sum(shadow for _, shadow in wrong),
        (_side(alone[True], known, good=good), _side(alone[False], known, good=good)),
    )  # fmt: skip


def _side(parts: Sequence[Twice], known: Mapping[PartKey, Label], *, good: bool) -> Side:
    told = [(part, known[_key(part)]) for part in parts if _key(part) in known]
    # all of them: nobody has chosen which
    counts = [
        label
        for part, label in told
        if len(told) == len(parts) or not _accepted(part) or label.origin is Origin.AUDIT
    ]
    unlabelled = [part for part in parts if _key(part) not in known]
    accepted = sum(map(_accepted, unlabelled))
    return Side(
        len(parts), len(counts), sum(label.good is good for label in counts),
        accepted, len(unlabelled) - accepted,
    )  # fmt: skip


def _key(part: Twice) -> PartKey:
    return PartKey(part.run, part.engines.serial)


def _verdicts(part: Twice) -> tuple[VerdictKind, VerdictKind]:
    return part.verdict, part.shadow_verdict


def _accepted(part: Twice) -> bool:
    return part.verdict is VerdictKind.ACCEPT
