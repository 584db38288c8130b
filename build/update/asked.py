"""A start that the console asks for: a file that the station's user leaves, and root takes.

RAUC obeys root alone, so the console leaves `update-start.json` in the runtime directory of the
station (/run/gonogo of a box, gone at each boot), and the updater looks there at each of its turns.

Whoever has become the station's user may leave anything there. So no link is followed and nothing
waited for; it has to be a short regular file of that user; it is removed before it is acted on;
and all that it can cause is the start of the update that it names, which root has checked and
written, and which waits.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError

from gonogo.base import atomic_file
from gonogo.base.errors import UpdateStartNotTaken, UpdateStartRefused
from gonogo.base.plain_text import LONGEST, harmless
from gonogo.base.section import Section
from gonogo.build.update.kept import Phase

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.update.kept import Update

NAME = "update-start.json"
GOOD_S = 60.0  # the line was quiet when it was left; later nobody knows
_MOST = 4096  # bytes
_PERSON = 100  # characters

_Short = Annotated[str, Field(max_length=_PERSON)]


class Asked(Section):
    """Which update is meant, and who asks. `at_s`: of CLOCK_MONOTONIC, in the boot `boot`."""

    id: _Short
    version: _Short
    slot: _Short
    boot: _Short
    at_s: float
    who: _Short
    why: Annotated[str, Field(max_length=LONGEST)] = ""

    def in_words(self) -> str:
        """Who asked, and why: of a stranger, so nothing in it drives a terminal."""
        why = f": {harmless(self.why)}" if self.why else ""
        return f"asked for at the console by {harmless(self.who, _PERSON)}{why}"


def asked_for(update: Update, boot: str, at_s: float, who: str, why: str) -> Asked:
    """A request for the start of that update."""
    return Asked(
        id=update.id, version=update.version, slot=update.slot, boot=boot, at_s=at_s,
        who=harmless(who, _PERSON), why=harmless(why),
    )  # fmt: skip


def leave(path: Path, asked: Asked) -> None:
    """Whole, in the place of one that is there; UpdateStartNotTaken."""
    try:
        atomic_file.replace(path, asked.model_dump_json().encode())
    except OSError as error:
        raise UpdateStartNotTaken(
            f"{path}: {error.strerror}; expected room in memory, and a folder of the station's "
            "user; nothing was begun"
        ) from error


def withdraw(path: Path, asked: Asked) -> bool:
    """Whether it still was there, and is not any more; another one is left alone."""
    try:
        if path.read_bytes() != asked.model_dump_json().encode():
            return False
        path.unlink()
    except OSError:
        return False
    return True


def taken(path: Path, user: str) -> Asked | None:
    """The request, which is gone by now; None: nobody asks. `user`: '' for who runs this.

    UpdateStartRefused says what was there instead, which is gone as well.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        folder = os.open(path.parent, flags | os.O_DIRECTORY)
    except OSError:
        return None  # no station has run since the box started
    try:
        return _taken(path, folder, flags, user)
    finally:
        os.close(folder)


def _taken(path: Path, folder: int, flags: int, user: str) -> Asked | None:
    fd, why = -1, ""
    try:
        # not waiting: a pipe that stands there would hold the updater up (fifo(7))
        fd = os.open(path.name, flags | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        why = str(error.strerror)
    try:
        _remove(path, folder)
        if why:
            raise _refused(path, why)
        return _read(path, fd, user)
    finally:
        if fd >= 0:
            os.close(fd)


def _remove(path: Path, folder: int) -> None:
    """What cannot be removed is not acted on: it would be again, at each turn."""
    try:
        os.unlink(path.name, dir_fd=folder)
    except IsADirectoryError:
        with contextlib.suppress(OSError):  # one that holds something stays, and is none either
            os.rmdir(path.name, dir_fd=folder)
    except OSError as error:
        raise _refused(path, f"cannot be removed: {error.strerror}") from error


def _read(path: Path, fd: int, user: str) -> Asked:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "no regular file")
    if found.st_uid != _uid(user):
        raise _refused(path, f"it belonged to user {found.st_uid}, not to the station's")
    try:
        raw = os.read(fd, _MOST + 1)
        if len(raw) > _MOST:
            raise _refused(path, f"longer than {_MOST} bytes")
        return Asked.model_validate_json(raw)
    except ValidationError:  # whose words would be the stranger's
        raise _refused(path, "not what the console writes") from None
    except OSError as error:
        raise _refused(path, str(error.strerror)) from error


def _uid(user: str) -> int:
    """-1 where there is no such user: nothing belongs to it."""
    try:
        return pwd.getpwnam(user).pw_uid if user else os.geteuid()
    except KeyError:
        return -1


def meant(asked: Asked, update: Update | None, boot: str, now_s: float) -> Update:
    """The update that waits, where it is the one that is asked for, now; UpdateStartRefused."""
    said = asked.in_words()
    if update is None or update.phase is not Phase.WAITING:
        raise UpdateStartRefused(f"a start {said}: refused, nothing is written that could start")
    if (asked.id, asked.version, asked.slot) != (update.id, update.version, update.slot):
        raise UpdateStartRefused(
            f"a start {said}: refused, it means another update; {update.in_words()}"
        )
    if asked.boot != boot or not 0.0 <= now_s - asked.at_s <= GOOD_S:
        raise UpdateStartRefused(
            f"a start {said}: refused, it is not of the last {GOOD_S:.0f} s; ask again"
        )
    return update


def _refused(path: Path, why: str) -> UpdateStartRefused:
    return UpdateStartRefused(f"{path}: a start that was asked for is refused: {why}")
