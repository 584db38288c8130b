"""A way in: who came, how long somebody waits, and what the trail says, together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AccountsUnreadable, FirstCodeRefused
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.delays import DelayLimits
from gonogo.console.access.entrance import Entrance, Station
from gonogo.console.access.login import Entered, Refused
from gonogo.console.access.roles import Role
from gonogo.console.access.ways import Way
from gonogo.ipc.audit.files import rows_backwards
from gonogo.tests.console.access.people import BADGE, PIN, Work, accounts_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path, station: str) -> Station:
    """A station with `sec` and `anna`."""
    accounts_in(tmp_path)
    return Station(station, tmp_path / "parts.sqlite")


def entrance(place: Station, way: Way = Way.SERIAL) -> Entrance:
    """By quick work."""
    accounts = Accounts(place.accounts.path, by=Work())
    return Entrance(place, way, DelayLimits(free_account=2), accounts)


def told(place: Station) -> list[tuple[str, str]]:
    """What the trail says, and of which way; oldest first."""
    return [(row.what, row.who["way"]) for row in rows_backwards(place.trail)][::-1]


def test_login_is_told_and_counted_for_every_way(place: Station) -> None:
    """Guesses at the screen keep the console waiting, and the trail has both."""
    screen, console = entrance(place, Way.TLS), entrance(place)
    for _ in range(2):
        assert isinstance(screen.login("anna", "408163", "10.0.0.9"), Refused)
    early = console.login("anna", PIN, "ttyUSB0")
    assert isinstance(early, Refused)
    assert early.early
    assert isinstance(console.login("sec", "935028", "ttyUSB0"), Entered)
    assert told(place) == [("sign in refused", "tls"), ("sign in", "serial")]


def test_left_is_told(place: Station) -> None:
    """With the reason."""
    door = entrance(place)
    found = door.login("anna", PIN, "ttyUSB0")
    assert isinstance(found, Entered)
    door.left(found.account, "ttyUSB0", "idle")
    assert told(place) == [("sign in", "serial"), ("sign out", "serial")]


def test_asks_where_anybody_could_sign_in(place: Station) -> None:
    """Nobody at the first start; a damaged file asks, and lets nobody in."""
    door = entrance(place)
    assert door.asks
    raw = door.accounts.path.read_bytes()
    door.accounts.path.write_bytes(raw[:-1])
    assert door.asks
    with pytest.raises(AccountsUnreadable):
        door.login("anna", PIN, "ttyUSB0")
    door.accounts.path.unlink()
    assert not door.asks


def test_first_account_is_told_with_how_it_came(place: Station) -> None:
    """The code that was shown, those that were wrong, and who there is now; never the code."""
    place.accounts.path.unlink()
    console, screen = entrance(place), entrance(place, Way.TLS)
    code = console.show_code()
    with pytest.raises(FirstCodeRefused):
        screen.first("AAAA-AAAA-AAAA", "berta", BADGE, "10.0.0.9")
    assert screen.first(code, "berta", BADGE, "10.0.0.9").role is Role.SECURITY
    assert told(place) == [
        ("first code shown", "serial"), ("sign in refused", "tls"), ("users add", "tls"),
    ]  # fmt: skip
    assert code not in place.trail.read_text()
    assert isinstance(screen.login("berta", BADGE, "10.0.0.9"), Entered)
