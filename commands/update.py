"""`gonogo update`: an image into the slot that does not run, and when it starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gonogo.build.update.places import Places
    from gonogo.build.update.updater import Updater

FILE = click.Path(path_type=Path)


@click.group()
def update() -> None:
    """Update this box: write an image while parts flow, start it once the line stands.

    For a box that was flashed with an image of `gonogo box build`; by root, but for status.
    """


@update.command("status")
@click.option("--json", "plain", is_flag=True, help="say it for a program, as JSON")
def status(*, plain: bool) -> None:
    """Show how far the last update is."""
    from gonogo.build.update.kept import load
    from gonogo.build.update.plugged import said

    found = load(_places().state)
    if plain:
        click.echo("null" if found is None else found.model_dump_json())
        return
    click.echo("no update yet" if found is None else found.in_words())
    for line in said(_places()):
        click.echo(f"  the last stick: {line}")


@update.command("install")
@click.argument("file", type=FILE)
@click.option("--allow-downgrade", is_flag=True, help="also an image older than what runs")
@click.option("--at-once", is_flag=True, help="start it without waiting until the line stands")
def install(file: Path, *, allow_downgrade: bool, at_once: bool) -> None:
    """Check an image (.raucb) and write it into the slot that does not run.

    It starts once the PLC has stopped the line, or by `gonogo update switch`.
    """
    from gonogo.build.update.updater import Offer

    updater = _updater()
    updater.install(Offer(file.absolute(), "file", older=allow_downgrade))
    if at_once:
        updater.switch()


@update.command("switch")
def switch() -> None:
    """Start what was written, now: the station stops, and the box restarts."""
    _updater().switch()


@update.command("cancel")
def cancel() -> None:
    """Give up an update that has not been switched to."""
    _updater().cancel("given up by command")


@update.command("poll")
def poll() -> None:
    """Ask the update server now, and go on with what it offers for a minute."""
    from gonogo.base.errors import UpdateSettingsWrong
    from gonogo.build.update.ddi.http import Http
    from gonogo.build.update.ddi.poll import Poll
    from gonogo.build.update.settings import NAME, settings

    places = _places()
    server = settings(places.state)
    if server is None:
        raise UpdateSettingsWrong(f"{places.state / NAME} is not there: this box has no server")
    wait_s = Poll(server, Http(server), _updater(), places).look()
    click.echo(f"the server was asked; it wants to be asked again in {wait_s:.0f} s")


@update.command("stick")
@click.argument("folder", type=FILE)
def stick(folder: Path) -> None:
    """Take what a stick has for this box: what gonogo-stick@.service runs.

    A station, where the box has none yet; then the newest image. Nothing is written on the stick.
    """
    from gonogo.build.update.plugged import plugged

    plugged(folder, _places(), click.echo)


@update.command("serve")
def serve() -> None:
    """Go on with what is under way, and ask the update server: what the box's own unit runs."""
    from gonogo.build.update.serve import Serve

    Serve(_places(), click.echo).run()


def _updater() -> Updater:
    from gonogo.build.update.updater import Updater

    return Updater(_places(), click.echo)


def _places() -> Places:
    from gonogo.build.update.places import Places

    return Places()


COMMANDS: tuple[click.Command, ...] = (update,)
