"""Commands that show a fault on a station that runs."""

from __future__ import annotations

import click

from gonogo.commands.auditing import audited, of_running, why
from gonogo.commands.running import by_name, running

_key = click.option(
    "--key",
    prompt="maintenance key",
    hide_input=True,
    envvar="GONOGO_KEY",
    help="the maintenance key; asked for, or in GONOGO_KEY",
)


@click.group()
def fault() -> None:
    """Show a fault on a running station: for trials, trainings and proofs."""


@fault.command("list")
@by_name
def list_faults(station: str | None) -> None:
    """List what can be shown, and what this station refuses."""
    from gonogo.ipc.control_socket import ask

    reply = ask(running(station), do="faults")
    for known in reply["faults"]:
        amount = known["amount"]
        how = f" [{amount['name']} {amount['low']:g}..{amount['high']:g}]" if amount else ""
        state = "ACTIVE" if known["active"] else ""
        state = f"no: {known['refused']}" if known["refused"] else state
        click.echo(f"{known['kind']:<18} {known['what']}{how}  {state}")
    # no key in the station file: faults cannot be asked for at all
    if reply["salt"] is None:
        click.echo("locked: the station file has no [maintenance] key_scrypt")


@fault.command()
@click.argument("kind")
@click.option("--for", "for_s", type=float, help="seconds; left out, until it is cleared")
@click.option("--amount", type=float, help="how much of it, see `gonogo fault list`")
@_key
@by_name
@why
def inject(
    kind: str, for_s: float | None, amount: float | None, key: str, station: str | None
) -> None:
    """Show a fault now."""
    from gonogo.ipc.control_socket import asked_with

    # the key itself stays here: what is sent is made of it and of the station's salt
    name, asked = running(station), {"kind": kind, "for_s": for_s, "amount": amount}
    with audited(of_running(name), "fault inject", asked):
        asked_with(name, key, do="inject", **asked)
    click.echo(f"{kind}: injected")


@fault.command()
@_key
@by_name
@why
def clear(key: str, station: str | None) -> None:
    """End all faults."""
    from gonogo.ipc.control_socket import asked_with

    name = running(station)
    with audited(of_running(name), "fault clear"):
        asked_with(name, key, do="clear")
    click.echo("all faults are cleared")


@fault.command()
@click.option(
    "--key",
    prompt="new maintenance key",
    hide_input=True,
    confirmation_prompt=True,
    help="the new key; asked for twice",
)
def key(key: str) -> None:
    """Make the line for the station file that unlocks faults with a key."""
    from gonogo.base.maintenance_key import lock_of

    click.echo("[maintenance]")
    click.echo(f'key_scrypt = "{lock_of(key)}"')


COMMANDS: tuple[click.Command, ...] = (fault,)
