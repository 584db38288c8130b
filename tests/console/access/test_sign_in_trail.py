"""What the audit trail is told of signing in, and that no crowd can fill the disk by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.access.sign_in_trail import IN, OUT, REFUSED, SignInTrail
from gonogo.console.access.ways import Way
from gonogo.ipc.audit.files import rows_backwards
from gonogo.ipc.audit.verifying import verify
from gonogo.tests.console.access.people import Clock, accounts_in

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.audit.row import Row


def rows(path: Path) -> list[Row]:
    """Oldest first."""
    return [*rows_backwards(path)][::-1]


def test_entered_and_left_are_told_with_who_and_whence(tmp_path: Path) -> None:
    """The account beside the process that acts; the chain is whole."""
    anna, path = accounts_in(tmp_path).the("anna"), tmp_path / "parts.audit.jsonl"
    trail = SignInTrail(path, Way.TLS, Clock(), lambda: {"user": "gonogo"})
    trail.entered(anna, "192.168.1.9")
    trail.left(anna, "192.168.1.9", "idle")
    came, went = rows(path)
    assert (came.what, came.new, went.what, went.why) == (IN, {"role": "operator"}, OUT, "idle")
    assert came.who == {
        "user": "gonogo", "account": "anna", "role": "operator", "way": "tls",
        "from": "192.168.1.9",
    }  # fmt: skip
    assert verify(path, {}).findings == ()


def test_refused_is_told_once_a_minute(tmp_path: Path) -> None:
    """With how often it was; a flood of a thousand is two rows."""
    anna, path, clock = accounts_in(tmp_path).the("anna"), tmp_path / "t.jsonl", Clock()
    trail = SignInTrail(path, Way.HTTP, clock)
    for number in range(1000):
        trail.refused(anna if number % 2 else None, f"10.0.0.{number % 50}")
        clock.go(0.05)
    clock.go(60)
    trail.refused(None, "10.0.0.1")
    told = rows(path)
    assert [each.what for each in told] == [REFUSED] * 2
    assert [each.new["times"] for each in told] == [1, 1000]
    assert told[1].new["accounts"] == ["anna"]
    assert len(told[1].new["from"]) == 10
    assert told[1].who["account"] == ""


def test_refused_before_somebody_came_in_is_told_with_them(tmp_path: Path) -> None:
    """What a guesser tried is in the trail before the guess that was right."""
    anna, path, clock = accounts_in(tmp_path).the("anna"), tmp_path / "t.jsonl", Clock()
    trail = SignInTrail(path, Way.SERIAL, clock)
    for _ in range(3):
        trail.refused(anna, "ttyUSB0")
    trail.entered(anna, "ttyUSB0")
    assert [(each.what, each.new.get("times")) for each in rows(path)] == [
        (REFUSED, 1), (REFUSED, 2), (IN, None),
    ]  # fmt: skip


def test_refused_of_a_name_that_is_none_keeps_no_name(tmp_path: Path) -> None:
    """Somebody types the PIN where the name belongs."""
    path = tmp_path / "t.jsonl"
    SignInTrail(path, Way.SERIAL, Clock()).refused(None, "\x1b[2J\u202e")
    (row,) = rows(path)
    assert row.new["accounts"] == []
    assert row.new["from"][0].isprintable()
