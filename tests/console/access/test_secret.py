"""PINs and badges: what is refused, what is kept, and that every attempt costs the same work."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import AccountUnfit
from gonogo.base.secret_words import without_secrets
from gonogo.console.access.secret import LONGEST, NOBODY, PATTERN, Cost, check, derive, kept, opens
from gonogo.tests.console.access.people import BADGE, PIN, Work


@pytest.mark.parametrize("secret", [PIN, "40816297", BADGE, "карта-0017", "0047119928"])
def test_check_takes_pins_and_badges(secret: str) -> None:
    """Six digits and more, or eight signs and more; a short name may stand in one by chance."""
    check(secret, "anna")
    check(secret, "7")


@pytest.mark.parametrize(
    "secret",
    [
        "000000", "123456", "654321", "111111", "121212", "123123", "112233", "012345", "890123",
        "135791", "246802", "147258", "789456", "100000", "123321", "999999999", "1234567890",
    ],
)  # fmt: skip
def test_check_refuses_pins_that_are_tried_first(secret: str) -> None:
    """Runs, repetitions, few digits; what was typed does not stand in the message."""
    with pytest.raises(AccountUnfit, match="GN663") as found:
        check(secret, "anna")
    assert secret not in str(found.value)


@pytest.mark.parametrize(
    ("secret", "name"),
    [
        ("", "anna"), ("40816", "anna"), ("short", "anna"), ("aaaaaaaa", "anna"),
        ("x" * (LONGEST + 1), "anna"), ("\ufdfa" * 20, "anna"), ("4081\x0062", "anna"),
        ("badge\x1b[2J", "anna"), ("ba\u202edge 77", "anna"), ("annaanna", "anna"),
        ("AnnaAnna", "anna"), ("annaanna1", "ANNA"), ("reluhcs.m", "m.schuler"),
        ("408162", "408162"), ("anna12345", "anna"), ("٤٠٨١٦٢", "anna"),
    ],
)  # fmt: skip
def test_check_refuses_what_is_neither(secret: str, name: str) -> None:
    """Too short, too long, unprintable, or the account's own name, also backwards."""
    with pytest.raises(AccountUnfit):
        check(secret, name)


def test_most_pins_are_taken() -> None:
    """The rules refuse what is tried first, and not what people must be able to choose."""
    tried = [f"{number:06}" for number in range(0, 1_000_000, 997)]
    assert sum(not is_taken(pin) for pin in tried) < 40  # of 1004


def is_taken(pin: str) -> bool:
    """As the PIN of an account."""
    try:
        check(pin, "anna")
    except AccountUnfit:
        return False
    return True


def test_kept_opens_by_its_secret_alone() -> None:
    """By scrypt itself; two locks of one secret differ."""
    cost = Cost(log2_n=14)
    lock = kept(PIN, cost=cost)
    assert re.fullmatch(PATTERN, lock)
    assert lock != kept(PIN, cost=cost)
    assert opens(lock, PIN)
    assert opens(lock, "\uff14\uff10\uff18\uff11\uff16\uff12")  # a keyboard of Asia
    assert not opens(lock, "408163")


def test_derive_is_scrypt_as_the_standard_has_it() -> None:
    """RFC 7914, section 12, the third vector, cut to our length."""
    vector = "7023bdcb3afd7348461c06cd81fd38eb"
    found = derive(b"pleaseletmein", b"SodiumChloride", Cost(14, 8, 1))
    assert found.hex().startswith(vector)


@pytest.mark.parametrize("lock", [None, "", "scrypt$30$8$1$00$00", NOBODY, "scrypt$15$8$1$x$y"])
@pytest.mark.parametrize("secret", [PIN, "", "x" * 1_000_000, "\x00", "\ud800"])
def test_opens_does_the_same_work_for_nobody(lock: str | None, secret: str) -> None:
    """Once, at the cost of a new lock, of no more than a bounded text; and it never opens."""
    work = Work()
    assert not opens(lock, secret, work)
    ((worked, cost),) = work.done
    assert cost == Cost()
    assert len(worked) <= 4 * (LONGEST + 1)


def test_opens_takes_the_parameters_of_the_lock() -> None:
    """They stand in it, so that later locks may cost more."""
    work = Work()
    lock = kept(PIN, work, Cost(log2_n=16))
    assert opens(lock, PIN, work)
    assert [cost.log2_n for _, cost in work.done] == [16, 16]


def test_opens_takes_no_more_memory_than_the_ceiling() -> None:
    """What a file says beyond 128 MiB is no lock."""
    work = Work()
    dear = kept(PIN, work, Cost(log2_n=14)).replace("scrypt$14", "scrypt$18")
    assert not opens(dear, PIN, work)
    assert max(cost.log2_n for _, cost in work.done) <= 17


def test_opens_takes_no_longer_secret_for_what_it_begins_with() -> None:
    """A badge that goes on behind the longest one is another badge."""
    work, longest = Work(), "ab3" * 42 + "xy"
    lock = kept(longest, work)
    assert opens(lock, longest, work)
    assert not opens(lock, longest + "z", work)


def test_locks_are_left_out_of_what_leaves_the_box() -> None:
    """The support bundle knows them by their form."""
    assert "scrypt" not in without_secrets(kept(PIN, Work()))


@given(st.text(max_size=60), st.text(max_size=20))
def test_check_takes_or_refuses_any_text(secret: str, name: str) -> None:
    """It never fails otherwise, and what it takes opens its lock."""
    try:
        check(secret, name)
    except AccountUnfit:
        return
    work = Work()
    assert opens(kept(secret, work), secret, work)
    assert hashlib.sha256(secret.encode()).hexdigest() not in kept(secret, work)
