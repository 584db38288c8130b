"""Commands that exchange the engine of a running station, step by step."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.base.errors import ControlError, EngineChangeError, GonogoError, LoaderRestarted
from gonogo.commands.auditing import audited, of_running, why
from gonogo.commands.engine_inspect import inspect

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from gonogo.ipc.audit.change import Change
    from gonogo.records.dispositions.labels import Label

FILE = click.Path(path_type=Path)
# how often a bar on the terminal moves
POLL_S = 0.2
_station = click.option(
    "--station", help="the station's name or file, where several run on this box"
)


@click.group()
def swap() -> None:
    """Exchange the engine of a running station while parts flow."""


@swap.command("status")
@_station
def engine_status(station: str | None) -> None:
    """Show what judges, what else is loaded, and what is under way."""
    from gonogo.console.status import describe

    name = _named(station)
    for line in describe(name, _ask(name, do="status")):
        click.echo(line)


@swap.command()
@click.argument("name")
@click.argument("version")
@click.option("--shadow", type=click.IntRange(0, 100_000), help="parts judged in shadow")
@click.option("--keep", is_flag=True, help="go on in shadow for as long as wanted")
@_station
@why
def load(name: str, version: str, shadow: int | None, *, keep: bool, station: str | None) -> None:
    """Load an installed version beside the one that judges, and compare them."""
    from gonogo.console.status import report

    running = _named(station)
    request = {"name": name, "version": version, "shadow": shadow, "keep": keep}
    with _audited(running, "engine load", request):
        # a number for this order: what others ask for meanwhile has a higher one
        ticket = _ask(running, do="load", **request)["ticket"]
        found = _follow(running, ticket)
        for line in report(found):
            click.echo(line)
        _end(found, ticket)


@swap.command()
@click.option("--without-shadow", is_flag=True, help="although nobody has compared it enough")
@_station
@why
def activate(*, without_shadow: bool, station: str | None) -> None:
    """Have what was loaded judge, from one part to the next, and watch it for a trial."""
    running = _named(station)
    _carried_out(running, "activate", without_shadow=without_shadow)


@swap.command()
@click.argument("name", required=False)
@_station
@why
def rollback(name: str | None, station: str | None) -> None:
    """Have the former version judge again: at once while it is warm, else it is loaded first."""
    _carried_out(_named(station), "rollback", name=name)


@swap.command()
@_station
@why
def unload(station: str | None) -> None:
    """Give up what is under way, or the warm former version; what judges goes on."""
    _carried_out(_named(station), "unload")


@swap.command()
@click.argument("records", type=FILE)
@click.option("--run", help="only parts of this run")
@click.option("--shadow", help="only parts with this engine in shadow: its id, or how it begins")
@click.option("--last", type=click.IntRange(1), help="only the last so many parts")
@click.option("--json", "plain", is_flag=True, help="all of it as JSON")
def compare(
    *, records: Path, run: str | None, shadow: str | None, last: int | None, plain: bool
) -> None:
    """Compare the engine in shadow with the active one, from a station's records.

    Where people have said of parts whether they are good, that tells which of the two is right.
    """
    import json

    from rich.console import Console

    from gonogo.commands.comparison import compare as compared
    from gonogo.commands.show.compare import show_comparison
    from gonogo.records.shadow import Choice, read

    found = compared(read(records, Choice(run, shadow, last)), _labels(records))
    if plain:
        click.echo(json.dumps(found.as_json(), indent=1))
    else:
        show_comparison(Console(highlight=False), found)


def _labels(records: Path) -> list[Label]:
    """What people said of that station's parts; none, and it is told, where that is unreadable."""
    from gonogo.base.errors import DispositionsError
    from gonogo.commands.proposed import labels_of

    try:
        return labels_of(records)
    except DispositionsError as error:
        click.echo(f"not read: {error}", err=True)
        return []


def _carried_out(running: str, do: str, **request: object) -> None:
    """Ask for it and tell how it ended; what judges then stands in the audit trail."""
    with _audited(running, f"engine {do}", request) as change:
        ticket = _ask(running, do=do, **request)["ticket"]
        found = _follow(running, ticket)
        change.new = {**request, "judges": _judging(found)}
        _end(found, ticket)


def _audited(running: str, what: str, new: object) -> AbstractContextManager[Change]:
    trail = of_running(running)
    # asked for the trail alone: a loader that does not answer says so when it is asked in earnest
    old = None
    with contextlib.suppress(GonogoError):
        from gonogo.engines.loading.process import PURPOSE
        from gonogo.ipc.control_socket import ask

        old = trail and {"judges": _judging(ask(running, purpose=PURPOSE, do="status"))}
    return audited(trail, what, new, old)


def _judging(found: dict[str, Any]) -> dict[str, str]:
    """Version by name, of the place that judges."""
    active = [place["holds"] for place in found["places"] if place["role"] == "active"]
    return active[0] if active else {}


def _named(station: str | None) -> str:
    """The station of that name or file, or the only one that runs on this box."""
    from gonogo.commands.running import running
    from gonogo.config.station import load_station

    # a file is read for its name only: it need not be the one that runs
    if station is not None and station.endswith(".toml"):
        return load_station(Path(station)).station.name
    return running(station)


def _ask(station: str, **request: object) -> dict[str, Any]:
    """Ask the loader; what it refuses is told under the number that it gave."""
    from gonogo.engines.loading.process import PURPOSE
    from gonogo.ipc.control_socket import ask

    try:
        return ask(station, purpose=PURPOSE, **request)
    except ControlError as error:
        # what the loader itself refused has its own number; the rest is of the socket
        if not str(error.args[0]).startswith("GN"):
            raise
        click.echo(error.args[0], err=True)
        sys.exit(1)


def _follow(station: str, ticket: int) -> dict[str, Any]:
    """Show how far it is until it has ended; the last status. Ctrl-C ends the showing only."""
    from gonogo.commands.show.progress import progress_bar
    from gonogo.console.status import progress_of

    with progress_bar() as progress:
        bars: dict[str, int] = {}
        while True:
            found = _ask(station, do="status")
            # tickets begin anew with each loader
            if found["ticket"] < ticket:
                raise LoaderRestarted("the loader was started anew: see `gonogo swap status`")
            outcome = found["outcome"]
            if outcome is not None and outcome["ticket"] >= ticket:
                # a bar that stands at 98 % when all is done looks like a failure
                for what, total in bars.items():
                    progress(what, total, total)
                return found
            if found["ticket"] > ticket:
                raise EngineChangeError("another command has taken over: `gonogo swap status`")
            for what, done, total in progress_of(found):
                bars[what] = total
                progress(what, done, total)
            time.sleep(POLL_S)


def _end(found: dict[str, Any], ticket: int) -> None:
    """Print how it ended; exit code 1 when it was refused."""
    outcome = found["outcome"]
    # ours had ended before we asked again, and so had somebody else's
    if outcome["ticket"] > ticket:
        raise EngineChangeError("another command has taken over: `gonogo swap status`")
    # the loader's own words; a number means that it was refused
    click.echo(outcome["text"], err=bool(outcome["number"]))
    if outcome["number"]:
        sys.exit(1)


@click.group("engine", hidden=True, commands={**swap.commands, "inspect": inspect})
def engine() -> None:
    """As `gonogo swap`, which it was called before; kept for one release."""
    if click.get_current_context().invoked_subcommand == "inspect":
        return  # which is no part of an exchange
    click.echo("`gonogo engine` is called `gonogo swap` now; this name will go", err=True)


COMMANDS: tuple[click.Command, ...] = (swap, engine)
