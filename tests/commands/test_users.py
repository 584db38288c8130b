"""`gonogo users` as it is typed: who is there afterwards, and what the audit trail says of it."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.commands.users import ROLES
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.accounts_file import beside_records
from gonogo.console.access.box_names import box_names
from gonogo.console.access.ca_shown import beside_records as tls_of
from gonogo.console.access.delays import Delays, path_of
from gonogo.console.access.entrance import Entrance, Station
from gonogo.console.access.roles import TABLE, Role
from gonogo.console.access.secret import opens
from gonogo.console.access.tls import BoxTls
from gonogo.console.access.ways import Way
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.files import rows_backwards
from gonogo.ipc.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from gonogo.ipc.audit.row import Row

PIN, OTHER = "408162", "badge 0x7F-19"


@pytest.fixture
def records(tmp_path: Path, station: str) -> Path:
    """Those of a station that runs."""
    path = tmp_path / "parts.sqlite"
    journal = Journal.create(station, 4, json.dumps({"path": str(path)}))
    journal.close()
    return path


def typed(station: str, *words: str, secret: str = "", again: str | None = None) -> Result:
    """`gonogo users` with these words; the secret is typed twice."""
    lines = f"{secret}\n{secret if again is None else again}\n" if secret else ""
    return CliRunner().invoke(main, ["users", words[0], "--station", station, *words[1:]], lines)


def rows(records: Path) -> list[Row]:
    """Oldest first."""
    return [*rows_backwards(trail_of(records))][::-1]


def test_add_asks_for_the_pin_and_tells_the_trail(records: Path, station: str) -> None:
    """The PIN is in no output, in no row; the file is the user's alone."""
    found = typed(station, "add", "Anna", "--role", "security", "--why", "first", secret=PIN)
    assert found.exit_code == 0, found.output
    assert PIN not in found.output
    accounts = Accounts(beside_records(records))
    (anna,) = accounts.all()
    assert (anna.name, anna.role) == ("Anna", Role.SECURITY)
    assert opens(anna.lock, PIN)
    assert stat.S_IMODE(accounts.path.stat().st_mode) == 0o600
    asked, done = rows(records)
    assert (asked.what, asked.state, asked.why) == ("users add", "asked", "first")
    assert asked.new == {"account": "Anna", "role": "security"}
    assert done.state == "done"
    assert PIN.encode() not in trail_of(records).read_bytes()


def test_every_change_is_in_the_trail(records: Path, station: str) -> None:
    """Who it was before, and what it is now."""
    typed(station, "add", "sec", "--role", "security", secret=PIN)
    typed(station, "add", "anna", "--role", "operator", secret=PIN)
    assert "(before: operator)" in typed(station, "role", "ANNA", "--role", "technician").output
    assert typed(station, "pin", "anna", secret=OTHER).exit_code == 0
    assert typed(station, "rename", "anna", "Berta").exit_code == 0
    assert typed(station, "disable", "berta").output == "Berta: disabled\n"
    shown = typed(station, "list").output.split()
    assert shown == ["sec", "security", "Berta", "technician", "disabled"]
    assert typed(station, "enable", "berta").output == "Berta: enabled\n"
    lines = typed(station, "list", "--json").output.splitlines()
    assert json.loads(lines[1]) == {"name": "Berta", "role": "technician", "disabled": False}
    assert typed(station, "unlock", "berta").exit_code == 0
    assert typed(station, "remove", "berta").output == "Berta: removed\n"
    done = [(row.what, row.state) for row in rows(records) if row.state != "asked"]
    assert done == [
        (f"users {what}", "done")
        for what in (
            "add", "add", "role", "pin", "rename", "disable", "enable", "unlock", "remove",
        )
    ]  # fmt: skip
    removed = next(row for row in rows(records) if row.what == "users remove")
    assert removed.old == {"account": "Berta", "role": "technician"}


