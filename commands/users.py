"""`gonogo users`: the accounts of a station, for root and for the station's user.

A PIN or badge is asked for without echo, never given on the command line: others see that.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import AccessDenied, ControlError
from gonogo.commands.auditing import audited, why

if TYPE_CHECKING:
    from gonogo.console.access.account_changes import AccountChange
    from gonogo.console.access.entrance import Station

ROLES = ("observer", "operator", "technician", "supervisor", "security")
_station = click.option("--station", help="the station's name, or its file; else the one that runs")
_role = click.option(
    "--role", required=True, type=click.Choice(ROLES), help="what the account may do"
)


@click.group()
def users() -> None:
    """Show and change who may sign in at a station, as root or as the station's user."""


@users.command("list")
@click.option("--json", "plain", is_flag=True, help="one JSON object a line")
@_station
def list_(station: str | None, *, plain: bool) -> None:
    """List the accounts: name, role, and whether somebody can sign in with it.

    And the fingerprint by which a browser knows the screen, once that is served by https.
    """
    from gonogo.console.access.account_changes import as_json, in_a_line
    from gonogo.console.access.ca_shown import fingerprint_of

    place = _place(station)
    accounts = place.accounts.all()
    for each in accounts:
        click.echo(json.dumps(as_json(each)) if plain else in_a_line(each))
    if plain:
        return
    if not accounts:
        click.echo("no account yet: the first one is of the role security (`gonogo users add`)")
    if known := fingerprint_of(place.records):
        click.echo(f"the screen by https: the box's own CA has the SHA-256 fingerprint {known}")


@users.command()
@_station
def code(station: str | None) -> None:
    """Show a one-time code, with which a page of the screen makes the first account.

    As the station's user, and as long as there is no account. It holds for 15 minutes.
    """
    from gonogo.console.access.entrance import Entrance
    from gonogo.console.access.ways import Way

    click.echo(Entrance(_place(station), Way.TERMINAL).show_code())


@users.command()
@click.argument("name")
@_role
@_station
@why
def add(name: str, role: str, station: str | None) -> None:
    """Add an account; its PIN or badge is asked for.

    NAME has 1 to 32 letters of one alphabet, or digits. The first account is of the role security.
    """
    from gonogo.console.access import account_changes
    from gonogo.console.access.names import fit
    from gonogo.console.access.roles import Role

    place, shown = _place(station), fit(name)
    _done(place, account_changes.add(place, shown, Role(role), _asked(shown)))


@users.command()
@click.argument("name")
@_role
@_station
@why
def role(name: str, role: str, station: str | None) -> None:
    """Make an account something else; whoever uses it is signed out."""
    from gonogo.console.access import account_changes
    from gonogo.console.access.roles import Role

    place = _place(station)
    _done(place, account_changes.set_role(place, name, Role(role)))


@users.command()
@click.argument("name")
@_station
@why
def pin(name: str, station: str | None) -> None:
    """Give an account another PIN or badge; whoever uses it is signed out, everywhere."""
    from gonogo.console.access import account_changes

    place = _place(station)
    secret = _asked(place.accounts.the(name).name)
    _done(place, account_changes.set_secret(place, name, secret))


@users.command()
@click.argument("name")
@click.argument("to")
@_station
@why
def rename(name: str, to: str, station: str | None) -> None:
    """Give an account another name; what it did stays under the old one."""
    from gonogo.console.access import account_changes

    place = _place(station)
    _done(place, account_changes.rename(place, name, to))


@users.command()
@click.argument("name")
@_station
@why
def disable(name: str, station: str | None) -> None:
    """Let nobody sign in with an account; whoever does is signed out."""
    _disabled(station, name, disabled=True)


@users.command()
@click.argument("name")
@_station
@why
def enable(name: str, station: str | None) -> None:
    """Let somebody sign in with it again."""
    _disabled(station, name, disabled=False)


@users.command()
@click.argument("name")
@_station
@why
def remove(name: str, station: str | None) -> None:
    """Remove an account; the last one that may give out accounts stays."""
    from gonogo.console.access import account_changes

    place = _place(station)
    _done(place, account_changes.remove(place, name))


@users.command()
@click.argument("name")
@_station
@why
def unlock(name: str, station: str | None) -> None:
    """Let an account wait no longer after PINs that were wrong; as the station's user."""
    from gonogo.console.access import account_changes

    place = _place(station)
    _done(place, account_changes.unlock(place, name))


def _disabled(station: str | None, name: str, *, disabled: bool) -> None:
    from gonogo.console.access import account_changes

    place = _place(station)
    _done(place, account_changes.set_disabled(place, name, disabled=disabled))


def _done(place: Station, change: AccountChange) -> None:
    """Told to the station's trail before it takes effect, and after."""
    from gonogo.ipc.audit.trail import Trail

    with audited(Trail(place.trail), change.what, change.new, change.old):
        change.do()
    click.echo(change.said)


def _asked(name: str) -> str:
    """A PIN or badge, typed twice, that is fit; asked for before anything is told or changed."""
    from gonogo.console.access.secret import check

    secret: str = click.prompt("PIN or badge", hide_input=True, confirmation_prompt=True)
    check(secret, name)
    return secret


def _place(station: str | None) -> Station:
    found = _found(station)
    owner = _owner(found.records)
    if os.geteuid() not in {0, owner}:
        raise AccessDenied(
            f"{found.records.parent}: belongs to user {owner}; expected to be asked by that user, "
            "or by root: sudo -u ..."
        )
    return found


def _found(station: str | None) -> Station:
    from gonogo.commands.auditing import records_of
    from gonogo.commands.running import running
    from gonogo.config.last_good import load_or_last_good
    from gonogo.console.access.entrance import Station

    if station is not None and station.endswith(".toml"):
        # also where the file is wrong: who may mend it is a question of accounts
        loaded = load_or_last_good(Path(station)).station
        return Station(loaded.station.name, loaded.records.path)
    name = running(station)
    records = records_of(name)
    if records is None:
        raise ControlError(
            f"{name}: no such station runs on this box as this user; expected its file (.toml)"
        )
    return Station(name, records)


def _owner(records: Path) -> int:
    """The station's user: to whom the folder of the records belongs, or the nearest one above."""
    there = next(each for each in records.parents if each.exists())
    return there.stat().st_uid


COMMANDS: tuple[click.Command, ...] = (users,)
