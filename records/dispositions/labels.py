"""What people's words come to: of one part what stands, and of many the labels that can be used.

A person's later word takes the place of their earlier one, for who says a second thing has thought
again. An answer of an audit does not: it was given without knowing of the former one.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.dispositions.words import Means, Origin, PartKey, Word, says_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.base.words import VerdictKind
    from gonogo.records.dispositions.said import Disposition


class State(str, Enum):
    """How the words of a part stand to each other."""

    NONE = "none"  # nothing was said
    UNSURE = "unsure"  # looked at, and nobody knows
    SETTLED = "settled"  # one opinion, of one person or of several
    DISPUTED = "disputed"  # two, and no supervisor has decided
    DECIDED = "decided"  # by a supervisor


class Standing(NamedTuple):
    """Of one part: `word` is the disposition that counts, None where none does."""

    state: State
    word: Disposition | None

    @property
    def overridden(self) -> bool:
        """Whether what counts says that the verdict was wrong."""
        return self.word is not None and self.word.overrides


class Label(NamedTuple):
    """A part whose word can be used: good, or a defect. As Disposition has the rest."""

    part: PartKey
    part_id: int
    part_wall_ms: int
    good: bool
    code: str
    verdict: VerdictKind
    score: int | None
    engine: str
    recipe: int | None
    lot: str | None
    overridden: bool
    origin: Origin


def standing(dispositions: Iterable[Disposition]) -> Standing:
    """Of one part, whatever the order in which they come."""
    ordered = sorted(dispositions, key=lambda each: each.number)
    decided = [each for each in ordered if each.decides]
    if decided:
        return Standing(State.DECIDED, decided[-1])
    opinions = _opinions(ordered)
    if not opinions:
        return Standing(State.UNSURE if ordered else State.NONE, None)
    if len({(each.word, outcome(each)) for each in opinions}) > 1:
        return Standing(State.DISPUTED, None)
    return Standing(State.SETTLED, opinions[-1])


def outcome(said: Disposition) -> Means | None:
    """What it says of the part; None where it leaves that open."""
    if said.word is Word.UNSURE:
        return None
    if said.means is Means.EXCLUDE:
        return Means.EXCLUDE
    return says_of(said.word, said.verdict, said.reason) or said.means


def labels(dispositions: Iterable[Disposition]) -> list[Label]:
    """One for each part whose word is usable, in the order in which parts were first spoken of.

    Usable is what is settled or decided, and says good or defect. CONFIRMED keeps an accept (good)
    and a reject for what engine or rule saw (defect); of any other verdict the reason code says it.
    """
    found = (standing(some).word for some in by_part(dispositions).values())
    return [
        _label(said, what)
        for said in found
        if said is not None and (what := outcome(said)) in {Means.GOOD, Means.DEFECT}
    ]


def by_part(dispositions: Iterable[Disposition]) -> dict[PartKey, list[Disposition]]:
    """In the order in which they come."""
    found: dict[PartKey, list[Disposition]] = {}
    for each in dispositions:
        found.setdefault(each.part, []).append(each)
    return found


def _opinions(ordered: list[Disposition]) -> list[Disposition]:
    """Those that still count: of each person the last one, and the audit answers since."""
    counting: dict[str, list[Disposition]] = {}
    for each in ordered:
        kept = counting.setdefault(each.who, [])
        if each.origin is not Origin.AUDIT:
            kept.clear()
        kept.append(each)
    found = [each for some in counting.values() for each in some if each.word is not Word.UNSURE]
    return sorted(found, key=lambda each: each.number)


def _label(said: Disposition, what: Means | None) -> Label:
    return Label(
        said.part, said.part_id, said.part_wall_ms, what is Means.GOOD, said.code, said.verdict,
        said.score, said.engine, said.recipe, said.lot, said.overrides, said.origin,
    )  # fmt: skip
