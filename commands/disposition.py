"""`gonogo disposition`: a person's word on a part, and what all words together say."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.commands.disposition_audit import audit
from gonogo.commands.moments import Moment
from gonogo.commands.parts import station_option
from gonogo.console.show.local_time import local

if TYPE_CHECKING:
    from gonogo.commands.dispositions import Sent

WORDS = ("confirmed", "false-reject", "missed-defect", "unsure")
FILE = click.Path(path_type=Path)
_at = click.option("--at", "time", type=Moment(), help="about when it passed; else the newest")
_archive = click.option(
    "--archive", type=FILE, help="the file of an archived month, where the part is in none here"
)


@click.group()
def disposition() -> None:
    """Say of a part whether its verdict was right, and show what people said."""


disposition.add_command(audit)


@disposition.command()
@click.argument("part")
@_at
@click.option("--word", required=True, type=click.Choice(WORDS), help="what is said of its verdict")
@click.option("--code", default="", help="why: a reason code of the station file")
@click.option("--note", default="", help="at most 200 characters")
@click.option("--seen", default=0, type=click.IntRange(0),
              help="the number of the last word on it that was seen; 0: none")  # fmt: skip
@click.option("--decide", is_flag=True, help="as a supervisor: this word settles it")
@click.option("--request-id", help="of a request that is sent again: it counts once")
@_archive
@station_option
def add(part: str, time: int | None, **given: Any) -> None:  # noqa: ANN401 - options by name
    """Say a word on a part; its verdict stays what it was.

    PART is the PLC's number, or RUN/SERIAL. confirmed: the verdict was right. false-reject: a
    good part was not accepted. missed-defect: a bad part was not rejected.
    """
    from gonogo.commands import dispositions
    from gonogo.records.dispositions.words import Origin, Word

    desk = dispositions.desk(given["station"])
    found = desk.find(part, time, given["archive"])
    sent: Sent = desk.send(
        found,
        dispositions.request(
            found,
            word=Word[given["word"].upper().replace("-", "_")],
            code=given["code"],
            note=given["note"],
            origin=Origin.REVIEW,
            seen=given["seen"],
            decides=given["decide"],
            request_id=given["request_id"],
        ),
    )
    for line in sent.lines():
        click.echo(line)


@disposition.command()
@click.argument("part")
@_at
@_archive
@click.option("--json", "plain", is_flag=True, help="as JSON")
@station_option
def show(
    part: str, time: int | None, archive: Path | None, station: str | None, *, plain: bool
) -> None:
    """Show what people said of a part, and what stands of it."""
    from gonogo.commands import dispositions
    from gonogo.console.show.disposition import as_json, said_lines
    from gonogo.records.dispositions.part import key_of

    desk = dispositions.desk(station)
    row = desk.find(part, time, archive).row
    with closing(desk.book()) as book:
        some = book.of(key_of(row))
    if plain:
        click.echo(json.dumps([as_json(each) for each in some], indent=1))
        return
    click.echo(f"part {row.part_id}: {row.verdict} {row.reason}")
    click.echo(f"  passed   {local(row.wall_ms)}, run {row.run}, serial {row.serial}")
    for line in said_lines(some):
        click.echo(line)


@disposition.command("list")
@click.option("--since", type=Moment(), help="said from then on: 14:02, 2026-11-30, or both")
@click.option("--until", type=Moment(), help="up to then")
@click.option("--disputed", is_flag=True, help="of parts that a supervisor has to decide")
@click.option("--json", "plain", is_flag=True, help="one JSON object a line")
@station_option
def list_(since: int | None, until: int | None, station: str | None, **shown: bool) -> None:
    """List what people said, in the order in which they said it."""
    from gonogo.commands import dispositions
    from gonogo.console.show.disposition import LIST_HEAD, as_json, in_a_line
    from gonogo.records.dispositions.labels import State, by_part, standing

    with closing(dispositions.desk(station).book()) as book:
        found = list(book.all(since, until))
        if shown["disputed"]:
            states = {part: standing(book.of(part)).state for part in by_part(found)}
            found = [each for each in found if states[each.part] is State.DISPUTED]
    if not (found or shown["plain"]):
        click.echo("no such disposition")
        return
    lines = (json.dumps(as_json(each)) if shown["plain"] else in_a_line(each) for each in found)
    for line in lines if shown["plain"] else (LIST_HEAD, *lines):
        click.echo(line)


@disposition.command()
@click.option("--language", help="of the texts: en, de, ...; else that of this terminal")
@station_option
def codes(language: str | None, station: str | None) -> None:
    """List the reason codes of a station file: code, what it means, text."""
    from gonogo.commands import dispositions
    from gonogo.console.show.disposition import code_lines

    for line in code_lines(dispositions.desk(station).section.codes, language):
        click.echo(line)


@disposition.command("figures")
@click.option("--since", type=Moment(), help="of parts from then on: 14:02, 2026-11-30, or both")
@click.option("--until", type=Moment(), help="up to then")
@click.option("--json", "plain", is_flag=True, help="as JSON")
@station_option
def figures_(since: int | None, until: int | None, station: str | None, *, plain: bool) -> None:
    """Show escape rate, overkill, and how far people agree with themselves, with 95 % bounds."""
    from gonogo.commands import dispositions
    from gonogo.console.show.disposition import figure_lines, figures_json
    from gonogo.records.dispositions.figures import figures

    with closing(dispositions.desk(station).book()) as book:
        found = figures(book.all(), since, until)
    if plain:
        click.echo(json.dumps(figures_json(found), indent=1))
        return
    for line in figure_lines(found):
        click.echo(line)


COMMANDS: tuple[click.Command, ...] = (disposition,)
