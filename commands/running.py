"""Commands for a station that runs: what it does, and what a technician may ask of it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from gonogo.base.errors import ControlError
from gonogo.commands.auditing import audited, of_running, records_of, why

FILE = click.Path(path_type=Path)
NOTHING_LEFT = (
    "nothing was left alone; a fault of the ejector ends if all that is read of it agrees again "
    "(see the messages of the station)"
)
by_name = click.option("--station", help="the station's name, where several run on this box")


@click.command()
@click.option("--json", "plain", is_flag=True, help="say it for a program, as JSON")
@by_name
def status(station: str | None, *, plain: bool) -> None:
    """Show what a running station stands on, and its processes."""
    if plain:
        import json

        from gonogo.commands.standing import standing

        click.echo(json.dumps(standing(running(station)), indent=1))
    else:
        _status(station)


def _status(station: str | None) -> None:
    from gonogo.base.words import FaultBit, Mode
    from gonogo.commands.show.engines import engine_lines
    from gonogo.ipc.control_socket import ask
    from gonogo.ipc.heartbeat import HeartbeatView

    name = running(station)
    reply = ask(name, do="status")
    # from shared memory: also a line that hangs is told of, which would answer nobody
    heart = HeartbeatView.attach(name)
    click.echo(f"station '{name}': {heart.mode.name}, {heart.cycles} parts judged")
    # the reason is in the messages, with its time
    if heart.mode is not Mode.FULL:
        click.echo("  not FULL: see the messages of the station")
    shown = [bit.name.lower() for bit in FaultBit if heart.faults & bit and bit.name]
    if shown:
        click.echo(f"  FAULT at the PLC: {', '.join(shown)}")
    if heart.faults & FaultBit.STRANGER:
        click.echo("  another device writes here, into our words in the PLC: see GN404")
    # a cycle that lacks a stage feeds no heart: one of them is a fault of ours
    if heart.broken:
        click.echo(f"  {heart.broken} cycles lacked a stage: please report this")
    for row in reply["rows"]:
        starts = f", started {row['starts']} times" if row["starts"] > 1 else ""
        warns = [bit.name.lower() for bit in FaultBit if row["warning"] & bit and bit.name]
        warns_of = f", warns the PLC: {', '.join(warns)}" if warns else ""
        click.echo(f"  {row['name']:<12} {row['state']:<9} process {row['pid']}{starts}{warns_of}")
    for line in engine_lines(name):
        click.echo(f"  {line}")
    heart.close()
    _alerts(name, [row["name"] for row in reply["rows"]])
    if any(row["name"] == "board" for row in reply["rows"]):
        _board(name)
    _drift(name)
    _master_parts(name)
    _proposal(name)


def _alerts(station: str, names: list[str]) -> None:
    """What somebody should look after, with the name under which docs/alerts.md has it.

    `names` of the processes, as the supervisor has them; row 0 is its own.
    """
    from gonogo.records.metrics.alerts import found
    from gonogo.records.metrics.standing import StationMemory

    rows = {
        name: tuple(k for k, each in enumerate(names, 1) if each == name)
        for name in dict.fromkeys(names)
    }
    memory = StationMemory(station, records_of(station), rows)
    for alert, words in found(memory.look()):
        click.echo(f"  {alert.severity}: {words} ({alert.name})")
    memory.close()


def _proposal(station: str) -> None:
    """Whether another engine is worth making."""
    from gonogo.commands.proposed import status_lines

    for line in status_lines(records_of(station)):
        click.echo(f"  {line}")


def _board(station: str) -> None:
    """How hot the box is."""
    from gonogo.commands.show.board import standing
    from gonogo.ipc.board_health import BoardView

    memory = BoardView.attach(station)
    click.echo(f"  {standing(memory, time.monotonic_ns())}")
    memory.close()


def _drift(station: str) -> None:
    """Whether what was decided still holds, where somebody charts it."""
    import json

    from gonogo.base.errors import SegmentError
    from gonogo.commands.show.drift_status import standing
    from gonogo.ipc.drift_table import DriftView
    from gonogo.ipc.journal import JournalView

    try:
        table = DriftView.attach(station)
    except SegmentError:
        return
    journal = JournalView.attach(station)
    for line in standing(table, json.loads(journal.about)["views"]):
        click.echo(f"  {line}")
    journal.close()
    table.close()


def _master_parts(station: str) -> None:
    """How the gate of the master parts stands."""
    from gonogo.commands.show.master_part import standing
    from gonogo.ipc.master_part import MasterPartView

    memory = MasterPartView.attach(station)
    for line in standing(memory):
        click.echo(f"  {line}")
    memory.close()


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
@click.option("--user", default="gonogo", help="the user that runs it")
def service(station: Path, user: str) -> None:
    """Print the systemd unit that runs a station on this box."""
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
    # the unit alone on stdout, for `tee`; what is still to be done beside it
    click.echo(text, nl=False)
    for note in notes:
        click.echo(note, err=True)


def running(station: str | None) -> str:
    """The station of that name, or the only one that runs on this box as this user."""
    from gonogo.base.runtime_dir import elsewhere, runtime_dir
    from gonogo.base.shm import boot_tag

    if station is not None:
        return station
    # of this boot: a socket that an earlier one left is no station
    suffix = f"-{boot_tag()}-control"
    found = sorted(runtime_dir().glob(f"*{suffix}"))
    names = [path.name.removesuffix(suffix) for path in found]
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


COMMANDS: tuple[click.Command, ...] = (status, acknowledge, campaign, service)
