"""Commands for a station that runs: what it does, and what a technician may ask of it."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import click

from gonogo.base.errors import ControlError, LogUnreadable
from gonogo.commands.auditing import audited, of_running, why

FILE = click.Path(path_type=Path)
NOTHING_LEFT = (
    "nothing was left alone; a fault of the ejector ends if all that is read of it agrees again "
    "(see the messages of the station)"
)
WATCH_S = 1.0
by_name = click.option("--station", help="the station's name, where several run on this box")


@click.command()
@click.option("--json", "plain", is_flag=True, help="say it for a program, as JSON")
@click.option("--watch", is_flag=True, help="say it anew every second, until Ctrl-C")
@by_name
def status(station: str | None, *, plain: bool, watch: bool) -> None:
    """Show how a running station stands: what the PLC has of it first.

    Then what judges, its processes, and what somebody should look after.
    """
    name = named if (named := _waiting(station)) is not None else running(station)
    say = _json if plain else _lines
    while watch:
        if not plain:
            click.clear()
        say(name)
        time.sleep(WATCH_S)
    say(name)


def _waiting(station: str | None) -> str | None:
    """The station that waits for what it needs to start; None where none does, or not only one."""
    from gonogo.ipc.waiting import waiting

    names = {each.station for each in waiting(station)}
    return names.pop() if len(names) == 1 else None


def _json(name: str) -> None:
    import json

    from gonogo.console.standing import standing
    from gonogo.console.waits import standing_of
    from gonogo.ipc.waiting import waiting

    found = [standing_of(each) for each in waiting(name)]
    click.echo(json.dumps(found[0] if found else standing(name)))


def _lines(name: str) -> None:
    from gonogo.console.show.station import records_of, station_lines
    from gonogo.console.waits import lines_of
    from gonogo.ipc.waiting import waiting

    for each in waiting(name):
        for line in lines_of(each):
            click.echo(line)
        return
    for line in station_lines(name):
        click.echo(line)
    records = records_of(name)
    _proposal(records)
    _lately(records)


def _lately(records: Path | None) -> None:
    """The newest error that the log names, and what to do about it."""
    from gonogo.commands.in_service import station_of
    from gonogo.console.show.lately import lately

    station = None if records is None else station_of(records)
    if station is None or station.log.path is None:
        return
    with contextlib.suppress(LogUnreadable):
        for known in lately(station.log.path)[:1]:
            click.echo(f"  last in the log: {known.number}: {known.means}")
            click.echo(f"    do: {known.remedy}")


def _proposal(records: Path | None) -> None:
    """Whether another engine is worth making."""
    from gonogo.commands.proposed import status_lines

    for line in status_lines(records):
        click.echo(f"  {line}")


@click.command()
@by_name
@why
def acknowledge(station: str | None) -> None:
    """Try again what was left alone, and clear a fault of an ejector that works again."""
    from gonogo.ipc.control_socket import ask

    # asks the supervisor for its rows and, through the table, the line for its ejector
    name = running(station)
    with audited(of_running(name), "acknowledge") as change:
        latched = change.new = ask(name, do="acknowledge")["latched"]
    click.echo(f"tried again: {', '.join(latched)}" if latched else NOTHING_LEFT)


@click.command()
@click.option("--quick", is_flag=True, help="few phases of every row: below four minutes")
@click.option("--row", "only", multiple=True, help="this row only; may be given again")
@click.option("--phases", type=click.IntRange(1, 100_000), help="injections a row")
@click.option("--seed", default=1, type=click.IntRange(0), help="another seed, other moments")
@click.option("--soak", "parts", type=click.IntRange(1000), help="so many parts at full speed")
@click.option("--report", required=True, type=FILE, help="folder for campaign.json and .html")
def campaign(
    *,
    quick: bool,
    only: tuple[str, ...],
    phases: int | None,
    seed: int,
    parts: int | None,
    report: Path,
) -> None:
    """Break a running station in every way there is, and let the PLC simulator judge it.

    Exit code 0: passed. 2: the station failed. 3: inconclusive, because nothing but the lateness of
    the simulated PLC itself was wrong; the rows are named, and were run twice.
    """
    from gonogo.commands.show.campaign import show_campaign, show_soak, teller
    from gonogo.commands.show.progress import progress_bar
    from gonogo.proving.campaign.command import CampaignOrder, carry_out
    from gonogo.proving.campaign.soak import SoakOrder, soak

    # a soak is another run, over hours: no rows, no phases
    if parts is not None:
        with progress_bar() as progress:
            found = soak(SoakOrder(parts, seed), report, progress, teller())
        show_soak(found)
        sys.exit(found["exit_code"])
    order = CampaignOrder(quick, only, phases, seed)
    with progress_bar() as progress:
        outcome = carry_out(order, report, progress, teller())
    show_campaign(outcome)
    sys.exit(outcome.exit_code)


@click.command()
@click.argument("station", type=FILE)
@click.option("--user", help="the user that runs it; left out, gonogo, of the screen gonogo-screen")
@click.option("--kiosk", is_flag=True, help="of a browser that shows the screen on a display")
@click.option("--policy", is_flag=True, help="what keeps that browser to the screen, as JSON")
def service(station: Path, user: str | None, kiosk: bool, policy: bool) -> None:  # noqa: FBT001 - click hands it over
    """Print the systemd unit that runs a station on this box.

    With --kiosk the unit of a browser on a display of this box, which shows the operator's screen
    and nothing else; with --policy the rules for that browser.
    """
    if kiosk or policy:
        _show_kiosk(station, user or "gonogo-screen", policy=policy)
        return
    _show_service(station, user or "gonogo")


def _show_service(station: Path, user: str) -> None:
    from gonogo.config.station import load_station
    from gonogo.launch.needs import needs_of, program_paths
    from gonogo.launch.service import Service, notes_on, unit_text

    # absolute, and without links: systemd takes no other paths, and needs their real folders
    loaded, gonogo, file = load_station(station), Path(sys.argv[0]).resolve(), station.resolve()
    needs = needs_of(loaded, (*program_paths(), gonogo, file))
    notes = notes_on(user, needs)
    try:
        text = unit_text(Service(gonogo, file, loaded.station.name, user), needs, notes)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    _print_unit(text, notes)


def _show_kiosk(station: Path, user: str, *, policy: bool) -> None:
    from gonogo.config.station import load_station
    from gonogo.launch.kiosk import Kiosk, kiosk_text, notes_on_kiosk, policy_text

    loaded = load_station(station)
    if loaded.screen is None:
        raise click.ClickException(
            f"{station}: expected [screen], which a browser could show, got none"
        )
    found = Kiosk(loaded.station.name, loaded.screen, user)
    if policy:
        click.echo(policy_text(found), nl=False)
        return
    notes = notes_on_kiosk(found)
    try:
        _print_unit(kiosk_text(found, notes), notes)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _print_unit(text: str, notes: list[str]) -> None:
    # the unit alone on stdout, for `tee`; what is still to be done beside it
    click.echo(text, nl=False)
    for note in notes:
        click.echo(note, err=True)


def running(station: str | None) -> str:
    """The station of that name, or the only one that runs on this box as this user."""
    from gonogo.base.runtime_dir import elsewhere, runtime_dir

    if station is not None:
        return station
    names = running_names(runtime_dir())
    if len(names) == 1:
        return names[0]
    if names:
        raise ControlError(f"several stations run: name one with --station ({', '.join(names)})")
    # memory is private to its user: another one looks into a folder of his own, and finds nothing
    other = elsewhere()
    hint = f", or ask as the user whose stations these are: sudo -u {other} ..." if other else ""
    raise ControlError(
        f"no station runs on this box as this user; start one: gonogo run FILE{hint}"
    )


def running_names(folder: Path) -> list[str]:
    """The stations whose sockets lie in a runtime directory, in order."""
    from gonogo.base.shm import boot_tag

    # of this boot: a socket that an earlier one left is no station
    suffix = f"-{boot_tag()}-control"
    return [path.name.removesuffix(suffix) for path in sorted(folder.glob(f"*{suffix}"))]


COMMANDS: tuple[click.Command, ...] = (status, acknowledge, campaign, service)
