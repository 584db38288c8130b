"""Whether another engine is worth making: what is asked for that, of the engine and the records."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError
from gonogo.commands.in_service import WINDOW_MS, promise_of, station_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gonogo.commands.show.proposal import Known
    from gonogo.config.station import Station
    from gonogo.records.dispositions.labels import Label


def labels_of(records: Path) -> list[Label]:
    """The usable words of people; DispositionsError."""
    from gonogo.records.dispositions.book import Book
    from gonogo.records.dispositions.labels import labels
    from gonogo.records.dispositions.reading import beside_records
    from gonogo.records.volumes import base_of

    book = Book.read(beside_records(base_of(records)))
    try:
        return labels(book.all())
    finally:
        book.close()


def known_of(
    records: Path, labels: Sequence[Label], station: Station, now_ms: int | None = None
) -> Known | None:
    """What the labels say of a station's engines; None where it has none.

    `now_ms`: UTC, of the clock where it is left out. BundleError, ModelError, RecordsUnreadable.
    """
    from gonogo.commands.show.proposal import Known
    from gonogo.records.export.proposal import proposal
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.sums import scores

    promise = promise_of(station)
    if promise is None:
        return None
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    since_ms = max(promise.made_ms, now_ms - WINDOW_MS)
    counts = scores(Files(records), since_ms, now_ms) if labels else {}
    return Known(promise, proposal(labels, counts, promise))


def status_lines(records: Path | None, now_ms: int | None = None) -> Iterator[str]:
    """A line where something is proposed, for `gonogo status`; nothing where that is not known."""
    from gonogo.commands.show.proposal import why
    from gonogo.records.export.proposal import FEWEST

    with contextlib.suppress(GonogoError, OSError, ValueError):
        labels = [] if records is None else labels_of(records)
        # the usual case: neither the engine nor the records need to be asked
        if records is None or len(labels) < FEWEST:
            return
        loaded = station_of(records)
        known = None if loaded is None else known_of(records, labels, loaded, now_ms)
        if known is not None and known.found.holds:
            yield f"proposal: {'; '.join(why(known))} (gonogo export --proposal)"
