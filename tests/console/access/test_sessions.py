"""Sessions: when they begin and end, and that nobody else's request is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AccountsUnreadable
from gonogo.console.access.roles import Action, Role
from gonogo.console.access.sessions import LIMITS, SessionLimits, Sessions
from gonogo.tests.console.access.people import BADGE, Clock, accounts_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.console.access.accounts import Accounts

FEW = SessionLimits(dict.fromkeys(Role, 100.0), longest_s=250.0, per_account=2, in_all=3)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """`sec` and `anna`."""
    return accounts_in(tmp_path)


def test_open_gives_ids_that_nobody_guesses(accounts: Accounts) -> None:
    """256 bits each, none twice, and the token is another one."""
    sessions, anna = Sessions(accounts.find), accounts.the("anna")
    made = [sessions.open(anna, n) for n in range(50)]
    texts = {each.id for each in made} | {each.csrf for each in made}
    assert len(texts) == 100
    assert {len(each) for each in texts} == {43}


def test_of_is_whoever_opened_it(accounts: Accounts) -> None:
    """And nobody for any other text."""
    sessions, clock = Sessions(accounts.find), Clock()
    opened = sessions.open(accounts.the("anna"), clock())
    found = sessions.of(opened.id, clock(), touch=True)
    assert found is not None
    assert found.account.name == "anna"
    for text in (None, "", "A" * 43, opened.id[:-1], opened.csrf, opened.id + "\x00", "\ud800"):
        assert sessions.of(text, clock(), touch=True) is None


@pytest.mark.parametrize("why", ["nobody did anything", "as long as", "changed", "too many"])
def test_ended_tells_each_session_that_is_over_once_and_why(accounts: Accounts, why: str) -> None:
    """Whether or not anybody asked with it; not one that was closed by who had it."""
    sessions, clock, anna = Sessions(accounts.find, FEW), Clock(), accounts.the("anna")
    opened = [sessions.open(anna, clock()) for _ in range(2)]
    sessions.close(opened[1].id)
    assert sessions.ended(clock()) == []
    if why == "nobody did anything":
        clock.go(101)
    elif why == "as long as":
        for _ in range(3):
            clock.go(90)
            sessions.of(opened[0].id, clock(), touch=True)
    elif why == "changed":
        accounts.set_role("anna", Role.OBSERVER)
    else:
        for _ in range(2):
            clock.go(1)
            sessions.open(anna, clock())
    (over,) = sessions.ended(clock())
    assert why in over.why
    assert over.session.account == anna
    assert sessions.ended(clock()) == []


def test_session_may_what_its_role_may(accounts: Accounts) -> None:
    """By the one table."""
    sessions = Sessions(accounts.find)
    found = sessions.of(sessions.open(accounts.the("anna"), 0).id, 0, touch=False)
    assert found is not None
    assert found.may(Action.SAY_DISPOSITION)
    assert not found.may(Action.SET_LIMITS)


def test_session_takes_its_own_token_alone(accounts: Accounts) -> None:
    """Not that of another session, not none, and nothing strange fails."""
    sessions = Sessions(accounts.find)
    one, other = (sessions.open(accounts.the(name), 0) for name in ("anna", "sec"))
    found = sessions.of(one.id, 0, touch=False)
    assert found is not None
    assert found.is_from(one.csrf)
    for token in (other.csrf, one.id, None, "", one.csrf + " ", "\ud800", "x" * 1_000_000):
        assert not found.is_from(token)


@pytest.mark.parametrize("role", list(Role))
def test_session_ends_when_idle_for_as_long_as_its_role_may_be(
    accounts: Accounts, role: Role
) -> None:
    """Whoever may more is signed out sooner."""
    accounts.add("berta", role, BADGE)
    sessions, clock = Sessions(accounts.find), Clock()
    opened = sessions.open(accounts.the("berta"), clock())
    clock.go(LIMITS.idle_s[role] - 1)
    assert sessions.of(opened.id, clock(), touch=False) is not None
    clock.go(2)
    assert sessions.of(opened.id, clock(), touch=True) is None
    assert sessions.of(opened.id, clock(), touch=True) is None


def test_session_is_kept_by_people_and_not_by_pages(accounts: Accounts) -> None:
    """A page that asks every second for what is new is not somebody being there."""
    sessions, clock = Sessions(accounts.find, FEW), Clock()
    kept, left = (sessions.open(accounts.the("anna"), clock()) for _ in range(2))
    for _ in range(12):
        clock.go(10)
        assert sessions.of(kept.id, clock(), touch=True) is not None
        sessions.of(left.id, clock(), touch=False)
    assert sessions.of(left.id, clock(), touch=False) is None


def test_session_ends_in_the_end_whatever_is_done(accounts: Accounts) -> None:
    """And says when."""
    sessions, clock = Sessions(accounts.find, FEW), Clock()
    opened = sessions.open(accounts.the("anna"), clock())
    ends = []
    for _ in range(5):
        found = sessions.of(opened.id, clock(), touch=True)
        if found is not None:
            ends.append(sessions.ends_in_s(found, clock()))
        clock.go(60)
    assert ends == [100, 100, 100, 70, 10]
    assert sessions.of(opened.id, clock(), touch=True) is None


def test_session_lasts_no_longer_for_a_clock_that_goes_back(accounts: Accounts) -> None:
    """Monotonic clocks do not; a caller that mixes two of them gains nothing."""
    sessions, clock = Sessions(accounts.find, FEW), Clock()
    opened = sessions.open(accounts.the("anna"), clock())
    clock.go(90)
    sessions.of(opened.id, clock(), touch=True)
    sessions.of(opened.id, clock() - 10**12, touch=True)
    clock.go(99)
    assert sessions.of(opened.id, clock(), touch=False) is not None


@pytest.mark.parametrize("change", ["pin", "role", "disable", "rename", "remove", "file"])
def test_session_ends_when_its_account_is_changed(accounts: Accounts, change: str) -> None:
    """Everywhere, at the next request; those of others go on."""
    sessions = Sessions(accounts.find)
    both = [sessions.open(accounts.the("anna"), 0) for _ in range(2)]
    other = sessions.open(accounts.the("sec"), 0)
    changes: dict[str, Callable[[], object]] = {
        "pin": lambda: accounts.set_secret("anna", BADGE),
        "role": lambda: accounts.set_role("anna", Role.SUPERVISOR),
        "disable": lambda: accounts.set_disabled("anna", disabled=True),
        "rename": lambda: accounts.rename("anna", "berta"),
        "remove": lambda: accounts.remove("anna"),
        "file": accounts.path.unlink,
    }
    changes[change]()
    assert [sessions.of(each.id, 0, touch=True) for each in both] == [None, None]
    assert (sessions.of(other.id, 0, touch=True) is None) is (change == "file")


def test_session_of_another_of_that_name_is_another(accounts: Accounts) -> None:
    """Removed, and somebody else got the name."""
    sessions = Sessions(accounts.find)
    opened = sessions.open(accounts.the("anna"), 0)
    accounts.remove("anna")
    accounts.add("anna", Role.OPERATOR, BADGE)
    assert sessions.of(opened.id, 0, touch=True) is None


def test_session_is_nobodys_while_the_accounts_are_damaged(accounts: Accounts) -> None:
    """It says why."""
    sessions = Sessions(accounts.find)
    opened = sessions.open(accounts.the("anna"), 0)
    accounts.path.write_bytes(b"{}")
    with pytest.raises(AccountsUnreadable):
        sessions.of(opened.id, 0, touch=True)


def test_close_ends_one_and_close_all_the_rest(accounts: Accounts) -> None:
    """Of that account alone."""
    sessions, anna = Sessions(accounts.find), accounts.the("anna")
    first, *more = (sessions.open(anna, 0) for _ in range(3))
    other = sessions.open(accounts.the("sec"), 0)
    sessions.close(first.id)
    sessions.close(first.id)
    sessions.close(None)
    assert sessions.of(first.id, 0, touch=False) is None
    assert sessions.close_all(anna) == 2
    assert [sessions.of(each.id, 0, touch=False) for each in more] == [None, None]
    assert sessions.of(other.id, 0, touch=False) is not None


def test_open_ends_the_idlest_of_too_many(accounts: Accounts) -> None:
    """Of one account first, then in all: who forgot three tabs shuts nobody else out."""
    accounts.add("berta", Role.OPERATOR, BADGE)
    sessions = Sessions(accounts.find, FEW)
    anna = [sessions.open(accounts.the("anna"), now_ns) for now_ns in (1, 2, 3)]
    assert [sessions.of(each.id, 3, touch=False) is None for each in anna] == [True, False, False]
    sessions.of(anna[1].id, 4, touch=True)
    sessions.open(accounts.the("sec"), 5)
    sessions.open(accounts.the("berta"), 6)
    assert [sessions.of(each.id, 6, touch=False) is None for each in anna] == [True, False, True]


def test_sessions_take_bounded_memory(accounts: Accounts) -> None:
    """However often somebody signs in."""
    sessions = Sessions(accounts.find, FEW)
    made = [sessions.open(accounts.the("anna"), now_ns) for now_ns in range(500)]
    alive = [each for each in made if sessions.of(each.id, 500, touch=False) is not None]
    assert alive == made[-2:]
