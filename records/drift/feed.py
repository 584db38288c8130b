"""From rows of the records, and frames that were measured, to parts for the charts.

A part has a row of each view, also where no frame came: it counts for the share of rejects then,
or the chart would starve when a camera dies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import VerdictKind
from gonogo.records.drift.part import Conditions, JudgedPart
from gonogo.records.schema import NOT_KNOWN, SERIAL_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.records.drift.frames import Shown
    from gonogo.records.drift.rows import PartRow, ViewRow

KEPT = 4096  # measured frames of a view that wait for their rows
_MS_PER_S = 1000.0


class FedView(NamedTuple):
    """One view: its name, for how long it is exposed, and whether an engine scores it."""

    name: str
    exposure_us: float
    scored: bool


class Feed:
    """`run`: the name of the run whose frames are measured; serials are of that one."""

    def __init__(self, run: str, views: Sequence[FedView]) -> None:
        self._run, self._views = run, views
        # the engine that scored a view last judges also the part that got no score
        self._engines: dict[str, str] = {}
        self._shown: dict[str, dict[int, Shown]] = {view.name: {} for view in views}

    def show(self, view: str, shown: Shown) -> None:
        """A frame was measured, whose row comes later, or has come."""
        waiting = self._shown[view]
        waiting[shown.serial] = shown
        while len(waiting) > KEPT:
            del waiting[next(iter(waiting))]

    def parts(self, row: PartRow) -> Iterator[JudgedPart]:
        """One a view; none of a master part, which is shown on purpose, or of an unfinished one."""
        if row.master_part or row.verdict == NOT_KNOWN:
            return
        rows = {each.view: each for each in row.views}
        for view in self._views:
            shown = self._shown[view.name].pop(row.serial, None) if row.run == self._run else None
            part = self._part(row, view, rows.get(view.name), shown)
            if part is not None:
                yield part

    def _part(
        self, row: PartRow, view: FedView, its: ViewRow | None, shown: Shown | None
    ) -> JudgedPart | None:
        if its is not None and its.engine:
            self._engines[view.name] = its.engine
        engine = self._engines.get(view.name, "")
        if view.scored and not engine:  # nobody knows yet whose chart that is
            return None
        return JudgedPart(
            row.id >> SERIAL_BITS, row.serial, row.wall_ms / _MS_PER_S, row.trigger_ns,
            Conditions(view.name, engine, row.recipe, view.exposure_us),
            accepted=row.verdict == VerdictKind.ACCEPT.name,
            trusted=its is not None and its.trusted,
            score=None if its is None else its.score,
            embedding=None if shown is None else shown.embeddings.get(engine),
            looks=None if shown is None else shown.seen.looks,
            places=None if shown is None else shown.seen.places,
        )  # fmt: skip
