"""Records of parts that two engines judged.

Import as `gonogo.tests.records.shadows`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.store import Labels, Store
from gonogo.runtime.decide import SCORE_AT_LIMIT
from gonogo.runtime.entries import Stamps, VerdictEntry
from gonogo.runtime.parts import Kind, Look, Mode, Reason, Score
from gonogo.tests.fakes import part_now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OLD, NEW = 0xABCDEF0123456789, 0x0123456789ABCDEF  # engine ids
RECHECK_AT = 4000
MS = 1_000_000  # ns


class Twin(NamedTuple):
    """A part and the score words that two engines give it; None: that engine was silent."""

    serial: int
    active: int | None
    shadow: int | None


def write(
    path: Path,
    twins: Sequence[Twin],
    run: str = "run1",
    views: tuple[str, ...] = ("top",),
    engines: tuple[int, int] = (OLD, NEW),
) -> Path:
    """A database as a station leaves it: the active engine took 10 ms, the shadow 12 ms.

    `engines`: ids of the first view; each further view has the next ones.
    """
    store = Store(path, Labels(views, (), ()), run)
    store.write([_entry(twin, len(views), engines[0]) for twin in twins])
    store.close()
    rows = [
        (run, twin.serial, view, *_shadow(twin), 30 * MS, 42 * MS, f"{engines[1] + number:016x}")
        for twin in twins
        for number, view in enumerate(views)
    ]
    with closing(sqlite3.connect(path)) as db:
        db.executemany("INSERT INTO shadow VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows)
        db.commit()
    return path


def said(word: int | None) -> tuple[Kind, Reason]:
    """Verdict and reason of a score word."""
    if word is None:
        return Kind.REJECT, Reason.ENGINE_SILENT
    if word > SCORE_AT_LIMIT:
        return Kind.REJECT, Reason.ENGINE
    return (Kind.RECHECK, Reason.ENGINE_DOUBT) if word > RECHECK_AT else (Kind.ACCEPT, Reason.OK)


def _entry(twin: Twin, views: int, engine_id: int) -> VerdictEntry:
    kind, reason = said(twin.active)
    scores: list[Score | None] = [None] * views
    if twin.active is not None:
        scores = [
            Score(view, twin.active / 1000, 20 * MS, 30 * MS, engine_id + view)
            for view in range(views)
        ]
    return VerdictEntry(
        part=part_now(twin.serial),
        stamps=Stamps(1, 2, 3, 4, 5),
        kind=kind,
        reason=reason,
        mode=Mode.RULES_ONLY if twin.active is None else Mode.FULL,
        score=twin.active or 0,
        rules=Kind.NONE,
        engine=Kind.NONE if twin.active is None else kind,
        looks=tuple(Look(view, 0, 6) for view in range(views)),
        scores=tuple(scores),
        checks=(),
    )


def _shadow(twin: Twin) -> tuple[str, str, str, int, float | None, str]:
    kind, reason = said(twin.shadow)
    if twin.shadow is None:
        return kind.name, reason.name, Kind.NONE.name, 0, None, Reason.ENGINE_SILENT.name
    return kind.name, reason.name, kind.name, twin.shadow, twin.shadow / 9, Reason.OK.name
