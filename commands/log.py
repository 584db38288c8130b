"""`gonogo log`: what a station has said, read from the files that it keeps."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.base.errors import LogUnreadable
from gonogo.commands.moments import Moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.config.station import Station
    from gonogo.records.log.reading import KeptLog, Line, Wanted

FILE = click.Path(path_type=Path)
FOLLOW_S = 0.2


@click.command("log")
@click.argument("station", type=FILE)
@click.option(
    "--since",
    "since_ms",
    type=Moment(),
    metavar="TIME",
    help="from then on: 14:02, or 2026-05-04T14:02 of this box's clock",
)
@click.option("--part", type=click.IntRange(min=0), help="of this part id of the PLC alone")
@click.option("--level", default="debug", help="no less than that",
              type=click.Choice(["debug", "info", "warning", "error"]))  # fmt: skip
@click.option("--process", help="of this process alone: line, records, supervisor, ...")
@click.option("--follow", is_flag=True, help="go on with what comes, until Ctrl-C")
@click.option("--json", "plain", is_flag=True, help="as lines of JSON, as they are kept")
def log(
    station: Path,
    *,
    since_ms: int | None,
    follow: bool,
    plain: bool,
    **asked: Any,  # noqa: ANN401 - the filters
) -> None:
    """Show the messages that a station has kept, of all its processes, in order of time.

    They are kept where its file says `path` in [log]; without it they are on stderr alone, which
    under systemd goes to the journal.
    """
    from gonogo.config.station import load_station
    from gonogo.records.log.reading import Wanted, in_order

    kept = _kept(load_station(station))
    since = None if since_ms is None else datetime.fromtimestamp(since_ms / 1000, timezone.utc)
    wanted = Wanted(since=since, **asked)
    try:
        _show(in_order(kept.new()), wanted, plain=plain)
        if follow:
            _follow(kept, wanted, plain=plain)
        _show(kept.torn(), wanted, plain=plain)
    finally:
        kept.close()


def _kept(station: Station) -> KeptLog:
    from gonogo.records.log.reading import KeptLog

    if station.log.path is None:
        raise LogUnreadable(
            f"station '{station.station.name}' keeps no log: expected `path` in [log] of its file; "
            "its messages are on stderr alone, under systemd in `journalctl`"
        )
    return KeptLog(station.log.path)


def _follow(kept: KeptLog, wanted: Wanted, *, plain: bool) -> None:
    from gonogo.base.signals import interruptible
    from gonogo.records.log.reading import in_order

    with interruptible() as interrupt:
        while not interrupt.asked:
            _show(in_order(kept.new()), wanted, plain=plain)
            time.sleep(FOLLOW_S)


def _show(lines: Iterable[Line], wanted: Wanted, *, plain: bool) -> None:
    from gonogo.console.show.log_line import as_json, as_sentence

    for line in wanted.chosen(lines):
        click.echo(as_json(line) if plain else as_sentence(line))


COMMANDS = (log,)
