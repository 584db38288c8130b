"""`gonogo support`: the command."""

from __future__ import annotations

import time
from pathlib import Path

import click

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("station", type=FILE)
@click.option("--out", required=True, type=FILE, help="the zip file to write")
@click.option("--small", is_flag=True, help="the newest lines alone, for a slow cable")
def support(station: Path, out: Path, *, small: bool) -> None:
    """Write one file with what others need to see what is wrong at a station.

    It is also had of a station that is stopped, or whose file is wrong: what cannot be had is named
    with its reason. Secrets and names of people are left out. It only reads, behind everybody else.
    """
    from gonogo.base.realtime import stay_behind
    from gonogo.commands.support.items import ITEMS
    from gonogo.commands.support.kept_items import KEPT
    from gonogo.commands.support.making import BOUNDS, SMALL, cleaned, gathered, packed
    from gonogo.commands.support.source import source
    from gonogo.commands.support.system_log import system_log

    its = source(station)
    stay_behind()
    items = {**ITEMS, **KEPT, "system-log.txt": system_log}
    found = cleaned(its, gathered(its, items, SMALL if small else BOUNDS))
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    _write(out, packed(its.name, found, made))
    missing = [f"  {name}: {had.reason}" for name, had in found.items() if not had.text]
    click.echo(f"{out}: {len(found) - len(missing)} of {len(found)} items")
    for line in ["not had, as MANIFEST.txt says:", *missing] if missing else []:
        click.echo(line)
    click.echo("look through it before you send it: what people wrote elsewhere may name somebody")


def _write(out: Path, data: bytes) -> None:
    from gonogo.base.atomic_file import replace
    from gonogo.base.errors import OutputError

    try:
        replace(out, data)
    except OSError as error:
        raise OutputError(
            f"{out}: {error.strerror}; expected the name of a file in a folder that is there, "
            f"with {len(data)} bytes of room"
        ) from error


COMMANDS: tuple[click.Command, ...] = (support,)
