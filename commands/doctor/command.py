"""`gonogo doctor`: the command, and what it prints."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.base.runtime_dir import user_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.commands.doctor.finding import Fine, Ill

SCHEMA = 1
EXIT_STOPS, EXIT_WRONG = 1, 4


@click.command()
@click.argument("station", type=click.Path(path_type=Path), required=False)
@click.option("-v", "--verbose", is_flag=True, help="also what is as it should be")
@click.option("--json", "plain", is_flag=True, help="say it for a program, as JSON")
def doctor(station: Path | None, *, verbose: bool, plain: bool) -> None:
    """Say what is wrong on this box, a line each: what, what it means, and what mends it.

    Versions, real time, heat, disk, memory, clock, ports, permissions, kernel, and what runs
    already; of the box, or with a station file of what that station needs. Nothing is changed, and
    no station that runs is disturbed. Exit code 0: nothing wrong. 1: something keeps the station,
    or any station, from judging parts. 4: stations run, but something is wrong. What only an
    opened device can say, `gonogo check` says.
    """
    from gonogo.commands.doctor.looks import look_at

    found = list(look_at(station))
    if plain:
        click.echo(json.dumps(as_json(station, found)))
    else:
        for line in page(found, verbose=verbose):
            click.echo(line)
    sys.exit(exit_code(found))


def page(found: Sequence[Ill | Fine], *, verbose: bool) -> Iterator[str]:
    """What is printed for a person: what stops a station first."""
    ills = ills_of(found)
    yield from (each.line for each in sorted(ills, key=lambda each: not each.stops))
    if verbose:
        yield from (each.line for each in fine_of(found))
    stops = sum(each.stops for each in ills)
    # rights are those of whoever asks: a unit runs a station as another user
    user = f"; looked at as user {user_name(os.geteuid())}"
    if not ills:
        yield f"nothing wrong found{user}"
    else:
        yield f"{stops} of {len(ills)} finding(s) keep a station from judging parts{user}"


def as_json(station: Path | None, found: Sequence[Ill | Fine]) -> dict[str, Any]:
    """The same for a program; its form is SCHEMA (docs/status.md)."""
    ills = ills_of(found)
    return {
        "schema": SCHEMA,
        "file": None if station is None else str(station),
        "ok": not ills,
        "findings": [
            {
                "area": each.area,
                "number": f"GN{each.kind.code}",
                "stops": each.stops,
                "text": each.what,
                "means": each.means,
                "commands": list(each.commands),
            }
            for each in ills
        ],
        "fine": [each._asdict() for each in fine_of(found)],
    }


def exit_code(found: Sequence[Ill | Fine]) -> int:
    """0 nothing wrong, 1 something stops a station, 4 something is wrong."""
    ills = ills_of(found)
    if any(each.stops for each in ills):
        return EXIT_STOPS
    return EXIT_WRONG if ills else 0


def ills_of(found: Sequence[Ill | Fine]) -> list[Ill]:
    """What is wrong of what was looked at."""
    from gonogo.commands.doctor.finding import Ill

    return [each for each in found if isinstance(each, Ill)]


def fine_of(found: Sequence[Ill | Fine]) -> list[Fine]:
    """What is right of it."""
    from gonogo.commands.doctor.finding import Fine

    return [each for each in found if isinstance(each, Fine)]


COMMANDS: tuple[click.Command, ...] = (doctor,)
