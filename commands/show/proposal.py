"""Whether another engine is worth making, in lines for people. Nothing is ever trained by that."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ExportError, GonogoError
from gonogo.records.export.proposal import ENOUGH_LABELS, FEWEST, POINTS, Promise, proposal
from gonogo.records.questions.part_row import utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.config.station import Station
    from gonogo.records.dispositions.labels import Label
    from gonogo.records.export.proposal import Agreement, Proposal

NEXT = "  look at the labels, then: gonogo export --as mvtec --out FOLDER (see docs/export.md)"


class _Known(NamedTuple):
    """Of a station that has engines."""

    promise: Promise
    found: Proposal


def proposal_lines(station: str | None) -> Iterator[str]:
    """How many labels there are, how people agree with the engine, what follows; ExportError."""
    from gonogo.commands.in_service import station_of
    from gonogo.commands.recorded import recorded
    from gonogo.config.station import load_station

    records = recorded(station).path
    named = station is not None and station.endswith(".toml")
    loaded = load_station(Path(str(station))) if named else station_of(records)
    if loaded is None:
        raise ExportError(
            f"{records}: which engines are in service is not known there; expected --station with "
            "a station file"
        )
    known = _known(records, _labels(records), loaded)
    if known is None:
        raise ExportError(f"{loaded.station.name}: no view has an engine; nothing can be proposed")
    yield from _in_lines(known)


def status_lines(records: Path | None, now_ms: int | None = None) -> Iterator[str]:
    """A line where something is proposed, for `gonogo status`; nothing where that is not known.

    `now_ms`: UTC, of the clock where it is left out.
    """
    from gonogo.commands.in_service import station_of

    with contextlib.suppress(GonogoError, OSError, ValueError):
        labels = [] if records is None else _labels(records)
        # the usual case: neither the engine nor the records need to be asked
        if records is None or len(labels) < FEWEST:
            return
        loaded = station_of(records)
        known = None if loaded is None else _known(records, labels, loaded, now_ms)
        if known is not None and known.found.holds:
            yield f"proposal: {'; '.join(_why(known))} (gonogo export --proposal)"


def _labels(records: Path) -> list[Label]:
    from gonogo.commands.export import labels_of

    return labels_of(records)


def _known(
    records: Path, labels: Sequence[Label], station: Station, now_ms: int | None = None
) -> _Known | None:
    from gonogo.commands.in_service import WINDOW_MS, promise_of
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.sums import scores

    promise = promise_of(station)
    if promise is None:
        return None
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    since_ms = max(promise.made_ms, now_ms - WINDOW_MS)
    counts = scores(Files(records), since_ms, now_ms) if labels else {}
    return _Known(promise, proposal(labels, counts, promise))


def _in_lines(known: _Known) -> Iterator[str]:
    promise, found = known
    yield f"engine in service: {promise.names}, made {utc(promise.made_ms)[:16]} UTC"
    yield (
        f"  {found.labels} usable labels of parts since then; {ENOUGH_LABELS} are enough for "
        "another one"
    )
    yield f"  {_agreed(found.agreement)}"
    if found.holds:
        yield f"another engine is proposed: {'; '.join(_why(known))}"
        yield NEXT
    else:
        yield "nothing is proposed"


def _agreed(found: Agreement | None) -> str:
    if found is None:
        return f"agreement is not known: fewer than {FEWEST} parts that it rejected have a label"
    alone = (
        f"overkill alone: its proof had no bad parts, or fewer than {FEWEST} accepted parts of the "
        "audit sample have a label"
    )
    errors = "overkill and escape" if found.escape else alone
    return (
        f"agreement {100 * found.share:.1f} %, at best {100 * found.best:.1f} % (95 %); its proof "
        f"promised {100 * found.promised:.1f} % (by {errors})"
    )


def _why(known: _Known) -> Iterator[str]:
    found = known.found
    if found.enough:
        yield f"{found.labels} usable labels since {known.promise.names} was made"
    if found.agreement is not None and found.agreement.low:
        below = 100 * (found.agreement.promised - found.agreement.share)
        yield (
            f"people agree with it {below:.1f} points less than its proof promised "
            f"({100 * POINTS:g} are too many)"
        )
