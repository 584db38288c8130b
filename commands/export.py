"""`gonogo export`: labelled pictures for those who train, and when another engine is worth it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.commands.auditing import audited, why
from gonogo.commands.moments import Moment
from gonogo.commands.proposed import labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.records.export.plan import Plan
    from gonogo.records.export.room import Disk
    from gonogo.records.export.wanted import Wanted
    from gonogo.records.export.writing import Done

FILE = click.Path(path_type=Path)
FORMATS = ("mvtec", "ultralytics", "labelstudio", "coco")


@click.command()
@click.option("--as", "form", type=click.Choice(FORMATS), help="what is to read it")
@click.option("--out", type=FILE, help="the folder to write: empty, or of the same call")
@click.option(
    "--station", help="the station's name, its file, or a records path; else the one that runs"
)
@click.option(
    "--since",
    "since_ms",
    type=Moment(),
    metavar="TIME",
    help="parts from then on: 14:02, 2026-11-30, or both",
)
@click.option("--until", "until_ms", type=Moment(), metavar="TIME", help="up to then")
@click.option(
    "--class",
    "classes",
    metavar="CLASS",
    multiple=True,
    help="good, a reason code, or defect for one without; may be given again",
)
@click.option(
    "--part",
    "parts",
    metavar="PART",
    multiple=True,
    help="a PLC number, or RUN/SERIAL; may be given again",
)
@click.option("--reason", help="a person's reason code, or a reason of the verdict")
@click.option("--lot", help="of this lot")
@click.option("--limit", type=click.IntRange(1), help="at most so many parts, by chance")
@click.option("--balanced", is_flag=True, help="of each class as many as there are of the rarest")
@click.option("--seed", type=int, default=0, help="another seed draws and splits otherwise")
@click.option("--val", type=float, default=0.1, help="share of the parts for validation")
@click.option("--test", type=float, default=0.2, help="share of the parts for the test")
@click.option(
    "--proposal",
    "asks",
    is_flag=True,
    help="say whether another engine is worth it; nothing is written",
)
@why
def export(
    *,
    form: str | None,
    out: Path | None,
    station: str | None,
    asks: bool,
    **wishes: Any,  # noqa: ANN401 - what Wanted takes
) -> None:
    """Write pictures of parts with people's labels, split by lot or time, for those who train.

    The same call writes the same bytes; broken off, it goes on. It only reads the records, behind
    everybody else.
    """
    from gonogo.base.realtime import stay_behind
    from gonogo.commands.recorded import recorded
    from gonogo.records.export.wanted import Wanted

    if asks:
        _propose(station)
        return
    if form is None or out is None:
        raise click.UsageError("expected --as and --out, or --proposal")
    wanted = Wanted(form=form, **wishes)  # type: ignore[arg-type]
    records = recorded(station).path
    stay_behind()
    carry_out(records, out, wanted)


def carry_out(records: Path, out: Path, wanted: Wanted, disk: Disk | None = None) -> None:
    """Write it, or go on with it, and say what came of it; ExportError.

    `disk`: that on which the folder lies; left out, it is asked.
    """
    from gonogo.records.export.folder import begun, whole
    from gonogo.records.export.room import check_room, disk_of

    wanted.check()
    if whole(out, wanted, records.name):
        click.echo(
            f"{out}: this export is whole already; one with newer labels needs another folder"
        )
        return
    made = begun(out, wanted, records.name)
    if made is not None:
        click.echo(f"{out}: the same call was broken off there, and goes on")
    made = made or _planned(records, wanted)
    check_room(made, out, disk or disk_of(out))
    _write(records, out, made)


def _planned(records: Path, wanted: Wanted) -> Plan:
    from gonogo.records.export.plan import plan
    from gonogo.records.questions.files import Files

    files = Files(records)
    made = plan(files, labels_of(records), wanted)
    for note in files.notes.values():
        click.echo(f"not read: {note}", err=True)
    return made


def _write(records: Path, out: Path, made: Plan) -> None:
    from gonogo.commands.show.progress import progress_bar
    from gonogo.ipc.audit.files import beside_records
    from gonogo.ipc.audit.trail import Trail
    from gonogo.records.export.writing import Means, write
    from gonogo.records.volumes import base_of

    asked = {name: value for name, value in made.call.items() if value not in (None, [], False)}
    told = {**asked, "out": str(out.absolute()), "pictures": made.pictures}
    trail = Trail(beside_records(base_of(records)))
    with audited(trail, "export", told) as change, progress_bar() as bar:
        done = write(made, out, Means(told=lambda at, of: bar("pictures", at, of)))
        change.new = {**told, "pictures": len(done.entries), "manifest_sha256": done.manifest}
    for line in lines(made, done, out):
        click.echo(line)


def lines(made: Plan, done: Done, out: Path) -> Sequence[str]:
    """What was written, for whom, and what was not."""
    from gonogo.commands.show.export import in_lines

    return [each.replace("OUT", str(out)) for each in in_lines(made, done)]


def _propose(station: str | None) -> None:
    from gonogo.base.errors import ExportError
    from gonogo.commands.in_service import station_of
    from gonogo.commands.proposed import known_of
    from gonogo.commands.recorded import recorded
    from gonogo.commands.show.proposal import in_lines
    from gonogo.config.station import load_station

    records = recorded(station).path
    named = station is not None and station.endswith(".toml")
    loaded = load_station(Path(str(station))) if named else station_of(records)
    if loaded is None:
        raise ExportError(
            f"{records}: which engines are in service is not known there; expected --station with "
            "a station file"
        )
    known = known_of(records, labels_of(records), loaded)
    if known is None:
        raise ExportError(f"{loaded.station.name}: no view has an engine; nothing can be proposed")
    for line in in_lines(known):
        click.echo(line)


COMMANDS: tuple[click.Command, ...] = (export,)
