"""What differs between two station files, key by key."""

from __future__ import annotations

import pytest

from gonogo.config.key_changes import ANOTHER, key_changes
from gonogo.tests.stations import PLAIN_FILE


def test_key_changes_names_keys_with_old_and_new_value() -> None:
    """By their path; what only one of them has is None in the other."""
    new = PLAIN_FILE.replace("high = 50.0", "high = 51").replace("pitch_mm = 100", "budget_ms = 90")
    assert key_changes(PLAIN_FILE.encode(), new.encode()) == {
        "view[0].rule[0].high": [50.0, 51],
        "station.budget_ms": [None, 90],
        "station.pitch_mm": [100, None],
    }


def test_key_changes_of_comments_and_order_are_none() -> None:
    """They judge nothing."""
    assert key_changes(b"a = 1\nb = [1, 2]\n", b"# why\nb = [1, 2]\na = 1") == {}


def test_key_changes_never_shows_a_secret() -> None:
    """Only that there is one, another one, or none any more; also one within an address."""
    old = b'key_scrypt = "one"\npassword = "gone"\nurl = "x://h"\n[a]\ntoken = "same"'
    new = b'key_scrypt = "two"\napi_key = "new"\nurl = "x://me:pass@h"\n[a]\ntoken = "same"'
    found = key_changes(old, new)
    assert found == {
        "key_scrypt": ["(secret)", ANOTHER],
        "password": ["(secret)", None],
        "api_key": [None, "(secret)"],
        "url": ["x://h", "x://(secret)@h"],
    }


def test_key_changes_of_a_secret_table_show_nothing_of_it() -> None:
    """Whatever its keys are called."""
    old, new = b'[password]\nfirst = "one"', b'[password]\nfirst = "two"'
    assert key_changes(old, new) == {"password.first": ["(secret)", ANOTHER]}


def test_key_changes_of_what_is_no_toml_is_a_value_error() -> None:
    """Or no text."""
    with pytest.raises(ValueError, match="document"):
        key_changes(b"[", b"a = 1")
    with pytest.raises(ValueError, match="utf-8"):
        key_changes(b"a = 1", b"\xff")