@pytest.mark.parametrize(
    ("words", "secret", "said"),
    [
        (("add", "anna", "--role", "operator"), PIN, "GN664"),
        (("add", "an\x1b[2Jna", "--role", "security"), PIN, "GN663"),
        (("add", "anna", "--role", "security"), "123456", "GN663"),
        (("add", "anna", "--role", "security"), "annaanna", "GN663"),
        (("remove", "anna"), "", "GN664"),
        (("pin", "anna"), "", "GN664"),
        (("unlock", "\u202e"), "", "GN664"),
    ],
)
def test_change_that_is_not_made_says_why(
    records: Path, station: str, words: tuple[str, ...], secret: str, said: str
) -> None:
    """With its number, and nothing that could drive the terminal."""
    found = typed(station, *words, secret=secret)
    assert found.exit_code == 1
    assert said in found.output
    assert "\x1b" not in found.output
    assert "\u202e" not in found.output
    assert not beside_records(records).exists()


def test_last_security_account_stays_and_the_trail_says_so(records: Path, station: str) -> None:
    """A change that failed is told as well."""
    typed(station, "add", "sec", "--role", "security", secret=PIN)
    assert "GN664" in typed(station, "remove", "sec").output
    assert [(row.what, row.state) for row in rows(records)][-1] == ("users remove", "failed")
    assert len(Accounts(beside_records(records)).all()) == 1


def test_pin_that_was_mistyped_is_asked_for_again(records: Path, station: str) -> None:
    """And none is taken where nobody types the same twice."""
    found = typed(station, "add", "sec", "--role", "security", secret=PIN, again="408163")
    assert found.exit_code != 0
    assert not beside_records(records).exists()


def test_unlock_ends_the_wait_of_every_process(records: Path, station: str) -> None:
    """Of the screen that runs, say."""
    typed(station, "add", "sec", "--role", "security", secret=PIN)
    screen = Delays(path_of(station))
    for _ in range(5):
        screen.begin("sec", "10.0.0.1")
    assert screen.wait_s("sec", "10.0.0.2") > 0
    assert typed(station, "unlock", "SEC").exit_code == 0
    assert screen.wait_s("sec", "10.0.0.2") == 0
    assert records.parent.is_dir()


def test_users_of_no_station_says_where_to_look(station: str) -> None:
    """One that does not run is named by its file."""
    found = typed(station, "list")
    assert found.exit_code == 1
    assert "expected its file" in found.output


def test_list_of_nobody_says_what_comes_first(records: Path, station: str) -> None:
    """And nothing is made by looking."""
    assert "role security" in typed(station, "list").output
    assert [*records.parent.iterdir()] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="needs another user than root")
def test_users_of_another_user_are_refused(station: str) -> None:
    """Whose folder it is, and how to ask."""
    journal = Journal.create(station, 4, json.dumps({"path": "/etc/parts.sqlite"}))
    journal.close()
    assert "GN665" in typed(station, "list").output


def test_role_option_knows_every_role() -> None:
    """As the table has them."""
    assert [Role(each) for each in ROLES] == list(TABLE)


def test_code_makes_the_first_account_and_is_shown_no_more_once_there_is_one(
    records: Path, station: str
) -> None:
    """At the box, as the station's user; the trail says that one was shown, and not which."""
    code = typed(station, "code").output.strip()
    door = Entrance(Station(station, records), Way.TLS)
    assert door.first(code, "berta", OTHER, "10.0.0.9").role is Role.SECURITY
    refused = typed(station, "code")
    assert refused.exit_code != 0
    assert "GN666" in refused.output
    assert [row.what for row in rows(records)] == ["first code shown", "users add"]
    assert code.encode() not in trail_of(records).read_bytes()


def test_list_shows_by_what_a_browser_knows_the_box(records: Path, station: str) -> None:
    """Once it has a CA; those who read JSON are not told."""
    typed(station, "add", "sec", "--role", "security", secret=PIN)
    assert "SHA-256" not in typed(station, "list").output
    served = BoxTls(tls_of(records), station).ready(box_names("box7", []))
    assert typed(station, "list").output.splitlines()[-1].endswith(f" {served.fingerprint}")
    assert len(typed(station, "list", "--json").output.splitlines()) == 1
