"""What came of a part that was known to be good or bad, on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console

from gonogo.commands.report import span
from gonogo.commands.show.live import LiveView
from gonogo.ipc.journal import JournalView
from gonogo.ipc.journal_records import VerdictEntry
from gonogo.ipc.master_part import Phase, said
from gonogo.records.labels import Labels

if TYPE_CHECKING:
    from gonogo.ipc.master_part import MasterPartView, Request

_ENDED = {
    Phase.RIGHT: "right",
    Phase.WRONG: "WRONG",
    Phase.VOID: "void",
    Phase.REFUSED: "refused",
    Phase.LAPSED: "no part came in time: the next one is a part like any other",
    Phase.TAKEN_BACK: "taken back: the next part is one like any other",
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
        read = f' "{check.text}"' if check.text else ""
        click.echo(f"  rule {name}: {limits} {unit}; {check.value:.4g} ({check.status.name}){read}")


def entry_of(journal: JournalView, serial: int) -> VerdictEntry | None:
    """The part of that serial; None where it has been overwritten, or has none."""
    for sequence in range(journal.written - 1, max(journal.written - journal.records, 0) - 1, -1):
        entry = journal.read(sequence)
        if isinstance(entry, VerdictEntry) and entry.part.serial == serial:
            return entry
    return None
