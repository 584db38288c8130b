"""A cable of a station with accounts: real ones, behind a scrypt that a thread waits for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.config.access import AccessSection
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.accounts_file import beside_records
from gonogo.console.access.ca_shown import fingerprint_of
from gonogo.console.access.delays import path_of
from gonogo.console.access.roles import Role
from gonogo.console.access.secret import opens
from gonogo.console.serial.access import AtCable
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.files import rows_backwards
from gonogo.tests.console.access.test_tls import NAMES, box
from gonogo.tests.console.serial.told import CODE, Cabinet, told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.console.serial.access import Access
    from gonogo.tests.console.serial.told import Told

WAIT_S = 20.0
PIN, OTHER = "408162", "935028"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station, one for all tests of this file."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("told")) as found:
        yield found


@pytest.fixture
def told(standing: Told) -> Told:
    """It has no account yet."""
    beside_records(standing.records).unlink(missing_ok=True)
    trail_of(standing.records).unlink(missing_ok=True)
    return standing


@pytest.fixture
def access(told: Told) -> Iterator[AtCable]:
    """Of that station; whoever typed something wrong in another test is forgotten."""
    path_of(told.name).unlink(missing_ok=True)
    found = AtCable(told.name, told.records, AccessSection(technician_idle_s=40.0))
    yield found
    found.close()


def accounts(told: Told) -> Accounts:
    """Its file."""
    return Accounts(beside_records(told.records))


def until(cabinet: Cabinet, words: str) -> str:
    """What is said once the thread has looked."""
    said, end_s = "", time.monotonic() + WAIT_S
    while words not in said:
        assert time.monotonic() < end_s, said
        time.sleep(0.002)
        said += cabinet.wait(0.0)
    return said


def signed_in(told: Told, access: Access, name: str, pin: str = PIN) -> Cabinet:
    """Somebody at the cable."""
    cabinet = Cabinet(told.name, access=access)
    cabinet.type(f"{name}\r{pin}\r".encode())
    until(cabinet, "signed in as")
    return cabinet


def whats(told: Told) -> list[str]:
    """What the trail tells, oldest first."""
    return [row.what for row in rows_backwards(trail_of(told.records))][::-1]


def test_first_account_is_made_at_the_cable(told: Told, access: AtCable) -> None:
    """Code, name, PIN twice, and the four digits; from then on somebody signs in."""
    cabinet = Cabinet(told.name, access=access)
    shown = cabinet.type(b"users code\r")
    code = next(word for word in shown.split() if word.count("-") == 2).rstrip(",")
    cabinet.type(f"users first {code} sec\r".encode())
    said = cabinet.type(f"the first\r{PIN}\r{PIN}\r{CODE}\r".encode())
    assert "sec: security; sign in with it now" in said
    assert PIN not in cabinet.type(b"\x1b[A\x1b[A")
    (sec,) = accounts(told).all()
    assert (sec.name, sec.role, opens(sec.lock, PIN)) == ("sec", Role.SECURITY, True)
    # whoever stood there without an account is nobody from now on
    cabinet.type(b"\x15")
    assert "signed out: something was changed" in cabinet.type(b"status\r")
    assert cabinet.terminal.row == "name:"
    assert whats(told) == ["first code shown", "users add"]


def test_first_account_wants_its_code_and_the_same_pin_twice(told: Told, access: AtCable) -> None:
    """Nobody has an account after either."""
    cabinet = Cabinet(told.name, access=access)
    cabinet.type(b"users first AAAA-BBBB-CCCC sec\r")
    assert "GN66" in cabinet.type(f"\r{PIN}\r{PIN}\r{CODE}\r".encode())
    cabinet.type(b"users first AAAA-BBBB-CCCC sec\r")
    assert "expected the same twice" in cabinet.type(f"\r{PIN}\r{OTHER}\r".encode())
    assert accounts(told).all() == ()


def test_sign_in_is_looked_at_beside_the_editor(told: Told, access: AtCable) -> None:
    """Nothing is said meanwhile, and what is typed is nobody's; then the role's table holds."""
    accounts(told).add("sec", Role.SECURITY, OTHER)
    accounts(told).add("tim", Role.TECHNICIAN, PIN)
    cabinet = Cabinet(told.name, access=access)
    assert "PIN or badge:" in cabinet.type(b"tim\r")
    said = cabinet.type(PIN.encode() + b"\r")
    assert PIN not in said
    assert "signed in as technician" in said + until(cabinet, "signed in as technician")
    assert "IN FORCE" in cabinet.type(b"recipe\r")
    assert "the role 'technician' may not (manage-accounts)" in cabinet.type(b"users list\r")
    assert "the role 'technician' may not (set-station)" in cabinet.type(b"configure\r")
    assert "may not (first-account)" in cabinet.type(b"users code\r")
    cabinet.type(b"logout\r")
    access.close()
    assert whats(told) == ["sign in", "sign out"]


def test_wrong_pins_wait_and_are_told(told: Told, access: AtCable) -> None:
    """The delay is said, and not slept."""
    accounts(told).add("sec", Role.SECURITY, OTHER)
    cabinet = Cabinet(told.name, access=access)
    for _ in range(4):
        cabinet.type(b"sec\r111222\r")
        until(cabinet, "not signed in")
    cabinet.type(f"sec\r{OTHER}\r".encode())
    assert "counts in" in until(cabinet, "not signed in")
    assert "sign in refused" in whats(told)


def test_accounts_are_changed_at_the_cable(told: Told, access: AtCable) -> None:
    """As `gonogo users` does it, in the same trail, by whom."""
    accounts(told).add("sec", Role.SECURITY, PIN)
    cabinet = signed_in(told, access, "sec")
    cabinet.type(b"users add operator Anna Berg\r")
    assert "Anna Berg: operator" in cabinet.type(f"new\r{OTHER}\r{OTHER}\r{CODE}\r".encode())
    for line, said in (
        ("users role technician anna berg", "technician (before: operator)"),
        ("users disable anna berg", "disabled"), ("users enable anna berg", "enabled"),
        ("users unlock anna berg", "looked at"),
    ):  # fmt: skip
        cabinet.type(line.encode() + b"\r")
        assert said in cabinet.type(f"\r{CODE}\r".encode())
    assert "Anna Berg" in cabinet.type(b"users list\r")
    cabinet.type(b"users pin anna berg\r")
    assert "another PIN" in cabinet.type(f"\r{PIN}\r{PIN}\r{CODE}\r".encode())
    cabinet.type(b"users remove sec\r")
    assert "nobody would be left" in cabinet.type(f"\r{CODE}\r".encode())
    cabinet.type(b"users remove anna berg\r")
    assert "removed" in cabinet.type(f"\r{CODE}\r".encode())
    assert "expected a role" in cabinet.type(f"users role boss sec\r\r{CODE}\r".encode())
    row = next(row for row in rows_backwards(trail_of(told.records)) if row.what == "users remove")
    assert (row.who["account"], row.who["role"], row.who["way"]) == ("sec", "security", "serial")
    assert PIN.encode() not in trail_of(told.records).read_bytes()


def test_changed_account_is_signed_out_at_its_next_word(told: Told, access: AtCable) -> None:
    """Another PIN, another role, disabled: the command is not carried out."""
    accounts(told).add("sec", Role.SECURITY, OTHER)
    accounts(told).add("tim", Role.TECHNICIAN, PIN)
    cabinet = signed_in(told, access, "tim")
    accounts(told).set_role("tim", Role.OBSERVER)
    said = cabinet.type(b"recipe\r")
    assert "signed out" in said
    assert "IN FORCE" not in said


def test_idle_time_is_that_of_the_role(told: Told, access: AtCable) -> None:
    """And after some hours everybody signs in again."""
    accounts(told).add("sec", Role.SECURITY, OTHER)
    accounts(told).add("tim", Role.TECHNICIAN, PIN)
    cabinet = signed_in(told, access, "tim")
    assert "signed out" not in cabinet.wait(39)
    assert "signed out: nothing was typed" in cabinet.wait(2)
    cabinet = signed_in(told, access, "tim")
    for _ in range(12 * 120 + 1):
        cabinet.type(b"\r", 30.0)
    assert cabinet.terminal.row == "name:"


def test_damaged_file_of_accounts_lets_nobody_in(told: Told, access: AtCable) -> None:
    """It is not a station without accounts."""
    accounts(told).add("sec", Role.SECURITY, OTHER)
    beside_records(told.records).write_bytes(b"{}")
    cabinet = Cabinet(told.name, access=access)
    assert cabinet.terminal.row == "name:"
    cabinet.type(b"sec\r" + OTHER.encode() + b"\r")
    until(cabinet, "GN661")


def test_certificate_shows_what_a_browser_shows(told: Told, access: AtCable) -> None:
    """By whoever stands there; before there is one it says who makes it."""
    cabinet = Cabinet(told.name, access=access)
    assert "no CA yet" in cabinet.type(b"certificate\r")
    served = box(told.records.parent).ready(NAMES)
    assert fingerprint_of(told.records) == served.fingerprint
    said = cabinet.type(b"certificate\r")
    assert "".join(said.split()).find(served.fingerprint) > 0
