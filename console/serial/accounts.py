"""Commands about accounts, and about the CA that the screen's certificate is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import CommandUnknown
from gonogo.console.access import account_changes
from gonogo.console.access.account_changes import as_json, in_a_line
from gonogo.console.access.ca_shown import fingerprint_of
from gonogo.console.access.entrance import Entrance, Station
from gonogo.console.access.roles import Role
from gonogo.console.access.ways import Way
from gonogo.console.serial.changes import audited
from gonogo.console.serial.reads import records_of
from gonogo.console.serial.table import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.access.account_changes import AccountChange
    from gonogo.console.serial.table import At


def listed(at: At, _: Sequence[str]) -> Answer:
    """Name, role, and whether somebody can sign in with it."""
    found = _place(at).accounts.all()
    return Answer([in_a_line(each) for each in found] or ["no account"], [*map(as_json, found)])


def code(at: At, _: Sequence[str]) -> Answer:
    """A one-time code, with which somebody makes the first account."""
    shown = _entrance(at).show_code()
    lines = [f"code {shown}, for 15 minutes and the first account:",
             "  here: users first CODE NAME; or at the screen"]  # fmt: skip
    return Answer(lines, {"code": shown})


def first(at: At, given: Sequence[str]) -> Answer:
    """The first account, by that code."""
    made = _entrance(at).first(given[0], " ".join(given[1:]), at.secret, at.port)
    return Answer([f"{made.name}: {made.role.value}; sign in with it now"], as_json(made))


def add(at: At, given: Sequence[str]) -> Answer:
    """Another account."""
    role, name = _role(given[0]), " ".join(given[1:])
    return _done(at, account_changes.add(_place(at), name, role, at.secret))


def role(at: At, given: Sequence[str]) -> Answer:
    """What an account may do."""
    found = _role(given[0])
    return _done(at, account_changes.set_role(_place(at), " ".join(given[1:]), found))


def pin(at: At, given: Sequence[str]) -> Answer:
    """Another PIN or badge."""
    return _done(at, account_changes.set_secret(_place(at), " ".join(given), at.secret))


def disable(at: At, given: Sequence[str]) -> Answer:
    """Nobody signs in with it."""
    return _done(at, account_changes.set_disabled(_place(at), " ".join(given), disabled=True))


def enable(at: At, given: Sequence[str]) -> Answer:
    """Somebody may again."""
    return _done(at, account_changes.set_disabled(_place(at), " ".join(given), disabled=False))


def unlock(at: At, given: Sequence[str]) -> Answer:
    """It waits no longer."""
    return _done(at, account_changes.unlock(_place(at), " ".join(given)))


def remove(at: At, given: Sequence[str]) -> Answer:
    """It is gone."""
    return _done(at, account_changes.remove(_place(at), " ".join(given)))


def certificate(at: At, _: Sequence[str]) -> Answer:
    """The fingerprint that a browser has to show as well."""
    found = fingerprint_of(records_of(at))
    if found is None:
        return Answer(["no CA yet: the screen makes it once it is on the LAN ([access] lan)"], {})
    half = len(found) // 2 + 1
    lines = ["SHA-256 of the CA of this box:", f"  {found[:half]}", f"  {found[half:]}"]
    return Answer(lines, {"sha256": found})


def _done(at: At, change: AccountChange) -> Answer:
    with audited(at, change.what, change.new, change.old):
        change.do()
    return Answer([change.said], change.new)


def _place(at: At) -> Station:
    return Station(at.station, records_of(at))


def _entrance(at: At) -> Entrance:
    return Entrance(_place(at), Way(at.way))


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        known = ", ".join(each.value for each in Role)
        raise CommandUnknown(f"expected a role ({known}), got '{text}'") from None
