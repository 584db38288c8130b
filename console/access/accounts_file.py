"""The file of a station's accounts: beside its records, sealed, for the station's user alone.

    parts.accounts.json        accounts, written whole or not at all
    parts.accounts.lock        held by whoever writes it

A file that is damaged, cut off, edited by hand, or that others may touch lets nobody sign in. It is
never taken for one without accounts: only where there is no file is it the first start.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from gonogo.base import atomic_file, strict_json
from gonogo.base.appended_file import give_to_owner_of
from gonogo.base.errors import AccountsNotWritten, AccountsUnreadable, BundleManifestError
from gonogo.base.section import Section
from gonogo.console.access.lock import locked
from gonogo.console.access.names import LONGEST, folded
from gonogo.console.access.private_file import read_private
from gonogo.console.access.roles import Role
from gonogo.console.access.secret import PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 200  # accounts
MAX_BYTES = 256 * 1024
PATIENCE_S = 5.0  # for another process that changes accounts, which takes milliseconds
SEAL = strict_json.seal_of("gonogo accounts")


class Account(Section):
    """Somebody who may sign in. `lock` is what scrypt made of the PIN or badge.

    `stamp` differs after each change of it, so that sessions that were opened before end.
    """

    name: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    role: Role
    lock: Annotated[str, Field(pattern=PATTERN)]
    stamp: Annotated[int, Field(ge=0, lt=1 << 53)]
    disabled: bool = False

    @property
    def key(self) -> str:
        """What all spellings of its name have in common."""
        return folded(self.name)


class Roll(Section):
    """All accounts of a station."""

    version: Literal[1] = 1
    accounts: Annotated[tuple[Account, ...], Field(max_length=MOST)] = ()

    @model_validator(mode="after")
    def _one_each(self) -> Roll:
        if len({each.key for each in self.accounts}) != len(self.accounts):
            raise ValueError("accounts: expected a name of its own for each")
        return self


class Mark(NamedTuple):
    """Which file it was that was read: another one differs in at least one of them."""

    inode: int
    size: int
    changed_ns: int


def beside_records(records: Path) -> Path:
    """The accounts of a station, from the `path` of its [records]."""
    return records.with_name(f"{records.stem}.accounts.json")


def mark_of(path: Path) -> Mark | None:
    """Of the file that is there now; None where there is none, or none that could be asked."""
    try:
        return _mark(path.lstat())
    except OSError:
        return None


def read(path: Path) -> tuple[Roll, Mark | None]:
    """The accounts and which file it was; none where there is no file; AccountsUnreadable."""
    try:
        found = read_private(path, MAX_BYTES)
    except FileNotFoundError:
        return Roll(), None
    except OSError as error:
        raise AccountsUnreadable(
            f"{path}: {error.strerror}; expected a file, no link, of the station's user, mode 0600"
        ) from error
    # this user's; where root asks, that of the user to whom the folder belongs
    owners = (os.geteuid(),) if os.geteuid() else (path.parent.stat().st_uid, 0)
    if not found.is_of(*owners):
        raise AccountsUnreadable(
            f"{path}: {found.in_words()}; expected a file of user {owners[0]}, mode 0600, one "
            "name; nobody signs in. Ask yourself who has seen it, then chown and chmod it"
        )
    return parsed(found.raw, path), _mark(found.about)


def parsed(raw: bytes, path: Path) -> Roll:
    """The accounts in the bytes of a file; AccountsUnreadable."""
    body = strict_json.unsealed(raw, SEAL) if len(raw) <= MAX_BYTES else None
    if body is None:
        raise AccountsUnreadable(
            f"{path}: not as it was written (its digest says so): damaged or edited; nobody signs "
            "in. Put a copy back, or remove it and make the first account anew"
        )
    try:
        return strict_json.read(body, Roll, str(path))
    except BundleManifestError as error:
        why = str(error.args[0]).removesuffix("; have it built again")
        raise AccountsUnreadable(f"{why}; nobody signs in; put a copy back") from error


def write(path: Path, roll: Roll, files: atomic_file.Files = atomic_file.SYSTEM) -> None:
    """Replace the file; AccountsNotWritten leaves the old one whole."""
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)  # of a process that was killed
        atomic_file.fill(fresh, (strict_json.sealed(roll, SEAL),), files)
        _give(fresh)
        atomic_file.move(fresh, path, files)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise _not_written(path, error) from error


@contextlib.contextmanager
def held(path: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the lock beside it, so that two who write lose nothing; AccountsNotWritten."""
    lock = path.with_name(path.name.removesuffix(".json") + ".lock")
    with contextlib.ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(lock, patience_s))
        except OSError as error:
            raise _not_written(lock, error) from error
        yield


def _not_written(path: Path, error: OSError) -> AccountsNotWritten:
    return AccountsNotWritten(
        f"{path}: {error.strerror or error}; the accounts are as they were; expected free space, "
        "the rights of the station's user, and no other program that holds it"
    )


def _mark(found: os.stat_result) -> Mark:
    return Mark(found.st_ino, found.st_size, found.st_ctime_ns)


def _give(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        give_to_owner_of(path.parent, fd)
    finally:
        os.close(fd)
