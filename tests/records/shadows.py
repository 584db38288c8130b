"""Records of parts that two engines judged.

Import as `gonogo.tests.records.shadows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.scores import SCORE_AT_LIMIT
from gonogo.base.words import Mode, Reason, Score, VerdictKind, ViewCapture
from gonogo.ipc.journal_records import ShadowEntry, StageTimes, VerdictEntry
from gonogo.records.labels import Labels
from gonogo.records.store import Store
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


# of each kind that two engines can differ in
TWINS = [
    Twin(1, 2000, 2100),
    Twin(2, 2600, 2400),
    Twin(3, 3900, 4100),  # recheck instead of accept
    Twin(4, 5001, 3000),  # accept instead of reject: the worst there is
    Twin(5, 1000, 9000),  # reject instead of accept
    Twin(6, 5000, 5000),
    Twin(7, 0, 10000),
]


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
    store.write([_shadow(twin, len(views), engines[1]) for twin in twins])
    store.close()
    return path


def said(word: int | None) -> tuple[VerdictKind, Reason]:
    """Verdict and reason of a score word."""
    if word is None:
        return VerdictKind.REJECT, Reason.ENGINE_SILENT
    if word > SCORE_AT_LIMIT:
        return VerdictKind.REJECT, Reason.ENGINE
    return (
        (VerdictKind.RECHECK, Reason.ENGINE_DOUBT)
        if word > RECHECK_AT
        else (VerdictKind.ACCEPT, Reason.OK)
    )


def _entry(twin: Twin, views: int, engine_id: int) -> VerdictEntry:
    kind, reason = said(twin.active)
    silent = twin.active is None
    return VerdictEntry(
        part=part_now(twin.serial),
        stamps=StageTimes(1, 2, 3, 4, 5),
        kind=kind,
        reason=reason,
        mode=Mode.RULES_ONLY if silent else Mode.FULL,
        score=twin.active or 0,
        rules=VerdictKind.NONE,
        engine=VerdictKind.NONE if silent else kind,
        looks=tuple(ViewCapture(view, 0, 6) for view in range(views)),
        scores=_scores(twin.active, views, engine_id, done_ns=30 * MS),
        checks=(),
    )


def _shadow(twin: Twin, views: int, engine_id: int) -> ShadowEntry:
    kind, reason = said(twin.shadow)
    alone = VerdictKind.NONE if twin.shadow is None else kind
    scores = _scores(twin.shadow, views, engine_id, done_ns=32 * MS)
    return ShadowEntry(
        twin.serial, twin.serial % 65536, kind, reason, twin.shadow or 0, alone, scores
    )


def _scores(
    word: int | None, views: int, engine_id: int, *, done_ns: int
) -> tuple[Score | None, ...]:
    if word is None:
        return (None,) * views
    return tuple(
        Score(view, word / 1000, 20 * MS, done_ns, engine_id + view) for view in range(views)
    )
