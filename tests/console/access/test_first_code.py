"""The code of the first start: once, for a while, a few tries, and only where nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AccountUnfit, FirstCodeRefused
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.first_code import LASTS_S, TRIES, FirstCode, path_of
from gonogo.console.access.roles import Role
from gonogo.tests.console.access.people import BADGE, PIN, Clock, Work, accounts_in

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "AAAA-AAAA-AAAA"


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """Of a station at which nobody was yet."""
    return Accounts(tmp_path / "parts.accounts.json", by=Work())


def test_use_makes_the_first_account(accounts: Accounts, station: str) -> None:
    """Shown by one process, typed at another, in small letters and with blanks as well."""
    clock = Clock()
    code = FirstCode(path_of(station), accounts, clock).show()
    screen = FirstCode(path_of(station), accounts, clock)
    made = screen.use(f" {code.lower().replace('-', ' ')} ", "Anna", BADGE)
    assert (made.name, made.role) == ("Anna", Role.SECURITY)
    assert accounts.all() == (made,)


def test_show_gives_codes_that_nobody_guesses(accounts: Accounts, station: str) -> None:
    """Twelve letters, none of which is read as another; what is kept of it says nothing."""
    codes = {FirstCode(path_of(station), accounts).show() for _ in range(20)}
    assert len(codes) == 20
    for code in codes:
        assert [len(each) for each in code.split("-")] == [4, 4, 4]
        assert not set(code) & set("01OIL")
        assert code.replace("-", "").encode() not in path_of(station).read_bytes()


def test_use_takes_a_code_once(accounts: Accounts, station: str) -> None:
    """Also where the account that it made is gone again."""
    first = FirstCode(path_of(station), accounts, Clock())
    code = first.show()
    first.use(code, "anna", BADGE)
    accounts.path.unlink()
    with pytest.raises(FirstCodeRefused, match="GN666"):
        first.use(code, "berta", BADGE)


def test_use_takes_the_newest_code_alone(accounts: Accounts, station: str) -> None:
    """Whoever saw the one before has none."""
    first = FirstCode(path_of(station), accounts, Clock())
    old, new = first.show(), first.show()
    with pytest.raises(FirstCodeRefused):
        first.use(old, "anna", BADGE)
    assert first.use(new, "anna", BADGE).name == "anna"


@pytest.mark.parametrize(("after_s", "right"), [(LASTS_S - 1, True), (LASTS_S + 1, False)])
def test_use_is_bound_in_time(
    accounts: Accounts, station: str, after_s: float, *, right: bool
) -> None:
    """By the monotonic clock; one that stands before the code was shown is too early."""
    clock = Clock()
    first = FirstCode(path_of(station), accounts, clock)
    code = first.show()
    clock.go(after_s)
    if right:
        assert first.use(code, "anna", BADGE).name == "anna"
    else:
        with pytest.raises(FirstCodeRefused):
            first.use(code, "anna", BADGE)


def test_use_is_bound_in_tries(accounts: Accounts, station: str) -> None:
    """In all processes together; the right one comes too late then."""
    clock = Clock()
    code = FirstCode(path_of(station), accounts, clock).show()
    for _ in range(TRIES):
        with pytest.raises(FirstCodeRefused):
            FirstCode(path_of(station), accounts, clock).use(WRONG, "anna", BADGE)
    with pytest.raises(FirstCodeRefused):
        FirstCode(path_of(station), accounts, clock).use(code, "anna", BADGE)
    assert accounts.all() == ()


@pytest.mark.parametrize(("name", "secret"), [("an\x00na", BADGE), ("anna", "123456")])
def test_use_that_is_unfit_costs_no_code(
    accounts: Accounts, station: str, name: str, secret: str
) -> None:
    """Whoever chose a PIN that is not taken chooses another."""
    first = FirstCode(path_of(station), accounts, Clock())
    code = first.show()
    for _ in range(TRIES + 1):
        with pytest.raises(AccountUnfit):
            first.use(code, name, secret)
    assert first.use(code, "anna", PIN).name == "anna"


def test_code_is_none_where_somebody_is(tmp_path: Path, station: str) -> None:
    """Neither shown nor taken."""
    accounts = accounts_in(tmp_path)
    first = FirstCode(path_of(station), accounts, Clock())
    with pytest.raises(FirstCodeRefused, match="already"):
        first.show()
    with pytest.raises(FirstCodeRefused, match="already"):
        first.use(WRONG, "berta", BADGE)


@pytest.mark.parametrize("code", ["", WRONG, "\x00", "\ud800", "x" * 1_000_000, "\uff21" * 12])
def test_use_takes_nothing_before_a_code_was_shown(
    accounts: Accounts, station: str, code: str
) -> None:
    """Whatever is typed."""
    with pytest.raises(FirstCodeRefused):
        FirstCode(path_of(station), accounts, Clock()).use(code, "anna", BADGE)


@pytest.mark.parametrize("left", [b"", b"{}", b'{"left": 5}', b"[]", b'{"hash": null, "left": 9, '])
def test_use_takes_nothing_from_a_torn_table(accounts: Accounts, station: str, left: bytes) -> None:
    """A process that was killed while it wrote."""
    FirstCode(path_of(station), accounts, Clock()).show()
    path_of(station).write_bytes(left)
    with pytest.raises(FirstCodeRefused):
        FirstCode(path_of(station), accounts, Clock()).use("", "anna", BADGE)


def test_code_needs_a_private_folder(accounts: Accounts, tmp_path: Path) -> None:
    """Where others may look in there is none."""
    tmp_path.chmod(0o755)
    with pytest.raises(FirstCodeRefused, match="GN666"):
        FirstCode(tmp_path / "code", accounts).show()
