"""The file of accounts: whole or refused, whoever cut, edited, linked or filled the disk."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base import strict_json
from gonogo.base.errors import AccountsNotWritten, AccountsUnreadable
from gonogo.console.access import accounts_file
from gonogo.console.access.accounts_file import MAX_BYTES, SEAL, Account, Roll, parsed
from gonogo.console.access.lock import locked
from gonogo.console.access.roles import Role
from gonogo.console.access.secret import NOBODY
from gonogo.tests.console.access.disks import Failing

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.atomic_file import Files


def roll(*names: str) -> Roll:
    """Accounts of these names."""
    made = (Account(name=each, role=Role.SECURITY, lock=NOBODY, stamp=7) for each in names)
    return Roll(accounts=tuple(made))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with two accounts."""
    path = tmp_path / "parts.accounts.json"
    accounts_file.write(path, roll("sec", "anna"))
    return path


def test_read_gives_back_what_was_written(path: Path) -> None:
    """For the station's user alone; which file it was, too."""
    found, mark = accounts_file.read(path)
    assert found == roll("sec", "anna")
    assert mark == accounts_file.mark_of(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_read_of_no_file_is_the_first_start(tmp_path: Path) -> None:
    """No accounts, and no mark of a file."""
    assert accounts_file.read(tmp_path / "none.json") == (Roll(), None)


def test_file_that_was_cut_lets_nobody_in(path: Path) -> None:
    """At every byte, the first one too: never the accounts of before, never none."""
    raw = path.read_bytes()
    for end in range(len(raw)):
        with pytest.raises(AccountsUnreadable, match="GN661"):
            parsed(raw[:end], path)
    path.write_bytes(b"")
    with pytest.raises(AccountsUnreadable):
        accounts_file.read(path)


def test_file_that_was_edited_lets_nobody_in(path: Path) -> None:
    """One bit of any byte."""
    raw = path.read_bytes()
    for at in range(len(raw)):
        edited = bytearray(raw)
        edited[at] ^= 0x04
        with pytest.raises(AccountsUnreadable):
            parsed(bytes(edited), path)


@pytest.mark.parametrize(
    "body",
    [
        {"version": 2, "accounts": []},
        {"accounts": [{"name": "a", "role": "root", "lock": NOBODY, "stamp": 1}]},
        {"accounts": [{"name": "a", "role": "security", "lock": "plain", "stamp": 1}]},
        {"accounts": [{"name": "a", "role": "security", "lock": NOBODY, "stamp": 1}] * 2},
        {"accounts": [{"name": "a", "role": "security", "lock": NOBODY, "stamp": 1.5}]},
        {"accounts": [{"name": "a", "role": "security", "lock": NOBODY, "stamp": 1, "x": 0}]},
        {"accounts": [{"name": "a" * 33, "role": "security", "lock": NOBODY, "stamp": 1}]},
    ],
)
def test_file_that_says_what_it_must_not_lets_nobody_in(body: dict[str, object]) -> None:
    """Also with a right digest: another version, an unknown role, two of one name."""
    with pytest.raises(AccountsUnreadable):
        parsed(strict_json.sealed(body, SEAL), Path("x.json"))


def test_file_that_is_too_large_is_not_read_whole(path: Path) -> None:
    """Its first bytes tell."""
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(AccountsUnreadable):
        accounts_file.read(path)


def linked(path: Path) -> None:
    """A link to it stands in its place."""
    path.rename(path.with_name("real"))
    path.symlink_to(path.with_name("real"))


def twice(path: Path) -> None:
    """It has a second name."""
    os.link(path, path.with_name("second"))


def fifo(path: Path) -> None:
    """A pipe stands in its place, which would keep a reader waiting."""
    path.unlink()
    os.mkfifo(path, 0o600)


def folder(path: Path) -> None:
    """A folder stands in its place."""
    path.unlink()
    path.mkdir(0o700)


def open_to_others(path: Path) -> None:
    """Others may read it."""
    path.chmod(0o640)


def foreign(path: Path) -> None:
    """It belongs to somebody else."""
    if os.geteuid():
        pytest.skip("needs root, to give a file away")
    os.chown(path, 65534, 65534)


@pytest.mark.parametrize("spoil", [linked, twice, fifo, folder, open_to_others, foreign])
def test_file_that_others_may_touch_lets_nobody_in(
    path: Path, spoil: Callable[[Path], None]
) -> None:
    """Nothing is waited for, and the message says what is expected."""
    spoil(path)
    with pytest.raises(AccountsUnreadable, match="GN661"):
        accounts_file.read(path)


def is_written(path: Path, new: Roll, files: Files) -> bool:
    """Or said not to be, with its number."""
    try:
        accounts_file.write(path, new, files)
    except AccountsNotWritten:
        return False
    return True


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_write_that_fails_leaves_the_old_file_or_the_new_one(path: Path, code: int) -> None:
    """At every call; nothing is left beside it that holds a lock of somebody's."""
    for at in range(30):
        if is_written(path, roll("sec", "berta"), Failing(at, code)):
            break
        found, _ = accounts_file.read(path)
        assert found in (roll("sec", "anna"), roll("sec", "berta"))
        assert [each.name for each in path.parent.iterdir()] == [path.name]
    else:
        pytest.fail("it never got through")
    assert accounts_file.read(path)[0] == roll("sec", "berta")


def test_held_gives_up_when_another_has_it(path: Path) -> None:
    """With its number; a program that was stopped in the middle keeps nobody waiting for ever."""
    with (
        locked(path.with_name("parts.accounts.lock"), 0),
        pytest.raises(AccountsNotWritten, match="GN662"),
        accounts_file.held(path, patience_s=0.01),
    ):
        pytest.fail("two at once")
    with accounts_file.held(path):  # it is free again
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_write_of_root_is_for_the_user_of_the_folder(tmp_path: Path) -> None:
    """The station's user goes on with it, its lock as well."""
    os.chown(tmp_path, 65534, 65534)
    path = tmp_path / "parts.accounts.json"
    with accounts_file.held(path):
        accounts_file.write(path, roll("sec"))
    assert {each.stat().st_uid for each in tmp_path.iterdir()} == {65534}
    assert accounts_file.read(path)[0] == roll("sec")
