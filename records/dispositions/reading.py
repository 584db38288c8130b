"""The file of dispositions, opened to write or to read, and what is wrong with it in words.

Nothing ever sets it aside or begins it anew: what people said cannot be made again.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

from gonogo.base.appended_file import give_to_owner_of
from gonogo.base.atomic_file import settle
from gonogo.base.errors import (
    DispositionsDamaged,
    DispositionsError,
    DispositionsHeld,
    DispositionsNewer,
)
from gonogo.records.dispositions import schema
from gonogo.records.reading import cut_off, known_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Connect = Callable[..., sqlite3.Connection]

BUSY_S = 5.0  # a person waits that long for another one's row
_DAMAGED = ("malformed", "file is not a database", "missing from index", "not a valid")
_TAKES_NONE = (
    "locked", "locking protocol", "full", "readonly", "unable to open", "disk I/O", "permission",
)  # fmt: skip


def beside_records(records: Path) -> Path:
    """Where it lies, from the `path` of [records]."""
    return records.with_name(f"{records.stem}-dispositions{records.suffix}")


def open_to_write(path: Path, connect: Connect = sqlite3.connect) -> sqlite3.Connection:
    """Made where it is not there; DispositionsError says why it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _begin(path)
        db = connect(path, isolation_level=None, timeout=BUSY_S)
        try:
            _ready(path, db)
        except BaseException:
            db.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise refusal(path, error) from error
    return db


def open_to_read(path: Path) -> sqlite3.Connection | None:
    """None where no disposition was ever written; DispositionsError."""
    if not path.exists():
        return None
    try:
        # a log that nobody can read on a disk that takes none: the file alone is whole then
        log = path.with_name(f"{path.name}-wal")
        logged = log.exists() and log.stat().st_size
        frozen = not logged and not os.access(path.parent, os.W_OK)
        options = "immutable=1" if frozen else "mode=ro"
        name = f"file:{quote(str(path))}?{options}"
        db = sqlite3.connect(name, uri=True, isolation_level=None, timeout=BUSY_S)
        try:
            version = _checked(path, db)
        except BaseException:
            db.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise refusal(path, error) from error
    if not version:  # killed while it was made
        db.close()
        return None
    return db


def refusal(path: Path, error: OSError | sqlite3.Error) -> DispositionsError:
    """What the file or the disk said, in words, and as what it is."""
    said = str(error)
    if isinstance(error, sqlite3.Error) and any(words in said for words in _DAMAGED):
        return _damaged(path, said)
    if isinstance(error, OSError) or any(words in said for words in _TAKES_NONE):
        return DispositionsHeld(
            f"dispositions {path}: {said}; expected a file that this user may read and write, "
            "on a disk with free space, that no other program holds; what was to be written was "
            "not, and the same request may be sent again"
        )
    return DispositionsError(f"dispositions {path}: {said}; expected a database of gonogo there")


def _damaged(path: Path, said: str) -> DispositionsDamaged:
    return DispositionsDamaged(
        f"dispositions {path}: {said}; nothing is written into it, and it is not set aside: what "
        "people said cannot be made again. Copy it with its -wal file, put a backup in its place, "
        "or what `sqlite3 FILE .recover` reads of it, and look at the disk"
    )


def _ready(path: Path, db: sqlite3.Connection) -> None:
    """Version, pragmas and tables; a file that is there is looked through once."""
    version = _checked(path, db)
    db.execute("PRAGMA synchronous=FULL")  # before the first write, whatever the default
    db.execute("PRAGMA journal_mode=WAL")
    if version:
        _check_whole(path, db)
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        # another one may have made it while we waited
        if not db.execute("PRAGMA user_version").fetchone()[0]:
            schema.make(db)
        db.execute("COMMIT")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _checked(path: Path, db: sqlite3.Connection) -> int:
    """Its version, 0 of an empty one; what is not ours is refused."""
    if cut_off(path, db):
        raise _damaged(path, f"its end is cut off ({path.stat().st_size} bytes)")
    version = known_version(db)
    if version is None:
        raise DispositionsError(
            f"dispositions {path}: a database of another program; expected none there, or one of "
            "gonogo: move that file away"
        )
    if version > schema.VERSION:
        raise DispositionsNewer(
            f"dispositions {path}: expected a schema up to {schema.VERSION}, got {version}; a "
            "newer gonogo wrote it: it is left as it is; use that one"
        )
    return version


def _check_whole(path: Path, db: sqlite3.Connection) -> None:
    (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise _damaged(path, str(said))
    newest, count = db.execute(
        "SELECT coalesce(max(number), 0), count(*) FROM dispositions"
    ).fetchone()
    if newest != count:
        raise _damaged(path, f"{newest - count} of its {newest} rows are gone")


def _begin(path: Path) -> None:
    """An empty one where there is none; one that root makes is of whoever owns the folder.

    That is the station, which goes on with it; what SQLite makes beside it follows its owner.
    """
    with contextlib.suppress(FileExistsError):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            give_to_owner_of(path.parent, fd)
        finally:
            os.close(fd)
        settle(path.parent)
