"""`gonogo measure`: what each rule and the engine of a view see on pictures."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.commands.auditing import why

if TYPE_CHECKING:
    from gonogo.commands.measured import Eyes, Seen

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("station", type=FILE)
@click.argument("picture", type=FILE)
@click.option("--view", help="the view's name (the only one)")
@click.option("--rule", help="this rule alone")
@click.option("--out", type=FILE,
              help="draw what was seen over PICTURE (.png); of a folder: a folder")  # fmt: skip
@click.option("--csv", "table", type=FILE, help="write the values there, a row for each picture")
@click.option("--gauge-mm", type=float,
              help="PICTURE shows something of this length: find mm_per_px of --rule")  # fmt: skip
@click.option("--write", is_flag=True, help="with --gauge-mm: write it into the station file")
@why
def measure(station: Path, picture: Path, **given: Any) -> None:  # noqa: ANN401 - one for each option
    """Show what each rule of a view, and its engine, see on PICTURE, or on those of a folder.

    Of a picture: value, limits and unit of each rule. Of a folder: one line a picture. Nothing is
    made and nothing judged for the PLC: it is how a threshold or a limit is found.
    """
    from gonogo.config.station import load_station

    loaded = load_station(station)
    if given["gauge_mm"] is not None:
        _gauge(station, loaded, picture, given)
        return
    if given["write"]:
        raise click.UsageError("--write is of --gauge-mm: without it nothing is written")
    from gonogo.commands.measured import Eyes

    with closing(Eyes(loaded, given["view"], given["rule"])) as eyes:
        seen = _folder(eyes, picture, given["out"]) if picture.is_dir() else [
            _picture(eyes, picture, given["out"])
        ]  # fmt: skip
        if given["table"] is not None:
            _write_csv(eyes, seen, given["table"])


def _picture(eyes: Eyes, picture: Path, out: Path | None) -> Seen:
    from gonogo.base.picture_folder import oddities
    from gonogo.commands.measured import look_at
    from gonogo.commands.png import check_png
    from gonogo.commands.show.measured import picture_lines, verdict_line

    if out is not None:
        check_png(out)
    seen = look_at(eyes, picture)
    for note in oddities([picture]):
        click.echo(f"# {note}")
    for line, _ in picture_lines(eyes, seen):
        click.echo(line)
    click.echo(verdict_line(eyes, seen))
    if out is not None:
        _draw(eyes, seen, out)
        click.echo(f"{out}: what was seen, drawn over the picture")
    return seen


def _folder(eyes: Eyes, folder: Path, out: Path | None) -> list[Seen]:
    """A line for each, and what was left out; frames are not kept."""
    from gonogo.base.picture_folder import left_out_words
    from gonogo.commands.measured import Folder
    from gonogo.commands.show.measured import heading, line_of

    click.echo(heading(eyes))
    kept, pictures = [], Folder(eyes, folder)
    for seen in pictures:
        click.echo(line_of(eyes, seen))
        if out is not None:
            _draw(eyes, seen, _place(out, seen.name))
        kept.append(seen._replace(frame=seen.frame[:0], scored=_bare(seen)))
    for line in (*pictures.notes, *left_out_words(pictures.left_out), *_no_engine(eyes)):
        click.echo(f"# {line}")
    return kept


def _bare(seen: Seen) -> Any:  # noqa: ANN401 - what it has, without its map
    return None if seen.scored is None else seen.scored._replace(map=None)


def _no_engine(eyes: Eyes) -> list[str]:
    return [eyes.why_no_engine] if eyes.why_no_engine else []


def _place(out: Path, name: str) -> Path:
    """In the folder, by the name of the picture below its own."""
    path = out / f"{name.replace('/', '_')}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _draw(eyes: Eyes, seen: Seen, out: Path) -> None:
    from gonogo.commands.png import write_png
    from gonogo.commands.show.measured import picture_lines
    from gonogo.commands.show.overlay import overlay_of

    lines = list(picture_lines(eyes, seen))
    marks = eyes.marks(seen.frame)
    write_png(out, overlay_of(seen.frame, eyes.rules, marks, seen.scored, lines))


def _write_csv(eyes: Eyes, seen: list[Seen], table: Path) -> None:
    from gonogo.base.atomic_file import replace
    from gonogo.base.errors import OutputError
    from gonogo.commands.show.measured import csv_of

    try:
        replace(table, csv_of(eyes, seen))
    except OSError as error:
        raise OutputError(f"--csv {table}: cannot be written: {error.strerror}") from error
    click.echo(f"{table}: {len(seen)} pictures")


def _gauge(path: Path, station: Any, picture: Path, given: dict[str, Any]) -> None:  # noqa: ANN401 - a Station
    from gonogo.base.errors import ImageFileError, MeasureRefused
    from gonogo.base.images import read_image
    from gonogo.commands.gauge_key import gauge_key, gauge_lines
    from gonogo.commands.limits import named_view
    from gonogo.commands.limits_write import write_keys
    from gonogo.config.view import fit_of

    camera = named_view(station, given["view"]).camera
    try:
        frame = read_image(picture, camera.geometry, fit_of(camera))
    except ImageFileError as error:
        raise MeasureRefused(str(error.args[0])) from error
    names = given["view"], given["rule"]
    key = gauge_key(station, names, given["gauge_mm"], {picture.name: frame})
    for line in gauge_lines(key, given["gauge_mm"]):
        click.echo(line)
    if given["write"]:
        rule = key.rule.name
        write_keys(path, key.view.name, {rule: key.new}, {rule: key.old})


COMMANDS: tuple[click.Command, ...] = (measure,)
"""What is seen on pictures."""
