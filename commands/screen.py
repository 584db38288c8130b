"""`gonogo screen`: the operator's screen of a station that runs, as long as somebody wants it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("path", metavar="STATION", type=FILE)
@click.option("--port", type=click.IntRange(1024, 65_535), help="another one than the file has")
def screen(path: Path, port: int | None) -> None:
    """Serve the operator's screen of a running station, until Ctrl-C.

    For a station whose file has no [screen], or for a second one beside it; a station with
    [screen] serves it by itself.
    """
    from gonogo.config.screen import ScreenSection
    from gonogo.config.station import load_station
    from gonogo.console.access.ca_shown import fingerprint_of
    from gonogo.console.screen.process import show
    from gonogo.launch.told_people import screen_plan

    station = load_station(path)
    section = station.screen or ScreenSection()
    if port is not None:
        section = section.model_copy(update={"port": port})
    click.echo(f"{section.in_words(station.access)}; Ctrl-C ends it")
    if section.tls_address(station.access) is not None:
        # looked up, not made: who types this may be another user than the station's
        known = fingerprint_of(station.records.path) or "as `gonogo users list` shows it then"
        click.echo(f"its certificate is by the box's own CA, SHA-256 {known}")
    with contextlib.suppress(KeyboardInterrupt):
        show(screen_plan(station, section), lambda _: False)


COMMANDS: tuple[click.Command, ...] = (screen,)
