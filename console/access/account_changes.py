"""What can be done to the accounts of a station: once for the command line and for the console.

Each of them says what the audit trail is told of it, before it is done and after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.console.access.delays import Delays, path_of
from gonogo.console.access.names import fit
from gonogo.console.access.secret import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.entrance import Station
    from gonogo.console.access.roles import Role


class AccountChange(NamedTuple):
    """`what`, `old` and `new` for the trail; `do` does it; `said` once it is done."""

    what: str
    old: Any
    new: Any
    do: Callable[[], object]
    said: str


def add(place: Station, name: str, role: Role, secret: str) -> AccountChange:
    """Another account; AccountUnfit where name or secret can be none."""
    shown = fit(name)
    check(secret, shown)
    return AccountChange(
        "users add", None, {"account": shown, "role": role.value},
        lambda: place.accounts.add(shown, role, secret), f"{shown}: {role.value}",
    )  # fmt: skip


def set_role(place: Station, name: str, role: Role) -> AccountChange:
    """Something else; whoever uses it is signed out. AccountRefused where there is none."""
    old = place.accounts.the(name)
    return AccountChange(
        "users role", {"role": old.role.value}, {"account": old.name, "role": role.value},
        lambda: place.accounts.set_role(name, role),
        f"{old.name}: {role.value} (before: {old.role.value})",
    )  # fmt: skip


def set_secret(place: Station, name: str, secret: str) -> AccountChange:
    """Another PIN or badge; whoever uses it is signed out, everywhere."""
    old = place.accounts.the(name)
    check(secret, old.name)
    return AccountChange(
        "users pin", None, {"account": old.name},
        lambda: place.accounts.set_secret(name, secret), f"{old.name}: another PIN or badge",
    )  # fmt: skip


def rename(place: Station, name: str, to: str) -> AccountChange:
    """Another name; what it did stays under the old one."""
    old, shown = place.accounts.the(name), fit(to)
    return AccountChange(
        "users rename", {"account": old.name}, {"account": shown},
        lambda: place.accounts.rename(name, shown), f"{shown} (before: {old.name})",
    )  # fmt: skip


def set_disabled(place: Station, name: str, *, disabled: bool) -> AccountChange:
    """Nobody signs in with it, or somebody may again."""
    old = place.accounts.the(name)
    what = "disable" if disabled else "enable"
    return AccountChange(
        f"users {what}", {"disabled": old.disabled}, {"account": old.name, "disabled": disabled},
        lambda: place.accounts.set_disabled(name, disabled=disabled), f"{old.name}: {what}d",
    )  # fmt: skip


def remove(place: Station, name: str) -> AccountChange:
    """It is gone; the last one that may give out accounts stays."""
    old = place.accounts.the(name)
    return AccountChange(
        "users remove", {"account": old.name, "role": old.role.value}, None,
        lambda: place.accounts.remove(name), f"{old.name}: removed",
    )  # fmt: skip


def unlock(place: Station, name: str) -> AccountChange:
    """It waits no longer after PINs that were wrong; of the user whose the station's memory is."""
    old = place.accounts.the(name)
    return AccountChange(
        "users unlock", None, {"account": old.name},
        lambda: Delays(path_of(place.name)).unlock(old.key),
        f"{old.name}: the next attempt is looked at",
    )  # fmt: skip


def as_json(account: Account) -> dict[str, object]:
    """What others may know of it."""
    return {"name": account.name, "role": account.role.value, "disabled": account.disabled}


def in_a_line(account: Account) -> str:
    """The same for people."""
    return f"{account.name:<32} {account.role.value:<10}{' disabled' * account.disabled}".rstrip()
