"""Limits from parts that passed, on a page: what `gonogo limits review` does, seen and dragged.

It is the same review: the same parts, words, rule and file (gonogo.console.limits). A part of which
this person is still to be asked in the audit sample is not among those that are shown: its score
would lead the answer.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import (
    LimitsNotApplied,
    NoLimitsFollow,
    NothingToUndo,
    ReviewMoved,
    ScreenUnasked,
)
from gonogo.build.review.answer import meant
from gonogo.build.review.proposal import as_they_are
from gonogo.build.review.station import FIRST_MAX, TOP, Words
from gonogo.config.limits_applying import last
from gonogo.config.limits_in_file import Place
from gonogo.config.reader import read
from gonogo.config.started_by import started_by
from gonogo.config.station import load_station
from gonogo.console.limits.change import Asking, apply_limits, diff_lines, planned, undo_limits
from gonogo.console.limits.session import session_of
from gonogo.console.limits.subject import places_of, subject_of
from gonogo.console.screen.spoken import author
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.last_good_file import digest
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.labels import by_part
from gonogo.records.dispositions.part import key_of, known
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.said import Request
from gonogo.records.dispositions.words import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.base.interval import Estimate
    from gonogo.base.scores import ScoreLimits
    from gonogo.build.review.partlist import Listed
    from gonogo.build.review.proposal import Labelled
    from gonogo.build.thresholds import Thresholds
    from gonogo.config.limits_applying import Change
    from gonogo.console.limits.session import Session
    from gonogo.console.screen.access import Person
    from gonogo.console.screen.desk import Sender
    from gonogo.console.screen.limits_asked import (
        LimitsAsked,
        SayAsked,
        UndoAsked,
        Where,
    )
    from gonogo.console.screen.shown import Behind
    from gonogo.records.dispositions.said import Disposition

BY_HAND = "limits set by hand in the limits review (the shares are of the parts reviewed)"


class LimitsReview:
    """Of one station. Each call reads files, and may wait for a disk."""

    def __init__(self, behind: Behind) -> None:
        self._behind, self._plan = behind, behind.plan

    def found(self, person: Person, where: Where) -> dict[str, Any]:
        """All that the page shows; PartsToReview, RecordsUnreadable, StationFileError."""
        file = self._file()
        places = places_of(load_station(file))
        # nobody has chosen yet: the first
        session = self._session(file, Place(*where) if where.view or not places else places[0])
        review, known_so_far = session.review, session.labelled
        hidden = self._behind.review.waiting(person)
        shown = [part for part in review.shown if part.key not in hidden]
        return {
            "places": [each._asdict() for each in places], "place": session.subject.place._asdict(),
            "engine": review.engine, "in_force": list(review.in_force[:2]),
            "in_file": session.subject.installed is None, "sha256": digest(read(file)),
            "parts": self._parts(session, shown), "hidden": len(review.shown) - len(shown),
            "found": len(review.found.parts), "missing": review.found.missing,
            "left_out": [list(each) for each in review.found.left_out.most_common()],
            "scores": _scores(known_so_far), "lowest": _finite(known_so_far.lowest),
            **_proposed(session), "undone": self._can_undo(file),
        }  # fmt: skip

    def say(self, asked: SayAsked, sender: Sender) -> list[Disposition]:
        """Write down what a part is; errors as gonogo.console.screen.spoken has them."""
        names = [view.name for view in self._plan.views]
        if asked.view not in names:
            raise ScreenUnasked("expected a view of this station; reload the page")
        found = self._behind.archive.find(asked.run, asked.serial)
        part = known(found.row, found.about)
        word, code = meant(asked.label, part, self._plan.dispositions.means)
        request = Request(
            request_id=asked.request_id, part=key_of(found.row), word=word, code=code,
            note=Words(asked.view, alone=len(names) == 1).note, who=sender.person.name,
            origin=Origin.LIMITS, seen=asked.seen,
        )  # fmt: skip
        return self._behind.speaking.send(found, request, *sender)

    def difference(self, where: Where, limits: ScoreLimits) -> dict[str, Any]:
        """What applying them would change in the station file; LimitsNotApplied."""
        return _shown(planned(subject_of(self._file(), *where), limits))

    def apply(self, asked: LimitsAsked, sender: Sender) -> None:
        """Write them; LimitsNotApplied, ReviewMoved, NoLimitsFollow where none are proposed."""
        session = self._session(self._file(), Place(*asked.where))
        limits, subject = asked.limits, session.subject
        if subject.installed is not None:
            raise LimitsNotApplied(
                f"{subject.place} is a bundle: its limits are signed with it and stand in no "
                "station file; `gonogo limits review --apply --out` makes another one with them"
            )
        proposal = session.propose()
        change = _agreed(planned(subject, limits), asked.sha256)
        good, bad = proposal.labelled.taken_as_good, proposal.labelled.bad
        theirs = limits[:2] == proposal.limits[:2]
        expected = proposal.expected if theirs else as_they_are(limits, good, bad, BY_HAND)
        apply_limits(change, subject, expected, Asking(asked.why, author(*sender)))

    def undone(self) -> dict[str, Any]:
        """What taking the last limits back would change; NothingToUndo."""
        return _shown(last(self._file()))

    def undo(self, asked: UndoAsked, sender: Sender) -> None:
        """Take them back; NothingToUndo, ReviewMoved, LimitsNotApplied."""
        change = _agreed(last(self._file()), asked.sha256)
        undo_limits(change, Asking(asked.why, author(*sender)))

    def _file(self) -> Path:
        return started_by(self._plan.station, Trail(trail_of(self._plan.records)))

    @staticmethod
    def _session(file: Path, place: Place) -> Session:
        return session_of(subject_of(file, place.view or None, place.recipe), FIRST_MAX, TOP)

    @staticmethod
    def _can_undo(file: Path) -> bool:
        try:
            last(file)
        except NothingToUndo:
            return False
        return True

    def _parts(self, session: Session, shown: Iterable[Listed]) -> list[dict[str, Any]]:
        with closing(Book.read(beside_records(session.files.path))) as book:
            about = by_part(book.all())
        told = dict(zip((part.key for part in session.review.shown), session.told, strict=False))
        views = [view.name for view in self._plan.views]
        name = session.subject.place.view
        view = views.index(name) if name in views else None
        return [
            {
                "run": part.key.run, "serial": part.key.serial, "part_id": part.part_id,
                "score": part.score, "verdict": part.verdict, "reason": part.reason,
                "view": None if part.picture is None else view, "missing": part.missing,
                "said": told[part.key],
                "seen": max((each.number for each in about.get(part.key, ())), default=0),
            }
            for part in shown
        ]  # fmt: skip


def _agreed(change: Change, sha256: str) -> Change:
    """ReviewMoved where the file is another one than that whose difference was shown."""
    if digest(change.before) != sha256:
        raise ReviewMoved(
            f"{change.path}: it was edited since its difference was shown, and is as it was left; "
            "look at the difference again"
        )
    if change.after == change.before:
        raise LimitsNotApplied(f"{change.path} has these limits already")
    return change


def _shown(change: Change) -> dict[str, Any]:
    return {"lines": list(diff_lines(change)), "sha256": digest(change.before)}


def _scores(found: Labelled) -> dict[str, list[float]]:
    return {
        name: sorted(map(float, getattr(found, name)))
        for name in ("good", "bad", "unsure", "assumed")
    }


def _proposed(session: Session) -> dict[str, Any]:
    """The proposal with what is expected of it, or why there is none."""
    try:
        proposal = session.propose()
    except NoLimitsFollow as error:
        return {"proposed": None, "why_none": str(error.args[0])}
    proposed = {"limits": list(proposal.limits[:2]), "expected": _expected(proposal.expected)}
    return {"proposed": proposed, "why_none": ""}


def _expected(of_them: Thresholds) -> dict[str, Any]:
    return {
        "overkill": _counts(of_them.overkill), "recheck": _counts(of_them.recheck),
        "escape": None if of_them.escape is None else _counts(of_them.escape),
    }  # fmt: skip


def _counts(of: Estimate) -> dict[str, float]:
    return {"events": of.events, "of": of.of, "low": of.low, "high": of.high}


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
