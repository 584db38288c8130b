"""`gonogo audit`: who changed what at a station, and whether the trail is as it was written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import AuditBroken
from gonogo.commands.implied import Implied
from gonogo.commands.moments import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.ipc.audit.row import Head

SHOWN = 10  # broken rows


class ShowUnlessSaid(Implied):
    """A word that is no command of it is a station, to be shown."""

    implied = "show"


@click.group(cls=ShowUnlessSaid)
def audit() -> None:
    """Who changed what, when and why; `show` may be left out."""


@audit.command()
@click.argument("station")
@click.option("--since", "since_ms", type=Moment(), help="from then on: 14:02, 2026-11-30, or both")
@click.option("--last", type=click.IntRange(1), help="the newest so many")
@click.option("--json", "plain", is_flag=True, help="one JSON object a line, as they stand there")
def show(station: str, since_ms: int | None, last: int | None, *, plain: bool) -> None:
    """Show the rows of the station's trail, and of the folder of its engines, oldest first."""
    from gonogo.commands.trails import rows, trails
    from gonogo.console.show.audit import in_lines
    from gonogo.ipc.audit.row import line_of

    found = list(rows(trails(station), since_ms))
    for path, row in found[-(last or 0) :]:
        if plain:
            click.echo(json.dumps({"trail": path.name, **json.loads(line_of(row))}))
        else:
            for line in in_lines(row, path.name):
                click.echo(line)
    if not found and not plain:
        click.echo("no such row")


@audit.command()
@click.argument("station")
@click.option(
    "--archived", is_flag=True, help="old files were moved away: begin with the first row there is"
)
def verify(station: str, *, archived: bool) -> None:
    """Check that no row was changed, removed, added or moved; exit code 1 names the first one."""
    from gonogo.commands.trails import known_of, trails

    found = trails(station)
    broken = [_verified(path, known_of(found, path), archived=archived) for path in found.paths]
    first = next((text for text in broken if text), "")
    if first:
        raise AuditBroken(first)


def _verified(path: Path, known: Mapping[str, Head], *, archived: bool) -> str:
    """Say how a trail stands; its first broken row, or ''."""
    from gonogo.ipc.audit.verifying import verify as verified

    found = verified(path, known, archived=archived)
    for note in found.notes:
        click.echo(f"{path.name}: {note}")
    for finding in found.findings[:SHOWN]:
        click.echo(f"{path.name}: BROKEN: {finding}")
    if len(found.findings) > SHOWN:
        click.echo(f"{path.name}: and {len(found.findings) - SHOWN} more, which may follow from it")
    if found.findings:
        return f"{path}: the first broken row is {found.findings[0]}"
    newest = f", the newest {found.last.hash[:16]}..." if found.last else ""
    places = " and ".join(known)
    held = f"its end is known to {places}" if known else "no other place knows its end"
    click.echo(f"{path.name}: {found.rows} rows, as they were written{newest}; {held}")
    return ""


@audit.command()
@click.argument("station")
@click.argument("text")
def note(station: str, text: str) -> None:
    """Write a note of at most 200 characters into the trail: what was done by hand, and why."""
    from gonogo.commands.trails import trails
    from gonogo.ipc.audit.row import Entry
    from gonogo.ipc.audit.trail import Trail

    row = Trail(trails(station).station).append(Entry("note", "noted", why=text))
    click.echo(f"row {row.number}: {row.why}")


COMMANDS: tuple[click.Command, ...] = (audit,)
