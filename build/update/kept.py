"""How far an update is, in a file that survives a power cut: /data/box/update.json.

    FETCHING   an image comes from the server; what is there already is not fetched again
    WRITING    RAUC writes the slot that does not run; after a cut it begins anew
    WAITING    written, and not the one that starts: the line still runs
    SWITCHED   it starts next, or has started and is on trial
    GOOD       the health gate found it good
    FAILED     given up, with the reason; what ran before goes on

Nothing of it is secret: the console and the serial port, who are other users, read it.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from gonogo.base import atomic_file
from gonogo.base.errors import UpdateBusy, UpdateNotKept
from gonogo.base.section import Section, brief

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME, _LOCK = "update.json", "update.lock"


class Phase(str, Enum):
    """How far it is."""

    FETCHING = "fetching"
    WRITING = "writing"
    WAITING = "waiting"
    SWITCHED = "switched"
    GOOD = "good"
    FAILED = "failed"


ENDED = (Phase.GOOD, Phase.FAILED)


class Update(Section):
    """One update. `action`: the server's number of it; `told`: the phase that the server knows.

    `boot` and `health`: when it was switched, which boot that was and what the health gate had said
    last; `tries`: how often it was. `id`: drawn once it is written, for who means this one.
    """

    phase: Phase
    source: Literal["file", "stick", "server"]
    version: str = ""
    path: str = ""
    slot: str = ""
    says: str = ""
    action: str = ""
    told: str = ""
    boot: str = ""
    health: str = ""
    tries: int = 0
    id: str = ""

    def at(self, phase: Phase, says: str = "", **more: object) -> Update:
        """The same update, so far."""
        return self.model_copy(update={"phase": phase, "says": says, **more})

    @property
    def ended(self) -> bool:
        """Whether nothing of it is left to be done on this box."""
        return self.phase in ENDED

    def in_words(self) -> str:
        """One line."""
        what = f"{self.version or 'an image'} from a {self.source}"
        where = f", slot {self.slot}" if self.slot else ""
        return f"{self.phase.value}: {what}{where}" + (f": {self.says}" if self.says else "")


class _Readable(atomic_file.Files):
    """Files that other users may read."""

    def open(self, path: Path, flags: int) -> int:
        """The system call."""
        return os.open(path, flags | os.O_CLOEXEC, 0o644)


def load(folder: Path) -> Update | None:
    """The last one; None where there was none, or where the disk lost it. UpdateNotKept."""
    try:
        return _read(folder)
    except ValidationError:
        # of a damaged disk: nothing that runs depends on it, and the server offers again
        return None


def seen(folder: Path) -> Update | None:
    """The same, for who tells people of it: UpdateNotKept also where the disk has damaged it."""
    try:
        return _read(folder)
    except ValidationError as error:
        raise UpdateNotKept(
            f"{folder / _NAME}: damaged ({brief(error)}); the updater takes it for none: plug the "
            "stick in again, or have the server offer it again"
        ) from error


def _read(folder: Path) -> Update | None:
    try:
        return Update.model_validate_json((folder / _NAME).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UpdateNotKept(f"{folder / _NAME}: {error.strerror}") from error


def save(folder: Path, update: Update) -> Update:
    """Whole, and on the disk; UpdateNotKept leaves the one before."""
    try:
        atomic_file.replace(folder / _NAME, update.model_dump_json().encode(), _Readable())
    except OSError as error:
        raise UpdateNotKept(
            f"{folder / _NAME}: {error.strerror}; expected room on the data partition, and one "
            "that may be written; nothing further was begun"
        ) from error
    return update


def exchange(folder: Path, old: Update | None, new: Update) -> bool:
    """Keep `new` where the last one still is `old`; UpdateBusy, UpdateNotKept."""
    with held(folder):
        if load(folder) != old:
            return False
        save(folder, new)
        return True


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Alone at it for as long as the block lasts; UpdateBusy where another process is."""
    try:
        fd = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UpdateNotKept(f"{folder / _LOCK}: {error.strerror}") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise UpdateBusy(
            "another update is being written on this box; `gonogo update status` says which"
        ) from error
    finally:
        os.close(fd)
