"""`gonogo lot`: which lot the parts are of that pass now, said by a person or a barcode reader."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import LotNotKept, LotUnfit
from gonogo.commands.auditing import audited, why

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.lots import LotMark

_station = click.option(
    "--station", help="the station's name, its file, or a records path; else the one that runs"
)


@click.group()
def lot() -> None:
    """Say which lot the parts are of that pass from now on."""


@lot.command()
@click.argument("name")
@_station
@why
def start(name: str, station: str | None) -> None:
    """Begin a lot: parts whose trigger comes from now on are of it, until another one begins.

    NAME has 1 to 64 printable characters. It goes on over a restart of the station or the box.
    """
    _begin(_records(station), name)


@lot.command()
@_station
@why
def end(station: str | None) -> None:
    """End the lot: parts that pass from now on are of none."""
    _begin(_records(station), None)


@lot.command()
@_station
def scan(station: str | None) -> None:
    """Begin a lot with each line that is read, as a barcode reader types them; Ctrl-D ends it."""
    records = _records(station)
    for line in sys.stdin:
        if line.strip():
            try:
                _begin(records, line)
            except LotUnfit as error:
                click.echo(str(error), err=True)


@lot.command()
@_station
def show(station: str | None) -> None:
    """Show which lot the parts are of now, and since when."""
    from gonogo.console.show.local_time import local

    mark = _last(_records(station))
    if mark is None or mark.lot is None:
        click.echo("no lot")
    else:
        click.echo(f"lot {mark.lot}, since {local(mark.wall_ms)}")


def _begin(records: Path, name: str | None) -> None:
    from gonogo.ipc.audit.files import beside_records as trail_of
    from gonogo.ipc.audit.trail import Trail
    from gonogo.ipc.lots import begin, beside_records, fit

    named = None if name is None else fit(name)
    last = _last(records)
    before = None if last is None else last.lot
    with audited(Trail(trail_of(records)), "lot", {"lot": named}, {"lot": before}) as change:
        mark = begin(beside_records(records), named)
        change.new = {"lot": named, "from_ns": mark.at_ns}
    # said when it is so: whoever reads it may let the first part go
    time.sleep(max(mark.at_ns - time.monotonic_ns(), 0) / 1e9)
    was = f" (before: {before})" if before else ""
    click.echo(f"lot {named} from now on{was}" if named else f"no lot from now on{was}")


def _last(records: Path) -> LotMark | None:
    from gonogo.ipc.lots import beside_records, read_marks

    path = beside_records(records)
    try:
        marks = read_marks(path)
    except OSError as error:
        raise LotNotKept(
            f"{path}: {error.strerror}; expected a file of lots that this user may read"
        ) from error
    return marks[-1] if marks else None


def _records(station: str | None) -> Path:
    from pathlib import Path

    from gonogo.commands.recorded import recorded
    from gonogo.config.station import load_station
    from gonogo.records.volumes import base_of

    # of a file the path alone: whoever begins a lot waits for no bundle to be read
    if station is not None and station.endswith(".toml"):
        return load_station(Path(station)).records.path
    return base_of(recorded(station).path)


COMMANDS: tuple[click.Command, ...] = (lot,)
