"""Accounts: who there is, what is refused, and two processes that change them at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AccountRefused, AccountsUnreadable, AccountUnfit
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.accounts_file import MOST, Roll, write
from gonogo.console.access.roles import Role
from gonogo.console.access.secret import opens
from gonogo.tests.console.access.people import BADGE, PIN, Work, accounts_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.access.accounts_file import Account


def test_add_keeps_an_account_for_every_process(tmp_path: Path) -> None:
    """Also for one that had read the file before; by any spelling of the name."""
    accounts = accounts_in(tmp_path)
    other = Accounts(accounts.path)
    assert [each.name for each in other.all()] == ["sec", "anna"]
    accounts.add("Berta", Role.TECHNICIAN, BADGE)
    found = other.find("\uff42ERTA")
    assert found is not None
    assert (found.name, found.role, found.disabled) == ("Berta", Role.TECHNICIAN, False)
    assert other.find("nobody") is None


def test_all_reads_an_unchanged_file_once(tmp_path: Path) -> None:
    """It is asked with every request of a page."""
    accounts = accounts_in(tmp_path)
    assert accounts.all() is accounts.all()


def test_all_lets_nobody_in_from_memory(tmp_path: Path) -> None:
    """A file that was damaged since is not what it was, and one that is gone is none."""
    accounts = accounts_in(tmp_path)
    accounts.all()
    raw = accounts.path.read_bytes()
    accounts.path.write_bytes(raw[:-2])
    for _ in range(2):
        with pytest.raises(AccountsUnreadable):
            accounts.all()
    accounts.path.unlink()
    assert accounts.all() == ()


def test_change_never_begins_anew_over_a_damaged_file(tmp_path: Path) -> None:
    """It stays as it is, for whoever can still read something of it."""
    accounts = accounts_in(tmp_path)
    accounts.path.write_bytes(b"{}")
    with pytest.raises(AccountsUnreadable):
        accounts.add("berta", Role.SECURITY, BADGE)
    assert accounts.path.read_bytes() == b"{}"


@pytest.mark.parametrize("name", ["anna", "ANNA", "\uff21nna", " anna "])
def test_add_refuses_a_name_that_is_taken(tmp_path: Path, name: str) -> None:
    """In any spelling."""
    accounts = accounts_in(tmp_path)
    with pytest.raises(AccountRefused, match=r"GN664: .*taken"):
        accounts.add(name, Role.OPERATOR, BADGE)


def test_add_refuses_a_name_that_looks_like_another(tmp_path: Path) -> None:
    """In letters of another alphabet."""
    accounts = accounts_in(tmp_path)
    accounts.add("copa", Role.OPERATOR, BADGE)
    with pytest.raises(AccountRefused, match="looks like 'copa'"):
        accounts.add("\u0441\u043e\u0440\u0430", Role.OPERATOR, BADGE)


def test_add_refuses_what_is_unfit_before_any_work(tmp_path: Path) -> None:
    """Nothing is written, and no memory taken."""
    work = Work()
    accounts = Accounts(tmp_path / "parts.accounts.json", by=work)
    for name, secret in (("an\x00na", PIN), ("anna", "123456"), ("anna", "annaanna")):
        with pytest.raises(AccountUnfit):
            accounts.add(name, Role.SECURITY, secret)
    assert work.done == []
    assert [*tmp_path.iterdir()] == []


def test_add_has_a_bound(tmp_path: Path) -> None:
    """The file stays small, whoever adds."""
    accounts = accounts_in(tmp_path)
    anna = accounts.the("anna")
    many = (anna.model_copy(update={"name": f"op {number}"}) for number in range(MOST - 1))
    write(accounts.path, Roll(accounts=(accounts.the("sec"), *many)))
    with pytest.raises(AccountRefused, match=f"at most {MOST}"):
        accounts.add("one more", Role.OPERATOR, BADGE)
    assert len(Accounts(accounts.path).all()) == MOST


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.SECURITY])
def test_first_account_is_one_that_may_give_out_others(tmp_path: Path, role: Role) -> None:
    """Or nobody ever could."""
    accounts = Accounts(tmp_path / "parts.accounts.json", by=Work())
    with pytest.raises(AccountRefused, match="security"):
        accounts.add("anna", role, PIN)
    assert accounts.all() == ()


def test_first_is_refused_where_another_was_first(tmp_path: Path) -> None:
    """Two who typed the code at once make one account."""
    accounts = accounts_in(tmp_path)
    with pytest.raises(AccountRefused, match="first"):
        accounts.add("berta", Role.SECURITY, BADGE, first=True)


def test_last_security_account_stays(tmp_path: Path) -> None:
    """It cannot be removed, disabled or made something else while there is no other."""
    accounts = accounts_in(tmp_path)
    for change in (
        lambda: accounts.remove("sec"),
        lambda: accounts.set_disabled("sec", disabled=True),
        lambda: accounts.set_role("sec", Role.SUPERVISOR),
    ):
        with pytest.raises(AccountRefused, match="nobody would be left"):
            change()
    accounts.add("sec2", Role.SECURITY, BADGE)
    accounts.set_disabled("sec2", disabled=True)
    with pytest.raises(AccountRefused):  # one that is disabled gives out nothing
        accounts.remove("sec")
    accounts.set_disabled("sec2", disabled=False)
    accounts.remove("sec")
    assert [each.name for each in accounts.all()] == ["anna", "sec2"]


def test_each_change_gives_another_stamp(tmp_path: Path) -> None:
    """By which sessions that were opened before are known."""
    accounts = accounts_in(tmp_path)
    stamps = [accounts.the("anna").stamp]
    changes: list[Callable[[], Account]] = [
        lambda: accounts.set_role("anna", Role.TECHNICIAN),
        lambda: accounts.set_secret("anna", BADGE),
        lambda: accounts.set_disabled("anna", disabled=True),
        lambda: accounts.set_disabled("anna", disabled=False),
        lambda: accounts.rename("anna", "Anna"),
    ]
    for change in changes:
        assert change().stamp == accounts.the("anna").stamp
        stamps.append(accounts.the("anna").stamp)
    assert len(set(stamps)) == len(stamps)
    assert opens(accounts.the("anna").lock, BADGE, accounts.by)
    sec = accounts.the("sec").stamp
    accounts.set_secret("anna", PIN)
    assert accounts.the("sec").stamp == sec


def test_rename_takes_a_free_name_alone(tmp_path: Path) -> None:
    """Its own in another spelling is free."""
    accounts = accounts_in(tmp_path)
    with pytest.raises(AccountRefused, match="taken"):
        accounts.rename("anna", "SEC")
    with pytest.raises(AccountUnfit):
        accounts.rename("anna", "an\u202ena")
    assert accounts.rename("anna", "Anna").name == "Anna"
    assert accounts.rename("ANNA", "Berta").name == "Berta"
    assert accounts.find("anna") is None


def test_set_secret_refuses_what_anybody_would_try(tmp_path: Path) -> None:
    """The old one stays."""
    accounts = accounts_in(tmp_path)
    with pytest.raises(AccountUnfit):
        accounts.set_secret("anna", "111111")
    assert opens(accounts.the("anna").lock, PIN, accounts.by)


def test_change_of_nobody_is_refused(tmp_path: Path) -> None:
    """What was typed cannot drive the terminal that shows it."""
    accounts = accounts_in(tmp_path)
    with pytest.raises(AccountRefused, match="no such account") as found:
        accounts.remove("\x1b[2J" + "x" * 1_000_000)
    assert str(found.value).isprintable()
    assert len(str(found.value)) < 200


ADDING = """
import hashlib, sys
from pathlib import Path
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.roles import Role
accounts = Accounts(Path(sys.argv[1]), by=lambda secret, salt, cost: hashlib.sha256(salt).digest())
print(flush=True)
sys.stdin.readline()
for number in range(20):
    accounts.add(f"{sys.argv[2]}{number}", Role.OPERATOR, "badge 0x7F-19")
"""


def test_two_processes_that_write_lose_nothing(tmp_path: Path) -> None:
    """Each of them adds twenty, at the same time."""
    path = accounts_in(tmp_path).path
    both = [
        subprocess.Popen(
            [sys.executable, "-I", "-c", ADDING, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for each in both:
        assert each.stdout is not None
        each.stdout.readline()  # it has imported what it needs
    for each in both:
        each.communicate("go\n", timeout=120)
        assert each.returncode == 0
    assert len(Accounts(path).all()) == 42
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "parts.accounts.json",
        "parts.accounts.lock",
    ]
