"""`gonogo board`: the command, and what it prints."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.board.found import Found, Needs
    from gonogo.config.station import Station


@click.command()
@click.argument("station", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_program", is_flag=True, help="say it for a program, as JSON")
def board(station: Path | None, as_program: bool) -> None:  # noqa: FBT001 - a click flag
    """Say what this box is, what it lacks, and the commands that bring it.

    With a station file: also whether something is missing that this station needs. Exit code 1
    if so. Needs no right of root; what only root may see is called unknown. Drivers and libraries
    of vendors are asked in processes of their own, each for 60 s at most.
    """
    from gonogo.commands.board.box import Box
    from gonogo.commands.board.found import Needs, as_json, find
    from gonogo.config.station import load_station

    loaded = load_station(station) if station else None
    needs = Needs.of(loaded, served(loaded)) if loaded else Needs()
    found = find(Box(), needs)
    if as_program:
        click.echo(json.dumps(as_json(found, needs), indent=1))
    else:
        for line in page(found, needs, station):
            click.echo(line)
    sys.exit(1 if found.lacking(needs) else 0)


def served(station: Station) -> dict[str, set[str]]:
    """For which backends its installed engines are; what is wrong with them `gonogo check` says."""
    from gonogo.base.errors import GonogoError
    from gonogo.config.view_limits import engines_of

    with contextlib.suppress(GonogoError):
        return {name: set(each.manifest.backends) for name, each in engines_of(station).items()}
    return {}


def page(found: Found, needs: Needs, station: Path | None) -> Iterator[str]:
    """What is printed for a person."""
    parts = (found.machine, found.jetpack, found.cuda, found.hailo, found.heat)
    rows = [row for part in parts if part is not None for row in part.rows()]
    rows += [(name, package.in_words) for name, package in found.runtimes.items()]
    rows.append(("real-time scheduling", "permitted" if found.realtime else "not permitted"))
    width = max(len(name) for name, _ in rows)
    yield from (f"{name:<{width}}  {text}" for name, text in rows)
    yield ""
    if complete := found.complete():
        yield f"nothing is missing for {', '.join(complete)}"
    if found.lacks:
        yield "missing, and the commands that bring it:"
        yield from (f"  {line}" for each in found.lacks for line in each.rows())
    if station is not None:
        lacking = len(found.lacking(needs))
        told = f"needs {lacking} of these" if lacking else "nothing that it needs is missing"
        yield f"station {station}: {told}"


COMMANDS: tuple[click.Command, ...] = (board,)
