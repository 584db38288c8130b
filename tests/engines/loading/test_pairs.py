"""Verdicts and shadow judgements of the journal become pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import (
    MasterAnswer,
    MasterPart,
    Mode,
    Part,
    Reason,
    Score,
    Verdict,
    VerdictKind,
    ViewCapture,
)
from gonogo.engines.loading.pairs import OPEN, Pairs
from gonogo.ipc.journal import Journal
from gonogo.ipc.journal_records import ORDINARY, Mastered

if TYPE_CHECKING:
    from collections.abc import Iterator

MS = 1_000_000
OLD, NEW = 11, 22  # engine ids


@pytest.fixture
def journal(station: str) -> Iterator[Journal]:
    """An empty journal."""
    made = Journal.create(station)
    yield made
    made.close()


def said(score: int, kind: VerdictKind = VerdictKind.ACCEPT) -> Verdict:
    """A verdict of which the engine alone says `kind`."""
    return Verdict(VerdictKind.ACCEPT, Reason.OK, score, Mode.FULL, VerdictKind.NONE, kind)


def part(serial: int) -> Part:
    """A part without times."""
    return Part(serial, serial + 1000, 0, 0, 0, 0)


def scores(engine_id: int, *took_ms: int) -> list[Score | None]:
    """A score a view."""
    return [Score(v, 0.5, 0, ms * MS, engine_id) for v, ms in enumerate(took_ms)]


def judge(journal: Journal, serial: int, score: int = 100, kind: VerdictKind = VerdictKind.ACCEPT,
          engine_id: int = OLD) -> None:  # fmt: skip
    """The line judges a part with two views."""
    captures = [ViewCapture(0, 0, 0), ViewCapture(1, 0, 0)]
    journal.append(
        part(serial), said(score, kind), range(5), captures, scores(engine_id, 7, 9), ()  # type: ignore[arg-type]
    )  # fmt: skip


def shade(journal: Journal, serial: int, score: int = 200, kind: VerdictKind = VerdictKind.REJECT,
          engine_id: int = NEW) -> None:  # fmt: skip
    """The other engine says something of it."""
    journal.shade(part(serial), said(score, kind), scores(engine_id, 4, 3))


def test_pairs_join_both_judgements_of_a_part(journal: Journal) -> None:
    """By its serial; opinions of the engines alone, the longest view's time."""
    pairs = Pairs(journal)
    judge(journal, 1)
    judge(journal, 2)
    shade(journal, 1)
    (found,) = pairs.read()
    assert found == (1, 1001, 100, 200, VerdictKind.ACCEPT, VerdictKind.REJECT, 9.0, 4.0)
    assert pairs.read() == ()
    assert list(pairs.pairs) == [found]


def test_pairs_begin_with_the_present(journal: Journal) -> None:
    """What was judged before the loader came is not looked at."""
    judge(journal, 1)
    pairs = Pairs(journal)
    shade(journal, 1)
    assert pairs.read() == ()


def test_pairs_leave_out_a_part_of_which_one_engine_said_nothing(journal: Journal) -> None:
    """There is nothing to compare."""
    pairs = Pairs(journal)
    judge(journal, 1, kind=VerdictKind.NONE)
    shade(journal, 1)
    judge(journal, 2)
    shade(journal, 2, kind=VerdictKind.NONE)
    assert pairs.read() == ()


@pytest.mark.parametrize(("judging", "asked"), [(NEW, NEW), (OLD, OLD), (NEW, OLD)])
def test_pairs_leave_out_scores_of_other_engines(
    journal: Journal, judging: int, asked: int
) -> None:
    """After a switch the entries of a moment ago are of exchanged roles."""
    pairs = Pairs(journal)
    pairs.begin((OLD, None), (NEW, None))
    judge(journal, 1, engine_id=judging)
    shade(journal, 1, engine_id=asked)
    judge(journal, 2)
    shade(journal, 2)
    assert [pair.serial for pair in pairs.read()] == [2]


def test_pairs_forget_parts_whose_shadow_never_came(journal: Journal) -> None:
    """Bounded: the oldest goes first."""
    pairs = Pairs(journal)
    for serial in range(OPEN + 1):
        judge(journal, serial)
    shade(journal, 0)
    shade(journal, 1)
    assert [pair.serial for pair in pairs.read()] == [1]


def test_pairs_begin_anew_with_every_engine(journal: Journal) -> None:
    """What another one showed is not this one's."""
    pairs = Pairs(journal)
    judge(journal, 1)
    shade(journal, 1)
    pairs.read()
    pairs.begin((), ())
    assert len(pairs.pairs) == 0


def test_pairs_leave_out_a_part_that_was_known_to_be_good_or_bad(journal: Journal) -> None:
    """Somebody chose it: how often two engines agree on parts, it does not say."""
    pairs = Pairs(journal)
    journal.master = Mastered(MasterPart.BAD, MasterAnswer.RIGHT).word
    judge(journal, 1)
    journal.master = ORDINARY.word
    judge(journal, 2)
    shade(journal, 1)
    shade(journal, 2)
    assert [pair.serial for pair in pairs.read()] == [2]
