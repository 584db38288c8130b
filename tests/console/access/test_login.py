"""Signing in: who there is, and who there is not, cost the same and look the same."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AccountsUnreadable
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.delays import DelayLimits, Delays
from gonogo.console.access.login import Entered, Login, Refused
from gonogo.console.access.roles import Role
from gonogo.tests.console.access.people import BADGE, PIN, Clock, Work, accounts_in

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.console.access.secret import Cost

STRANGE = [
    "", "\x00", "anna\x00", "an\u202ena", "\x1b[2J", "x" * 1_000_000, "\ud800", "\ufdfa" * 500,
    "'; DROP TABLE accounts; --", "<img onerror=alert(1)>", "\u0430nna", "../../etc/passwd",
]  # fmt: skip


def login_in(folder: Path, work: Work | None = None, free: int = 1000) -> tuple[Login, Accounts]:
    """A door with so many free attempts."""
    accounts = accounts_in(folder, work)
    limits = DelayLimits(free_account=free, free_source=free)
    return Login(accounts, Delays(None, limits, Clock())), accounts


def test_login_lets_in_by_any_spelling_of_the_name(tmp_path: Path) -> None:
    """With the account as it is now."""
    login, accounts = login_in(tmp_path)
    assert login.login("anna", PIN, "serial") == Entered(accounts.the("anna"))
    assert login.login("\uff21NNA", PIN, "serial") == Entered(accounts.the("anna"))
    accounts.set_secret("anna", BADGE)
    assert login.login("anna", BADGE, "serial") == Entered(accounts.the("anna"))
    assert isinstance(login.login("anna", PIN, "serial"), Refused)


def test_login_looks_the_same_whoever_there_is(tmp_path: Path) -> None:
    """A wrong PIN, a disabled account, no account: the same answer after the same work."""
    work = Work()
    login, accounts = login_in(tmp_path, work)
    accounts.add("gone", Role.OPERATOR, PIN)
    accounts.set_disabled("gone", disabled=True)
    work.done.clear()
    answers = []
    for name, secret in (("anna", "408163"), ("gone", PIN), ("nobody", PIN), ("anna", "")):
        answers.append(login.login(name, secret, "serial"))
    assert len({str(each) for each in answers}) == 1
    assert set(answers) == {Refused(0.0)}
    assert len(work.done) == 4
    assert len({cost for _, cost in work.done}) == 1


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("secret", [PIN, "", "\x00", "x" * 1_000_000, "\ud800"])
def test_login_takes_any_text(tmp_path: Path, name: str, secret: str) -> None:
    """It lets nobody in, works once on a bounded text, and fails in no other way."""
    work = Work()
    login, _ = login_in(tmp_path, work)
    work.done.clear()
    assert login.login(name, secret, "x" * 1_000_000) == Refused(0.0)
    assert [len(worked) < 1000 for worked, _ in work.done] == [True]


def test_login_that_is_too_early_is_not_looked_at(tmp_path: Path) -> None:
    """Not even with the right PIN: the answer says how long, and costs no work."""
    work = Work()
    login, _ = login_in(tmp_path, work, free=1)
    assert login.login("anna", "408163", "serial") == Refused(1.0)
    work.done.clear()
    early = login.login("anna", PIN, "serial")
    assert early == Refused(1.0, early=True)
    assert str(early) == "wait 1 s"
    assert work.done == []


def test_login_waits_alike_for_who_is_not_there(tmp_path: Path) -> None:
    """The delay tells nobody which accounts there are."""
    login, _ = login_in(tmp_path, free=2)
    for name in ("anna", "nobody"):
        said = [login.login(name, "408163", f"from {name}") for _ in range(4)]
        early = Refused(1.0, early=True)
        assert said == [Refused(0.0), Refused(1.0), early, early]


def test_login_of_a_damaged_file_is_nobody(tmp_path: Path) -> None:
    """It says so, and counts for nobody."""
    login, accounts = login_in(tmp_path, free=1)
    accounts.path.write_bytes(b"")
    for _ in range(3):
        with pytest.raises(AccountsUnreadable):
            login.login("anna", PIN, "serial")


def test_login_of_no_accounts_is_nobody(tmp_path: Path) -> None:
    """The first start opens no door."""
    accounts = Accounts(tmp_path / "parts.accounts.json", by=Work())
    login = Login(accounts, Delays(None))
    assert isinstance(login.login("", "", "serial"), Refused)


def test_login_looks_at_one_at_a_time(tmp_path: Path) -> None:
    """Whoever comes meanwhile is told to wait, and takes no memory."""
    began, go_on = threading.Event(), threading.Event()
    work = Work()

    def slow(secret: bytes, salt: bytes, cost: Cost) -> bytes:
        began.set()
        assert go_on.wait(60)
        return work(secret, salt, cost)

    path = accounts_in(tmp_path, work).path
    login = Login(Accounts(path, by=slow), Delays(None))
    found: list[Entered | Refused] = []
    first = threading.Thread(target=lambda: found.append(login.login("anna", PIN, "one")))
    first.start()
    assert began.wait(60)
    second = login.login("sec", "935028", "two")
    go_on.set()
    first.join(60)
    assert second == Refused(1.0, early=True)
    assert [type(each) for each in found] == [Entered]
    assert isinstance(login.login("sec", "935028", "two"), Entered)
