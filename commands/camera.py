"""Commands for whoever sets up a camera: what it sees, and how many millimetres a pixel is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gonogo.commands.auditing import audited, digest_of, of_station, why

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("station", type=FILE)
@click.argument("view")
@click.option("--out", type=FILE, help="the picture to write (.png)")
@click.option("--plain", is_flag=True, help="the frame alone, as gonogo calibrate takes it")
@click.option(
    "--watch", is_flag=True, help="a line of figures a frame, to turn a lens by; Ctrl-C ends"
)
@click.option("--wait-s", default=60.0, type=click.FloatRange(0.1, 3600.0),
              help="how long to wait for a part, where one is needed (60)")  # fmt: skip
def look(station: Path, view: str, out: Path | None, **how: Any) -> None:  # noqa: ANN401 - click's
    """Show what a camera sees: a picture with regions and figures, or a line to focus by.

    Of a station that runs it takes the last frame of its line, which does not notice; else it
    opens the camera. The focus figure grows as edges grow steeper; compare it with itself only.
    """
    from gonogo.commands import look as looking
    from gonogo.config.station import load_station

    loaded = load_station(station)
    if how["watch"] == (out is not None):
        raise click.UsageError("expected either --out shot.png or --watch")
    if out is None:
        looking.watch_view(loaded, view, sys.stdout, how["wait_s"], _to_stderr)
    else:
        shot = looking.Shot(out, how["wait_s"], how["plain"])
        looking.look(loaded, view, shot, click.echo)


@click.command()
@click.argument("station", type=FILE)
@click.argument("view")
@click.argument("pictures", nargs=-1, type=FILE)
@click.option("--board", help="a checkerboard by its inner corners, as 9x6")
@click.option("--square-mm", type=float, help="side of its squares, measured on the board")
@click.option("--gauge-mm", type=float, help="instead: a gauge part of this size")
@click.option("--measure", default="width",
              help="what of it is that size: width, height, length, breadth, diameter")  # fmt: skip
@click.option("--out", type=FILE, help="the file to write (as the station file has it)")
@why
def calibrate(
    station: Path,
    view: str,
    pictures: tuple[Path, ...],
    out: Path | None,
    **how: Any,  # noqa: ANN401 - click's
) -> None:
    """Find how many millimetres a pixel of a view is, from a checkerboard or a gauge part.

    Without pictures it takes one frame of the camera. The first picture shows the board flat at
    the height of the parts; three or more, the others tilted, tell the lens as well.
    """
    from gonogo.commands import calibrate as calibrating
    from gonogo.commands.frames import view_index
    from gonogo.config.station import load_station

    loaded = load_station(station)
    order = calibrating.Order(**how)
    fitted = calibrating.calibrate(loaded, view, pictures, order, _to_stderr)
    section = loaded.view[view_index(loaded, view)]
    place = calibrating.place(station, section, out)
    asked, old = {"view": view, "file": place}, {"sha256": digest_of(place)}
    with audited(of_station(loaded), "calibrate", asked, old) as change:
        for line in calibrating.write(fitted, station, section, out):
            click.echo(line)
        change.new = {**asked, "sha256": digest_of(place)}


def _to_stderr(text: str) -> None:
    click.echo(text, err=True)


COMMANDS: tuple[click.Command, ...] = (look, calibrate)
