"""Commands for the PLC side, for the technician who commissions it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gonogo.commands.auditing import audited, of_station, why

FILE = click.Path(path_type=Path)


@click.group()
def plc() -> None:
    """Try the link to the PLC, without a running station."""


@plc.command()
@click.argument("station", type=FILE)
@click.option("--trips", default=1000, type=click.IntRange(1, 100_000), help="exchanges to measure")
@click.option("--d24", type=int, help="what D24-D25 read in the PLC as one 32-bit number")
@click.option("--drive", type=click.Choice(["accept", "reject"]), help="send one verdict by hand")
@why
def probe(station: Path, trips: int, d24: int | None, drive: str | None) -> None:
    """Connect, measure round trips and scan, and say what is wrong in one line each."""
    from gonogo.base.words import VerdictKind
    from gonogo.commands.plc_probe import probe_plc
    from gonogo.commands.plc_probe_order import ProbeOrder
    from gonogo.config.station import load_station

    kind = VerdictKind[drive.upper()] if drive else None
    loaded, order = load_station(station), ProbeOrder(trips, d24, kind)
    if kind is None:  # only reads
        sys.exit(probe_plc(loaded, order, click.echo))
    with audited(of_station(loaded), "verdict by hand", kind.name):
        sys.exit(probe_plc(loaded, order, click.echo))


@plc.command()
@click.argument("station", type=FILE)
def rest(station: Path) -> None:
    """Switch the ejector's GPIO output off where nobody has it: after a station that has ended."""
    from gonogo.commands.plc_rest import rest_output
    from gonogo.config.last_good import load_or_last_good

    # the output of the station that ran, also where its file has been edited wrongly since
    sys.exit(rest_output(load_or_last_good(station).station, click.echo))


COMMANDS: tuple[click.Command, ...] = (plc,)
