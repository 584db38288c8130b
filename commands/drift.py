"""`gonogo drift`: whether what was decided still holds, and beginning a reference anew."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import DriftRefused, DriftStateError
from gonogo.commands.auditing import audited, given_why, why

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.drift.watch import DriftWatch

_station = click.option(
    "--station", help="the station's name, its file, or a records file; else the one that runs"
)


@click.group(invoke_without_command=True)
@_station
@click.pass_context
def drift(ctx: click.Context, station: str | None) -> None:
    """Show whether what was decided still holds: every chart, and what alarms rest on."""
    if ctx.invoked_subcommand is None:
        _show(station)


@drift.command()
@click.argument("view")
@_station
@why
@click.pass_context
def restart(ctx: click.Context, view: str, station: str | None) -> None:
    """Begin the reference of a view anew: the state that it is in now is the right one.

    VIEW is its name in the station file. Its charts are LEARNING for 160 hours then. --why is
    wanted: it stands in the audit trail.
    """
    from gonogo.commands.recorded import recorded
    from gonogo.ipc.audit.files import beside_records as trail_of
    from gonogo.ipc.audit.trail import Trail
    from gonogo.records.drift import restarts
    from gonogo.records.drift.saving import beside_records

    # it may stand before `restart`, too: another station's reference is not given up for that
    before = ctx.parent.params["station"] if ctx.parent is not None else None
    asked = recorded(station or before)
    state = beside_records(asked.path)
    old = _checked(view, _read(state), state)
    told = {"view": view, "learnt_h": old}
    with audited(Trail(trail_of(asked.path)), "drift restart", {"view": view}, told):
        request = restarts.RestartRequest(
            view=view, who=_who(), why=given_why()[:200], wall_s=time.time()
        )
        restarts.ask(state, request)
    click.echo(f"view '{view}': its reference begins anew within seconds, or at the next start")


def _checked(view: str, watch: DriftWatch, state: Path) -> list[int]:
    """Hours that are given up, of each set of charts of the view; DriftRefused."""
    if not given_why():
        raise DriftRefused(
            "no --why was given: a reference is given up only with a reason, as in "
            "`gonogo drift restart top --why 'new lamp'`"
        )
    views = {at.view for at in watch.watched}
    if view not in views:
        known = ", ".join(f"'{each}'" for each in sorted(views)) or "none yet"
        raise DriftRefused(f"{state}: no charts of a view '{view}'; there are: {known}")
    return [len(found.charts.learnt) for at, found in watch.watched.items() if at.view == view]


def _show(station: str | None) -> None:
    from gonogo.commands.recorded import recorded
    from gonogo.console.show.drift import in_lines
    from gonogo.records.drift.saving import beside_records
    from gonogo.records.questions.files import Files

    asked = recorded(station)
    watch = _read(beside_records(asked.path))
    for line in in_lines(watch, Files(asked.path), asked.engines):
        click.echo(line)


def _read(state: Path) -> DriftWatch:
    from gonogo.records.drift import saving

    if not state.exists():
        raise DriftStateError(
            f"{state}: no charts are there: expected a station with [records.drift] whose first "
            "part has passed"
        )
    return saving.read(state)


def _who() -> str:
    from gonogo.ipc.audit.who import who

    return str(who()["login"])[:200]


COMMANDS: tuple[click.Command, ...] = (drift,)
