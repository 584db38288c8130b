"""The maintenance key: what the station file holds opens nothing."""

from __future__ import annotations

import re

import pytest

from gonogo.base.maintenance_key import PATTERN, lock_of, opens, proof_of, salt_of

KEY = "pass phrase, with spaces and ümlauts"
LOCK = lock_of(KEY)


def test_key_opens_its_lock_and_no_other_does() -> None:
    """And only by what scrypt makes of it."""
    assert re.match(PATTERN, LOCK)
    assert opens(LOCK, proof_of(salt_of(LOCK), KEY))
    assert not opens(LOCK, proof_of(salt_of(LOCK), KEY + " "))


@pytest.mark.parametrize("proof", [None, "", 7, KEY, LOCK, LOCK.rpartition("$")[2], "\udc80"])
def test_key_is_not_replaced_by_what_everybody_can_read(proof: object) -> None:
    """The station file, the key itself, or nothing at all."""
    assert not opens(LOCK, proof)


def test_key_has_another_lock_each_time() -> None:
    """Two stations with one key do not show that they have it."""
    other = lock_of(KEY)
    assert other != LOCK
    assert not opens(other, proof_of(salt_of(LOCK), KEY))
    assert opens(other, proof_of(salt_of(other), KEY))
