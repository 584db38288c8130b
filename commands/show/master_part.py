"""What came of a part that was known to be good or bad, and how the gate stands, on a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click
from rich.console import Console

from gonogo.commands.report import span
from gonogo.commands.show.live import LiveView
from gonogo.ipc.journal import JournalView
from gonogo.ipc.journal_records import VerdictEntry
from gonogo.ipc.master_part import Gate, Phase, said
from gonogo.records.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.master_part import MasterPartView, PlaceView, Request

NS_PER_H = 3600 * 10**9
_ENDED = {
    Phase.RIGHT: "right",
    Phase.WRONG: "WRONG",
    Phase.VOID: "void",
    Phase.REFUSED: "refused",
    Phase.LAPSED: "no part came in time: the next one is a part like any other",
    Phase.TAKEN_BACK: "taken back: the next part is one like any other",
}
_NOT_YET = (
    "the known {} part is asked for, and not yet awaited: the next part is one like any other"
)
_UNDER_WAY = {
    Phase.NEW: _NOT_YET,
    Phase.KEEPING: _NOT_YET,
    Phase.ARMED: "the next part is taken for the known {} one",
    Phase.IN_HAND: "the known {} part is being judged",
}
_CLOSED = {
    Gate.WRONG: "it got the wrong answer",
    Gate.OVERDUE: "it was not shown in time",
    Gate.UNKNOWN: "the station ended before its answer was kept, or what was kept is damaged",
}


def verdict_on(request: Request, memory: MasterPartView) -> str:
    """One line on an ended request."""
    why, name = said(request.why, memory.reason), request.part.name.lower()
    words = _ENDED[request.phase] + (f": {why}" if why else "")
    if request.phase is Phase.WRONG:
        words += f". No part passes until a right answer: gonogo master {name}"
    return f"known {name} part: {words}"


def show_part(station: str, serial: int) -> None:
    """The part as a rehearsal shows one, and what each rule measured."""
    journal = JournalView.attach(station)
    try:
        entry = entry_of(journal, serial)
        if entry is None:
            return
        names, units = Labels.read(journal.about).rules_of(entry.recipe)
    finally:
        journal.close()
    view = LiveView(Console(highlight=False), names)
    view.heading()
    view.show(entry)
    for name, unit, check in zip(names, units, entry.checks, strict=False):
        limits = span(check.low, check.high)
        click.echo(f"  rule {name}: {limits} {unit}; {check.value:.4g} ({check.status.name})")


def entry_of(journal: JournalView, serial: int) -> VerdictEntry | None:
    """The part of that serial; None where it has been overwritten, or has none."""
    for sequence in range(journal.written - 1, max(journal.written - journal.records, 0) - 1, -1):
        entry = journal.read(sequence)
        if isinstance(entry, VerdictEntry) and entry.part.serial == serial:
            return entry
    return None


def standing(memory: MasterPartView) -> Iterator[str]:
    """The gate, what was shown and when it is due; nothing of a station that needs none."""
    now_ns = time.monotonic_ns()
    for part, place in memory.places.items():
        name = part.name.lower()
        if place.gate is not Gate.OPEN:
            yield (
                f"NO PART PASSES until a right answer to the known {name} part "
                f"(gonogo master {name}): {_CLOSED[place.gate]}"
            )
        if place.passed_ns or place.due_ns:
            yield f"known {name} part: {_shown(place, now_ns)}"
    request = memory.request
    if request.number and not request.ended:
        yield _UNDER_WAY[request.phase].format(request.part.name.lower())


def _shown(place: PlaceView, now_ns: int) -> str:
    """When it was shown last, and when it is due."""
    passed = "not shown since the start"
    if place.passed_ns:
        passed = f"right {(now_ns - place.passed_ns) / NS_PER_H:.1f} h ago"
    if not place.due_ns:
        return passed
    left_h = (place.due_ns - now_ns) / NS_PER_H
    return f"{passed}, due in {left_h:.1f} h" if left_h > 0 else f"{passed}, due"
