"""The parts that a person is to judge of a station that runs, and what was said of them so far."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import PartsToReview
from gonogo.build.review.listing import BAD, GOOD
from gonogo.build.review.partlist import UNSURE, Listed
from gonogo.build.review.proposal import labelled
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.labels import State, by_part, outcome, standing
from gonogo.records.dispositions.words import Means, Origin, PartKey
from gonogo.records.questions.details import details
from gonogo.records.questions.parts import by_serial
from gonogo.records.questions.scored import first_scored

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.review.proposal import Labelled
    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.gaps import Gap
    from gonogo.records.questions.pictures import Picture
    from gonogo.records.questions.scored import Asked, Scored

FIRST_MIN, FIRST_MAX = 100, 1000
TOP = 30


class Ranked(NamedTuple):
    """The first parts of an engine, the highest score first; what was left out, and why."""

    parts: list[Scored]
    left_out: Counter[str]
    gaps: list[Gap]

    @property
    def missing(self) -> int:
        """Parts between them of which the records know nothing."""
        return sum(gap.last - gap.first + 1 for gap in self.gaps)


class Words(NamedTuple):
    """How words of a view's review are known: `alone`: no other view can have shown a defect."""

    view: str
    alone: bool

    @property
    def note(self) -> str:
        """What stands in the disposition."""
        return f"limits review of view {self.view}"


class Review(NamedTuple):
    """What a person is asked about: `shown` of the parts `found`, which that engine scored.

    `engine`: its id in hex; `in_force`: the limits by which the station file has it judge.
    """

    engine: str
    in_force: ScoreLimits
    found: Ranked
    shown: list[Listed]
    words: Words


def ranked(files: Files, asked: Asked, first: int) -> Ranked:
    """The first so many, highest first; PartsToReview where there are too few."""
    found = first_scored(files, asked, first)
    if len(found.parts) < FIRST_MIN:
        raise PartsToReview(
            f"{len(found.parts)} parts of view '{asked.view}' have a score of the engine in "
            f"service ({asked.engine}) that can be used, expected at least {FIRST_MIN}: "
            f"{_left_out(found.left_out)}let more parts pass"
        )
    order = np.argsort([-part.score for part in found.parts], kind="stable")
    return Ranked([found.parts[k] for k in order], found.left_out, found.gaps)


def listed(files: Files, part: Scored, view: str) -> Listed:
    """As it is shown to a person; RecordsUnreadable where its file has gone meanwhile."""
    row = by_serial(files, part.run, part.serial)
    pictures = [each for each in details(files, row).pictures if each.view == view]
    picture = pictures[0] if pictures else None
    place = None if picture is None else picture.place
    return Listed(
        PartKey(part.run, part.serial), row.part_id, part.score, row.verdict, row.reason, place,
        "" if place else _missing(picture),
    )  # fmt: skip


def said(book: Path, parts: Sequence[Scored], words: Words) -> list[str | None]:
    """What people said of each so far: good, bad, unsure; None of one that nobody was asked about.

    Disputed, and of dirt or bad light, is unsure. With several views a defect counts where it was
    said in the review of this one: another may have shown it. DispositionsError.
    """
    with closing(Book.read(book)) as there:
        about = by_part(there.all())
    return [_said(about.get(PartKey(part.run, part.serial), []), words) for part in parts]


def known(parts: Sequence[Scored], told: Sequence[str | None], top: int) -> Labelled:
    """What follows from that: asked are all down to the first of the `top` that nobody saw."""
    asked = next((k for k, word in enumerate(told[:top]) if word is None), min(top, len(parts)))
    scores = np.array([part.score for part in parts], np.float64)
    meant = {GOOD: True, BAD: False}
    return labelled(scores, [meant.get(word or "") for word in told], asked)


def _said(there: Sequence[Disposition], words: Words) -> str | None:
    found = standing(there)
    if found.word is None:
        return None if found.state is State.NONE else UNSURE
    means = outcome(found.word)
    if means is Means.DEFECT and not words.alone and not _in_this_view(there, words):
        return None
    return {Means.GOOD: GOOD, Means.DEFECT: BAD}.get(means, UNSURE) if means else UNSURE


def _in_this_view(there: Sequence[Disposition], words: Words) -> bool:
    return any(each.origin is Origin.LIMITS and each.note == words.note for each in there)


def _left_out(why: Counter[str]) -> str:
    return "".join(f"{count} {words}; " for words, count in why.most_common())


def _missing(picture: Picture | None) -> str:
    if picture is None:
        return "no picture kept"
    gone = picture.state == "KEPT"
    return "its picture was removed" if gone else f"no picture: {picture.state.lower()}"
