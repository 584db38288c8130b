"""Which verdicts people set aside, by shift, camera and reason: what to look at first.

A row of a part does not say which view decided it. It follows from the rule that failed, where one
view alone has a rule of that name, and of an engine where it scored one view; else it is not known.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError
from gonogo.base.words import Reason, Status
from gonogo.console.screen.archive import clock_of, day_of
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.fit import typed
from gonogo.records.dispositions.labels import by_part, standing
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.shifts import shift_start_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.screen.archive import Archive
    from gonogo.console.screen.plan import ScreenPlan
    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.questions.details import Details

SHIFTS = 21  # a week of three a day
LOOKED_UP = 300  # parts whose camera is looked up in the records, the newest first


def overrides(plan: ScreenPlan, archive: Archive, language: str, now_ms: int) -> dict[str, Any]:
    """Shifts, the newest first, and how often what was said in each; DispositionsError."""
    starts = shift_starts(now_ms, plan.shift_starts)
    with closing(Book.read(beside_records(plan.records))) as book:
        parts = list(by_part(book.all()).values())
    reviewed: Counter[int] = Counter()
    found: list[tuple[int, Disposition]] = []
    for some in parts:
        shift = _shift(starts, some[0].part_wall_ms)
        word = standing(some).word
        if shift is not None:
            reviewed[shift] += 1
            if word is not None and word.overrides:
                found.append((shift, word))
    return {
        "shifts": [
            {"day": day_of(start), "at": clock_of(start)[:5], "reviewed": reviewed[k]}
            for k, start in enumerate(starts)
        ],
        "cameras": [view.name for view in plan.views],
        "counts": _counted(plan, archive, language, found),
    }  # fmt: skip


def shift_starts(now_ms: int, starts: Sequence[str]) -> list[int]:
    """When the newest SHIFTS began, UTC ms, the one that runs first; `starts` as in [records]."""
    found = [shift_start_ms(now_ms, starts)]
    while len(found) < SHIFTS:
        found.append(shift_start_ms(found[-1] - 1, starts))
    return found


def camera_of(plan: ScreenPlan, reason: Reason, about: Details) -> str:
    """The view that decided a part, "" where that is not known."""
    if reason is Reason.RULE:
        failed = {each.rule for each in about.checks if each.status == Status.FAIL.name}
        views = {view.name for view in plan.views if failed & set(view.rules)}
    else:
        views = {look.view for look in about.looks if look.score is not None}
    return views.pop() if len(views) == 1 else ""


def _shift(starts: Sequence[int], wall_ms: int) -> int | None:
    return next((k for k, start in enumerate(starts) if start <= wall_ms), None)


def _counted(
    plan: ScreenPlan, archive: Archive, language: str, found: list[tuple[int, Disposition]]
) -> list[dict[str, Any]]:
    texts = {each["code"]: each["text"] for each in archive.codes(language)}
    newest = sorted(found, key=lambda each: each[1].number, reverse=True)
    counts: Counter[tuple[int, str, str, str]] = Counter()
    for at, (shift, said) in enumerate(newest):
        camera = _camera(plan, archive, said, look_up=at < LOOKED_UP)
        counts[shift, camera, typed(said.word), texts.get(said.code, said.code)] += 1
    return [
        {"shift": shift, "camera": camera, "word": word, "text": text, "count": count}
        for (shift, camera, word, text), count in counts.most_common()
    ]


def _camera(plan: ScreenPlan, archive: Archive, said: Disposition, *, look_up: bool) -> str:
    if len(plan.views) == 1:
        return plan.views[0].name
    if look_up:
        with suppress(GonogoError):  # its row may have gone with its month
            return camera_of(plan, said.reason, archive.find(*said.part).about)
    return ""
