"""Another engine is proposed by labels enough, or by people who contradict it: never by chance."""

from __future__ import annotations

import pytest

from gonogo.base.words import VerdictKind
from gonogo.records.dispositions.labels import Label
from gonogo.records.dispositions.words import Origin, PartKey
from gonogo.records.export.proposal import Group, Groups, Promise, agreement, groups, proposal

PROMISE = Promise(0.02, 0.1, 1000, ("aa", "bb"), "bolt 1.0.0")
# of a day: what the engine passed, asked about, and rejected
COUNTS = {"ACCEPT": {1200: 9000}, "RECHECK": {4000: 100}, "REJECT": {7000: 900, 1200: 50}}


def label(
    verdict: str = "REJECT", score: int | None = 7000, *, good: bool = False, **changes: object
) -> Label:
    """A part that the engine rejected, and a person confirmed, unless something else is said."""
    usual = Label(
        PartKey("r", 1), 1, 2000, good, "", VerdictKind[verdict], score, "aa,bb", 1, None, good,
        Origin.REVIEW,
    )  # fmt: skip
    return usual._replace(**changes)  # type: ignore[arg-type]


PASSED = {"verdict": "ACCEPT", "score": 1200, "origin": Origin.AUDIT}


def many(count: int, bad: int, **said: object) -> list[Label]:
    """So many labels of which so many say that the part is bad."""
    return [label(good=k >= bad, **said) for k in range(count)]  # type: ignore[arg-type]


def test_groups_are_by_what_the_engine_said() -> None:
    """What only rules threw out says nothing of it, nor does a part without a score."""
    found = groups(
        [label(), label(score=1200), label("NOT_INSPECTED", None), label("RECHECK", 4000)], COUNTS
    )
    assert found == Groups(Group(9000), Group(100, 1, 1), Group(900, 1, 1))


def test_groups_are_judged_by_labels_that_stand_for_them() -> None:
    """Of accepted parts those of the audit sample alone; those of the review of limits never."""
    labels = [
        label(**PASSED, good=True),  # type: ignore[arg-type]
        label("ACCEPT", 1200, good=False, origin=Origin.REVIEW),
        label("ACCEPT", 4900, good=False, origin=Origin.LIMITS),
        label(good=True, origin=Origin.LIMITS),
        label(good=True, origin=Origin.REVIEW),
    ]
    found = groups(labels, COUNTS)
    assert (found.passed, found.rejected) == (Group(9000, 1, 0), Group(900, 1, 0))


def test_agreement_weighs_groups_by_their_parts() -> None:
    """Half of the rejects were good: that is 450 of 9450 good parts, not half of all."""
    found = agreement(Groups(Group(9000, 100, 0), Group(), Group(900, 100, 50)), PROMISE)
    assert found is not None
    assert found.escape
    assert found.share == pytest.approx(1 - (450 / 9450 + 0) / 2)
    assert found.promised == pytest.approx(1 - (0.02 + 0.1) / 2)
    assert not found.low


def test_agreement_counts_escapes_of_the_audit() -> None:
    """Two bad of a hundred accepted parts are 180 of 9000, beside 900 that were rejected."""
    found = agreement(Groups(Group(9000, 100, 2), Group(), Group(900, 100, 100)), PROMISE)
    assert found is not None
    assert found.share == pytest.approx(1 - (180 / 1080) / 2)


@pytest.mark.parametrize(
    ("rejected", "low"),
    [
        (Group(900, 100, 50), False),  # 4.8 points of overkill where 2 were promised
        (Group(1500, 100, 30), True),  # 10 points
        (Group(1500, 20, 6), True),
        (Group(700, 100, 5), False),  # 6.9 of overkill: 4.9 points
        (Group(720, 100, 5), True),  # 7.1
    ],
)
def test_agreement_is_low_five_points_below_its_proof(rejected: Group, low: bool) -> None:  # noqa: FBT001 - expected
    """By overkill alone, where nobody looked at accepted parts."""
    found = agreement(Groups(Group(9000), Group(), rejected), PROMISE)
    assert found is not None
    assert not found.escape
    assert found.promised == pytest.approx(0.98)
    assert found.low == low


def test_agreement_by_chance_is_not_low() -> None:
    """One escape among twenty: it is far below by the figure, and may be above all the same."""
    found = agreement(Groups(Group(9000, 20, 1), Group(), Group(900, 100, 100)), PROMISE)
    assert found is not None
    assert found.promised - found.share > 0.05
    assert found.best > found.promised
    assert not found.low


def test_agreement_of_few_labels_is_not_known() -> None:
    """Nor of escapes where the proof had no bad parts."""
    assert agreement(Groups(Group(9000, 100, 0), Group(), Group(900, 19, 0)), PROMISE) is None
    assert agreement(Groups(Group(), Group(), Group(0, 100, 0)), PROMISE) is None
    blind = PROMISE._replace(escape=None)
    found = agreement(Groups(Group(9000, 100, 50), Group(), Group(900, 20, 20)), blind)
    assert found is not None
    assert not found.escape


def test_proposal_counts_usable_labels_since_the_engine_was_made() -> None:
    """A thousand of them, also of parts that another engine judged; not one that is older."""
    labels = [label(engine="cc")] * 999 + [label(part_wall_ms=999)]
    found = proposal(labels, COUNTS, PROMISE)
    assert (found.labels, found.enough, found.holds, found.agreement) == (999, False, False, None)
    assert proposal([*labels, label()], COUNTS, PROMISE).holds


def test_proposal_is_made_by_its_own_engines_alone() -> None:
    """What another engine said of a part is no word against this one."""
    wrong = many(100, 0)
    counts = {"ACCEPT": {1200: 9000}, "REJECT": {7000: 900}}
    assert proposal(wrong, counts, PROMISE).holds
    other = [each._replace(engine="aa,cc") for each in wrong]
    assert proposal(other, counts, PROMISE).agreement is None
    assert proposal([each._replace(engine="aa") for each in wrong], counts, PROMISE).holds
    assert not proposal([], {}, PROMISE).holds


def test_proposal_stays_quiet_for_an_engine_that_is_as_promised() -> None:
    """Rejects confirmed, accepted parts of the audit good."""
    labels = many(100, 99) + many(100, 0, **PASSED)
    found = proposal(labels, COUNTS, PROMISE)
    assert found.agreement is not None
    assert not found.holds
