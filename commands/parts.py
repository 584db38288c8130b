"""Commands that ask the records: why a part was judged as it was, and which parts there were."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.commands.moments import Moment
from gonogo.console.show.local_time import local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.recorded import Recorded
    from gonogo.records.questions.gaps import Gap
    from gonogo.records.questions.part_row import PartRow
    from gonogo.records.questions.parts import Choice

FILE = click.Path(path_type=Path)
LAST = 100  # on a terminal, where nobody said how many
# of the parts that are shown: a loss is told once it is over, or at the next start
BEFORE_MS, AFTER_MS = 60_000, 3_600_000
station_option = click.option(
    "--station", help="the station's name, its file, or a records file; else the one that runs"
)


@click.command()
@click.argument("part_id", type=click.IntRange(1, 65_535))
@click.option("--at", "time", type=Moment(), help="about when it passed; else the newest is shown")
@click.option("--json", "plain", is_flag=True, help="all of it as JSON")
@station_option
def part(part_id: int, time: int | None, station: str | None, *, plain: bool) -> None:
    """Show why a part was judged as it was: its verdict and all that it rests on.

    PART_ID is the PLC's number. It comes round again after 65 535 parts: --at says which one.
    """
    from gonogo.commands.dispositions import said_of
    from gonogo.commands.recorded import recorded
    from gonogo.console.show.disposition import as_json as said_as_json
    from gonogo.console.show.disposition import said_lines
    from gonogo.console.show.part import as_json, in_lines
    from gonogo.records.dispositions.part import key_of
    from gonogo.records.questions.details import details
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.parts import by_part_id

    asked = recorded(station)
    files = Files(asked.path)
    found = by_part_id(files, part_id, time)
    about = details(files, found)
    some = said_of(asked.path, key_of(found))
    if plain:
        plainly = as_json(found, about, asked.engines)
        plainly["dispositions"] = [said_as_json(each) for each in some]
        click.echo(json.dumps(plainly, indent=1))
        return
    for line in (*in_lines(found, about, asked.engines), *(said_lines(some) if some else ())):
        click.echo(line)
    _tell(files.notes.values())


@click.command()
@click.option("--since", type=Moment(), help="from then on: 14:02, 2026-11-30, or both")
@click.option("--until", type=Moment(), help="up to then")
@click.option("--verdict", help="ACCEPT, REJECT, RECHECK, NOT_INSPECTED, or NOT_KNOWN")
@click.option("--not-delivered", is_flag=True, help="only those that never reached the PLC")
@click.option("--reason", help="a reason in the verdict: ENGINE, RULE, CAMERA, ...")
@click.option("--view", help="seen by this view")
@click.option("--engine", help="scored by it: NAME, NAME@VERSION, or its id or how it begins")
@click.option("--recipe", type=click.IntRange(0), help="judged by this recipe")
@click.option("--lot", help="of this lot")
@click.option("--text", help="of which a rule read this: a code, as `gonogo part` shows it")
@click.option("--last", type=click.IntRange(1), help=f"the newest so many; of a table {LAST}")
@click.option("--csv", "csv_path", type=FILE, help="write them there as CSV; - is the terminal")
@click.option("--json", "plain", is_flag=True, help="one JSON object a line")
@click.option("--parquet", "parquet_path", type=FILE, help="write them there (extra [parquet])")
@station_option
def parts(
    *,
    station: str | None,
    csv_path: Path | None,
    plain: bool,
    parquet_path: Path | None,
    **wishes: Any,  # noqa: ANN401 - a choice's own fields
) -> None:
    """List parts in the order in which they passed, and what is missing between them."""
    from gonogo.commands import part_files
    from gonogo.commands.dispositions import words_of
    from gonogo.commands.recorded import engine_wish, recorded
    from gonogo.records.questions.parts import Choice

    for name in ("verdict", "reason"):
        wishes[name] = wishes[name] and _word(name, wishes[name])
    times = {"since_ms": wishes.pop("since"), "until_ms": wishes.pop("until")}
    asked = recorded(station)
    choice = Choice(**wishes | engine_wish(wishes["engine"], asked.named), **times)
    if csv_path is not None:
        part_files.write_csv(csv_path, _entries(asked, choice), words_of(asked.path))
    elif parquet_path is not None:
        part_files.write_parquet(parquet_path, _entries(asked, choice), words_of(asked.path))
    elif plain:
        for row in part_files.records_of(_entries(asked, choice), words_of(asked.path)):
            click.echo(json.dumps(row))
    else:
        _table(asked, choice)


def _word(kind: str, typed: str) -> str:
    """A word of the records, however it was typed."""
    from gonogo.records.schema import words

    known = [word for each, _, word in words() if each == kind]
    word = typed.upper().replace("-", "_")
    if word not in known:
        expected = f"expected one of {', '.join(known)}, got {typed!r}"
        raise click.BadParameter(expected, param_hint=f"--{kind}")
    return word


def _entries(asked: Recorded, choice: Choice) -> Iterator[PartRow | Gap]:
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.gaps import with_gaps

    files = Files(asked.path)
    yield from with_gaps(files, choice)
    _tell(files.notes.values())


def _table(asked: Recorded, choice: Choice) -> None:
    from gonogo.commands.dispositions import words_of
    from gonogo.console.show.part_table import HEAD, in_a_line
    from gonogo.records.dispositions.part import key_of
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.gaps import losses
    from gonogo.records.questions.part_row import PartRow
    from gonogo.records.questions.parts import span

    found = list(_entries(asked, choice._replace(last=choice.last or LAST)))
    walls_ms = [each.wall_ms for each in found if isinstance(each, PartRow)]
    files = Files(asked.path)
    if not walls_ms:
        click.echo(f"no such part; {span(files)}")
        return
    click.echo(HEAD)
    words = words_of(asked.path)
    for each in found:
        if isinstance(each, PartRow):
            click.echo(in_a_line(each, words.get(key_of(each), "")))
        else:
            click.echo(f"  GAP  {each}")
    for loss in losses(files, min(walls_ms) - BEFORE_MS, max(walls_ms) + AFTER_MS):
        click.echo(f"  told {local(loss.wall_ms)}  {loss}")


def _tell(notes: Any) -> None:  # noqa: ANN401 - of any kind of strings
    for note in notes:
        click.echo(f"not read: {note}", err=True)
    sys.stderr.flush()


COMMANDS: tuple[click.Command, ...] = (part, parts)
