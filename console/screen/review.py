"""What waits for people: parts on which two of them differ, and the sample of accepted parts.

Of the sample neither score nor number is shown, nor what anybody said of it: a part is known by the
ticket of its question alone.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field

from gonogo.base.errors import DispositionUnfit
from gonogo.base.section import Section
from gonogo.console.screen.access import AUDIT
from gonogo.console.screen.archive import clock_of, day_of, kept_of, pixels_of
from gonogo.console.screen.frames import jpeg_of
from gonogo.console.screen.spoken import Code, Note
from gonogo.records.dispositions.audit import ANSWERS, in_order, questions
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.labels import State, by_part, standing
from gonogo.records.dispositions.part import key_of
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.said import Request
from gonogo.records.dispositions.words import Origin
from gonogo.records.questions.files import Files
from gonogo.records.questions.samples import audit_sample
from gonogo.records.shifts import shift_start_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.console.screen.access import Person
    from gonogo.console.screen.archive import Archive
    from gonogo.console.screen.plan import ScreenPlan
    from gonogo.console.screen.spoken import Speaking
    from gonogo.records.dispositions.audit import Question
    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.dispositions.words import PartKey

SHOWN = 100  # disputed parts, the newest first
DAYS_MS = 7 * 86_400_000  # of shifts whose sample is asked about


class AnswerAsked(Section):
    """What the page of the audit sample sends."""

    ticket: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    answer: Literal["good", "defect", "unsure"]
    code: Code = ""
    note: Note = ""


class Sample(NamedTuple):
    """What is open for a person, the next one first, and what was said so far."""

    questions: list[Question]
    said: list[Disposition]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Review:
    """Of one station."""

    def __init__(
        self,
        plan: ScreenPlan,
        archive: Archive,
        speaking: Speaking,
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        self._plan, self._archive, self._speaking = plan, archive, speaking
        self._now_ms = now_ms

    def disputed(self, language: str) -> list[dict[str, Any]]:
        """Parts that a supervisor has to decide, the newest first, with both opinions."""
        found = [some for some in by_part(self._said()).values() if _differ(some)]
        newest = sorted(found, key=lambda some: some[-1].number, reverse=True)[:SHOWN]
        return [
            {
                "run": some[0].part.run, "serial": some[0].part.serial,
                "part_id": some[0].part_id, "verdict": some[0].verdict.name,
                "reason": some[0].reason.name, "at": clock_of(some[0].part_wall_ms),
                "day": day_of(some[0].part_wall_ms),
                "said": [self._archive.in_words(each, language) for each in some],
            }
            for some in newest
        ]  # fmt: skip

    def next(self, person: Person, language: str) -> dict[str, Any]:
        """The next question for a person: its ticket, and the views of which there is a picture."""
        person.demand(AUDIT)
        if not self._plan.audited:
            return {"open": False, "audited": False}
        sample = self._sample(person)
        if not sample.questions:
            return {"open": False, "audited": True}
        first = sample.questions[0]
        found = self._archive.find(first.part.run, first.part.serial)
        kept = {each.view for each in found.about.pictures if each.place is not None}
        names = [view.name for view in self._plan.views]
        views = [{"view": k, "name": name} for k, name in enumerate(names) if name in kept]
        codes = self._archive.codes(language)
        return {"open": True, "audited": True, "ticket": first.ticket, "views": views,
                "codes": codes}  # fmt: skip

    def picture(self, person: Person, ticket: str, view: str) -> bytes:
        """Of the part of an open question, as a JPEG; NoSuchPart, DispositionUnfit."""
        person.demand(AUDIT)
        part = self._asked(self._sample(person), ticket)
        kept = kept_of(self._archive.find(*part), view)
        return jpeg_of(pixels_of(kept), self._plan.screen.picture_px)

    def answer(self, asked: AnswerAsked, person: Person, address: str) -> list[Disposition]:
        """Write an answer down; DispositionUnfit for a ticket that is not open for that person."""
        person.demand(AUDIT)
        sample = self._sample(person)
        again = next((each for each in sample.said if each.request_id == asked.ticket), None)
        mine = again is not None and again.who == person.name
        key = again.part if again and mine else self._asked(sample, asked.ticket)
        found = self._archive.find(*key)
        # what others said is not shown to whoever is asked, and so is no reason to refuse
        newest = max((each.number for each in sample.said if each.part == key), default=0)
        request = Request(
            request_id=asked.ticket, part=key_of(found.row), word=ANSWERS[asked.answer],
            code=asked.code, note=asked.note, who=person.name, origin=Origin.AUDIT,
            seen=again.seen if again and mine else newest,
        )  # fmt: skip
        return self._speaking.send(found, request, person, address)

    def waiting(self, person: Person) -> frozenset[PartKey]:
        """Parts that this person is still to be asked about, and shall know no score of."""
        if not self._plan.audited or AUDIT not in person.may:
            return frozenset()
        return frozenset(key_of(each.part) for each in self._sample(person).questions)

    def _sample(self, person: Person) -> Sample:
        starts = self._plan.shift_starts
        until_ms = shift_start_ms(self._now_ms(), starts)  # of shifts that are over
        drawn = audit_sample(Files(self._archive.records), until_ms - DAYS_MS, until_ms)
        said = self._said()
        again = self._plan.dispositions.shown_again_one_in
        return Sample(questions(in_order(drawn, starts), said, person.name, again), said)

    def _said(self) -> list[Disposition]:
        with closing(Book.read(beside_records(self._archive.records))) as book:
            return list(book.all())

    @staticmethod
    def _asked(sample: Sample, ticket: str) -> tuple[str, int]:
        for each in sample.questions:
            if each.ticket == ticket:
                return each.part.run, each.part.serial
        raise DispositionUnfit(f"ticket {ticket!r} is not open for this person: ask for the next")


def _differ(some: list[Disposition]) -> bool:
    return standing(some).state is State.DISPUTED
