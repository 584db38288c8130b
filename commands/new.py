"""`gonogo new`: from pictures of good parts to a station file, with rules and an engine."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gonogo.build.firstday.make import Made
    from gonogo.build.firstday.plc import Plc
    from gonogo.build.firstday.text import Line

FILE = click.Path(path_type=Path)
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,39}")
LONGEST = 40
PITCH_MM = 100.0
PARTS_PER_S = 2.0
HERE = "simulated on this box"


@click.command()
@click.argument("name")
@click.option("--good", required=True, type=FILE, help="a folder of pictures of good parts")
@click.option("--bad", type=FILE, help="a folder of pictures of bad parts")
@click.option("--plc", help="DRIVER[:HOST[:PORT]], as modbus-client:192.168.0.10; left out, a PLC "
              "that is simulated on this box")  # fmt: skip
@click.option("--yes", is_flag=True, help="ask nothing: take what is assumed")
@click.option("--out", type=FILE, help="the station file to write (NAME.toml here)")
def new(name: str, *, yes: bool, **given: Any) -> None:  # noqa: ANN401 - one for each option
    """Make a station from pictures of good parts, and of bad ones: its file, rules and engine.

    Looks where the part lies and what varies, proposes few rules with their limits, teaches an
    engine, and says how good both are, counted on parts left out. What pictures cannot tell is
    asked for on a terminal, and marked in the file. Nothing that exists is written over.
    """
    from gonogo.build.firstday.make import Asked, make, refuse_what_is_there
    from gonogo.commands.show.progress import progress_bar

    out: Path = given["out"] or Path(f"{_fit(name)}.toml")
    _refuse_ending(out)
    refuse_what_is_there(out)
    plc, line = wishes(given["plc"], asks=sys.stdin.isatty() and not yes)
    with progress_bar(to_stderr=True) as progress:
        made = make(Asked(_fit(name), given["good"], given["bad"], plc, line, out), progress)
    for text in _lines(made, plc):
        # a name that is no UTF-8 is shown by its bytes
        click.echo(text.encode(errors="backslashreplace").decode())


def _fit(name: str) -> str:
    """StationNotMade says which name would do."""
    from gonogo.base.errors import StationNotMade

    if NAME.fullmatch(name) and not name.endswith(".toml"):
        return name
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name.removesuffix(".toml")).strip("-.")[:LONGEST]
    hint = f"; for example {plain}" if NAME.fullmatch(plain) else ""
    raise StationNotMade(
        f"NAME: expected 1 to {LONGEST} letters, digits, _ . or - (it names folders, records and "
        f"memory), without .toml and not beginning with . or -, got {name!r}{hint}"
    )


def _refuse_ending(out: Path) -> None:
    from gonogo.base.errors import StationNotMade

    if out.suffix != ".toml" or not out.stem:
        raise StationNotMade(f"--out {out}: expected a file that ends in .toml")


def wishes(typed: str | None, *, asks: bool) -> tuple[Plc, Line]:
    """What pictures cannot tell: asked for, where somebody `asks`, with what is assumed.

    A PLC that was `typed` already is not asked for. StationNotMade.
    """
    from gonogo.build.firstday.plc import plc_of
    from gonogo.build.firstday.text import Line

    if asks and typed is None:
        said = click.prompt("PLC, as modbus-client:192.168.0.10", HERE)
        typed = None if said == HERE else said
    plc, rate = plc_of(typed), PARTS_PER_S
    if asks:
        limits = click.FloatRange(0.01, 100)
        rate = click.prompt("parts a second, at most", PARTS_PER_S, type=limits)
    return plc, Line(PITCH_MM, round(PITCH_MM * rate, 3), known=asks)


def _lines(made: Made, plc: Plc) -> list[str]:
    """What was left out and found odd, what was made, what is next, and how good it is."""
    from gonogo.base.picture_folder import left_out_words
    from gonogo.build.firstday.make import folder_of

    options = list(dict.fromkeys(option for option, _ in made.left_out))
    lines = [
        f"{option}: {line}"
        for option in options
        for line in left_out_words([each for of, each in made.left_out if of == option])
    ]
    folder, typed = folder_of(made.path), shlex.quote(str(made.path))
    rules = ", ".join(made.rules) or "none tells anything; the engine judges alone"
    return [
        *lines,
        *made.notes,
        f"{made.path}: written; {folder}/ has its engine and copies of the pictures",
        f"rules: {rules}",
        *(f"not known: {each}" for each in made.unknown),
        "next:",
        f"  gonogo check {typed}",
        f"  gonogo rehearse {typed}" + ("" if plc.local else _COPY),
        f"  gonogo run {typed}",
        f"  (gonogo prepare {typed}: once pictures in {folder}/parts/good have changed)",
        "a rehearsal shows the pictures that the station was made from; of those to come:",
        *made.worth,
    ]


_COPY = ", of a copy with the [plc] that stands there in a comment: it brings a PLC of its own"

COMMANDS: tuple[click.Command, ...] = (new,)
"""A station from pictures."""
