"""`gonogo firstday-table`: what `gonogo new` comes to on sets of photographs, nothing by hand."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gonogo.base.interval import Estimate
    from gonogo.build.firstday.make import Made
    from gonogo.build.firstday.split import Split
    from gonogo.commands.measured import Eyes

    Progress = Callable[[str, int, int], None]

FILE = click.Path(path_type=Path)
SETS = ("toy_aliens", "screws", "cookies", "magnetic_tile")
PARTS = "80"  # that a rehearsal shows


class Found(NamedTuple):
    """Of the rest of a set: bad parts that were accepted, good ones that were not."""

    escape: Estimate
    overkill: Estimate


class Row(NamedTuple):
    """One set. `by_hand`: None where nobody has written a station for it.

    `seconds` of new, check and rehearse; `codes`: their exit codes.
    """

    name: str
    split: Split
    made: Made
    found: Found
    by_hand: Found | None
    seconds: tuple[float, float, float]
    codes: tuple[int, int]


@click.command("firstday-table")
@click.argument("data", type=FILE)
@click.argument("page", type=FILE)
@click.option("--set", "sets", multiple=True, help="a folder of DATA; may be given again")
@click.option("--stations", type=FILE, default=Path("stations"), show_default=True,
              help="where stations written by hand lie, by the names of the sets")  # fmt: skip
def firstday_table(data: Path, page: Path, sets: tuple[str, ...], stations: Path) -> None:
    """Make stations of sets of photographs (DATA), and write into PAGE how good they are.

    Of each set 30 good and 10 bad pictures at most are shown to `gonogo new --yes`; what it made
    judges all the others, beside a station that was written by hand.
    """
    from gonogo.base.marked_page import put
    from gonogo.commands.show.progress import progress_bar
    from gonogo.engines.card import replace_file

    put(page, "firstday-table", "")  # before minutes are spent: a page that takes no table
    with progress_bar() as progress:
        rows = [_row(data / name, stations, progress) for name in sets or SETS]
    replace_file(page, put(page, "firstday-table", "\n".join(table(rows))))
    click.echo(f"{page}: {len(rows)} sets")


def _row(folder: Path, stations: Path, progress: Progress) -> Row:
    from gonogo.build.firstday.make import Asked, make
    from gonogo.build.firstday.plc import plc_of
    from gonogo.build.firstday.split import laid_out, split_of
    from gonogo.build.firstday.text import Line

    split = split_of(folder)
    with tempfile.TemporaryDirectory(prefix="gonogo-firstday-") as scratch:
        room = Path(scratch)
        good, bad = laid_out(split, room)
        out = room / f"{folder.name}.toml"
        began_s = time.monotonic()
        made = make(
            Asked(folder.name, good, bad, plc_of(None), Line(100, 200, known=False), out), progress
        )
        new_s = time.monotonic() - began_s
        check_s, checked = _timed("check", str(out))
        rehearse_s, rehearsed = _timed("rehearse", str(out), "--parts", PARTS)
        found = judged(out, split)
    hand = stations / f"{folder.name}.toml"
    by_hand = judged(hand, split, progress) if hand.is_file() else None
    return Row(
        folder.name, split, made, found, by_hand, (new_s, check_s, rehearse_s),
        (checked, rehearsed),
    )  # fmt: skip


def _timed(*words: str) -> tuple[float, int]:
    """Seconds and exit code of a command, as a person types it."""
    began_s = time.monotonic()
    program = Path(sys.executable).with_name("gonogo")
    done = subprocess.run([str(program), *words], check=False, capture_output=True)
    return time.monotonic() - began_s, done.returncode


def judged(path: Path, split: Split, progress: Progress | None = None) -> Found:
    """What a station says of the rest of a set; with `progress` its engine is made first."""
    from gonogo.base.interval import estimate
    from gonogo.build.station import Make, prepare_station
    from gonogo.commands.measured import Eyes
    from gonogo.config.station import load_station

    station = load_station(path)
    if progress is not None:
        prepare_station(station, progress, Make.MISSING)
    with closing(Eyes(station, None, None)) as eyes:
        good, bad = (_accepted(eyes, paths) for paths in (split.rest_good, split.rest_bad))
    escape = estimate(sum(bad), len(bad))
    return Found(escape, estimate(len(good) - sum(good), len(good)))


def _accepted(eyes: Eyes, paths: Iterable[Path]) -> list[bool]:
    from gonogo.base.words import VerdictKind
    from gonogo.commands.measured import look_at

    return [look_at(eyes, path).verdict is VerdictKind.ACCEPT for path in paths]


def table(rows: Iterable[Row]) -> list[str]:
    """Lines of Markdown."""
    head = (
        "| parts | shown: good, bad | judged: good, bad | escape | overkill | by hand: escape | "
        "overkill | said: escape | said: overkill | seconds: new, check, rehearse |"
    )
    return [head, "|---" * 10 + "|", *(_line(row) for row in rows), "", _READ]


_READ = (
    "In %, with 95 % intervals of Clopper and Pearson. Judged is all of the set that was not "
    "shown. A part that is rechecked is not accepted: of good parts it counts as overkill, of bad "
    "ones not as escape. *Said* is what `gonogo new` says at its end, of the pictures that it was "
    "shown; *by hand* are the stations of `stations/`."
)


def _line(row: Row) -> str:
    hand = ["no station", ""] if row.by_hand is None else [*map(_share, row.by_hand)]
    said = row.made.expected
    cells = [
        row.name,
        f"{len(row.split.good)}, {len(row.split.bad)}",
        f"{len(row.split.rest_good)}, {len(row.split.rest_bad)}",
        *map(_share, row.found),
        *hand,
        "" if said.escape is None else _share(said.escape),
        _share(said.overkill),
        ", ".join(f"{value:.0f}" for value in row.seconds),
    ]
    return f"| {' | '.join(cells)} |"


def _share(found: Estimate) -> str:
    share, low, high = (f"{100 * part:.1f}" for part in found[:3])
    return f"{share} ({low} to {high})"


COMMANDS: tuple[click.Command, ...] = (firstday_table,)
"""Figures of a first day."""
