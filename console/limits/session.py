"""One review: the parts that a person is asked about, what was said of them, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.review.proposal import propose
from gonogo.build.review.station import Review, Words, known, listed, ranked, said
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.questions.files import Files
from gonogo.records.questions.scored import Asked

if TYPE_CHECKING:
    from gonogo.build.review.proposal import Labelled, Proposal
    from gonogo.console.limits.subject import Subject


class Session(NamedTuple):
    """A review of a station's parts, and the files that it is of."""

    subject: Subject
    files: Files
    review: Review

    @property
    def told(self) -> list[str | None]:
        """What people said so far of each part that was found; DispositionsError."""
        review = self.review
        return said(beside_records(self.files.path), review.found.parts, review.words)

    @property
    def labelled(self) -> Labelled:
        """What is known of the parts by that; DispositionsError."""
        review = self.review
        return known(review.found.parts, self.told, len(review.shown))

    def propose(self) -> Proposal:
        """Limits that follow from what was said; NoLimitsFollow, DispositionsError."""
        return propose(self.labelled, self.subject.in_force)


def session_of(subject: Subject, first: int, top: int) -> Session:
    """The `top` highest scores of the `first` parts; PartsToReview, RecordsUnreadable."""
    station, name = subject.station, subject.view.name
    files = Files(station.records.path)
    # one set of limits for one kind of part: with recipes, those of this one alone
    recipe = subject.place.recipe if station.recipe else None
    found = ranked(files, Asked(name, subject.engine, recipe), first)
    shown = [listed(files, part, name) for part in found.parts[:top]]
    words = Words(name, alone=len(station.view) == 1)
    return Session(subject, files, Review(subject.engine, subject.in_force, found, shown, words))
