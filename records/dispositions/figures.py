"""What people's words say of the station: escape rate, overkill, and how sure each person is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.interval import Estimate, estimate
from gonogo.base.words import VerdictKind
from gonogo.records.dispositions.labels import by_part, outcome, standing
from gonogo.records.dispositions.words import Means, Origin, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gonogo.records.dispositions.said import Disposition


class Figures(NamedTuple):
    """Shares with two-sided 95 % bounds (Clopper and Pearson); None where nothing was said.

    `escape`: bad parts among those of the audit sample. `overkill`: good parts among the rejects
    that people have looked at. `agreement`: of each person, second audit answers that are the
    first one again. `standing`: parts by what stands of them; `excluded`: usable for neither share.
    """

    escape: Estimate | None
    overkill: Estimate | None
    agreement: Mapping[str, Estimate]
    standing: Mapping[str, int]
    excluded: int


def figures(
    dispositions: Iterable[Disposition], since_ms: int | None = None, until_ms: int | None = None
) -> Figures:
    """Of parts that passed in a time, UTC ms, the second excluded."""
    low, high = since_ms or 0, 1 << 62 if until_ms is None else until_ms
    parts = [some for some in by_part(dispositions).values() if low <= some[0].part_wall_ms < high]
    audited = [some for some in parts if _is_audited(some)]
    rejected = [some for some in parts if some[0].verdict is VerdictKind.REJECT]
    escapes, overkills = list(map(_is_defect, audited)), list(map(_is_overkill, rejected))
    return Figures(
        _share(escapes),
        _share(overkills),
        {who: estimate(sum(same), len(same)) for who, same in sorted(_agreement(parts).items())},
        Counter(standing(some).state.value for some in parts),
        [*escapes, *overkills].count(None),
    )


def _is_audited(some: list[Disposition]) -> bool:
    accepted = some[0].verdict is VerdictKind.ACCEPT
    return accepted and any(each.origin is Origin.AUDIT for each in some)


def _is_defect(some: list[Disposition]) -> bool | None:
    """Of an accepted part; None where that is not known, or not settled."""
    word = standing(some).word
    what = None if word is None else outcome(word)
    return None if what in {None, Means.EXCLUDE} else what is Means.DEFECT


def _is_overkill(some: list[Disposition]) -> bool | None:
    """Of a reject; one that is confirmed without a word on the part itself was right."""
    word = standing(some).word
    if word is None or word.word not in {Word.CONFIRMED, Word.FALSE_REJECT}:
        return None
    what = outcome(word)
    return None if what is Means.EXCLUDE else what is Means.GOOD


def _share(found: list[bool | None]) -> Estimate | None:
    known = [each for each in found if each is not None]
    return estimate(sum(known), len(known)) if known else None


def _agreement(parts: list[list[Disposition]]) -> dict[str, list[bool]]:
    """Of each person, whether each second audit answer on a part was their first one."""
    found: dict[str, list[bool]] = {}
    for some in parts:
        answers: dict[str, list[Disposition]] = {}
        for each in sorted(some, key=lambda one: one.number):
            if each.origin is Origin.AUDIT:
                answers.setdefault(each.who, []).append(each)
        for who, (first, *later) in answers.items():
            found.setdefault(who, []).extend(each.word is first.word for each in later)
    return {who: same for who, same in found.items() if same}
