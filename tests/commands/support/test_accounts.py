"""Names of those who sign in, wherever the trail says them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.commands.support.accounts import account_names, accounts_told
from gonogo.tests.console.access.people import accounts_in

if TYPE_CHECKING:
    from pathlib import Path


def test_account_names_are_those_of_the_file(tmp_path: Path) -> None:
    """None where it cannot be read: a bundle is made all the same."""
    path = accounts_in(tmp_path).path
    assert account_names(tmp_path / "parts.sqlite") == ["sec", "anna"]
    path.write_bytes(b"")
    assert account_names(tmp_path / "parts.sqlite") == []
    path.unlink()
    assert account_names(tmp_path / "parts.sqlite") == []


def test_accounts_told_finds_them_in_every_place() -> None:
    """Who did it, what it was, what it is, what was asked for; strange rows say nothing."""
    rows: list[dict[str, Any]] = [
        {"who": {"account": "a"}, "old": {"account": "b"}, "new": {"account": "c"}},
        {"new": {"asked": {"account": "d"}, "error": "x"}},
        {"new": {"accounts": ["e", 5, "f"]}, "old": None},
        {"who": {"account": 7}, "new": "g", "old": {"accounts": "h"}},
    ]
    assert accounts_told(rows) == ["a", "b", "c", "d", "e", "f"]
