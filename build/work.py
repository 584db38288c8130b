"""The work folder of a build: what is finished stays, so that an interrupted build goes on.

Each result is one file, written whole or not at all, and ends in a digest of what it holds
(gonogo.base.seal): one that was changed is found anew, for limits follow from it. The
folder belongs to one set of inputs and options, named by a digest; of another set, it is
emptied first.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import shutil
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.errors import BuildError
from gonogo.base.seal import Seal
from gonogo.build.agreement import Scores
from gonogo.engines.card import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGEST = "digest"
_HALF_DIGEST = f".{_DIGEST}.*.new"  # gonogo.engines.card.replace_file
_LOCK = "lock"  # held by flock while a build runs; gone with its process, however that ends
SEAL = Seal("gonogo build work 1", lambda digest: f"\n{digest}\n".encode())


class Work:
    """Results by name in a folder of their own; BuildError when it cannot be had.

    `resumed` tells whether there were results of the very same inputs. A second build of
    the same output is refused while the first one runs.
    """

    def __init__(
        self, folder: Path, digest: str, remove: Callable[[Path], None] = Path.unlink
    ) -> None:
        self.folder = folder
        self._remove_file = remove
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            with contextlib.ExitStack() as undo:
                undo.callback(self.close)
                # before anything is looked at: the other build may be about to empty it
                _lock(folder, self._lock)
                self.resumed = self._belongs(digest)
                undo.pop_all()
        except OSError as error:
            raise BuildError(
                f"{folder}: the work folder cannot be written: {error.strerror}; check the folder "
                "of --out, its rights and the disk"
            ) from error

    def _belongs(self, digest: str) -> bool:
        path = self.path(_DIGEST)
        ours = path.is_file()
        if ours and path.read_text(encoding="utf-8") == digest:
            return True
        # the lock is ours, and held right now
        stale = [found for found in self.folder.iterdir() if found.name not in {_LOCK, _DIGEST}]
        # a folder that somebody else has given this name is never emptied; of a build that was
        # killed at its first write there is that file alone, half of it
        if not ours and any(not fnmatch(found.name, _HALF_DIGEST) for found in stale):
            raise BuildError(
                f"{self.folder}: holds files that no build left there, and would be emptied; give "
                "another --out, or move them away"
            )
        for found in stale:
            self._remove_file(found)
        # last, over the old one: a kill while emptying leaves that, and it is emptied again
        replace_file(path, digest.encode())
        return False

    def path(self, name: str) -> Path:
        """Where a result of this name lies, or would."""
        return self.folder / name

    def key(self, *parts: object) -> str:
        """A short name for a result that follows from all these."""
        text = "\n".join(map(str, parts))
        # short enough for a file name, and it begins with a word for people
        return f"{parts[0]}-{hashlib.sha256(text.encode()).hexdigest()[:20]}"

    def recall(self, name: str) -> Any:  # noqa: ANN401 - a JSON value
        """A finished result, or None."""
        # what was damaged or edited reads as None and is found anew
        body = _read(self.path(f"{name}.json"))
        return None if body is None else json.loads(body)

    def keep(self, name: str, value: object) -> None:
        """Keep a result, a JSON value."""
        replace_file(self.path(f"{name}.json"), SEAL.close(json.dumps(value).encode()))

    def scores(self, name: str, find: Callable[[], Scores]) -> Scores:
        """Scores that are finished, or found now and kept."""
        path = self.path(f"{name}.npz")
        body = _read(path)
        if body is None:
            found, file = find(), io.BytesIO()
            # the arrays to the bit: limits and proof follow from them
            np.savez(file, **found._asdict())
            replace_file(path, SEAL.close(file.getvalue()))
            return found
        with np.load(io.BytesIO(body)) as kept:
            return Scores(**kept)

    def close(self) -> None:
        """Let another build have it; idempotent."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def remove(self) -> None:
        """Everything came to its end: the folder goes."""
        self.close()
        # the bundle is written: what cannot be removed is only in the way
        shutil.rmtree(self.folder, ignore_errors=True)


def _read(path: Path) -> bytes | None:
    """What was kept there; None for nothing, or for what is not as it was kept."""
    return SEAL.open(path.read_bytes()) if path.is_file() else None


def _lock(folder: Path, descriptor: int) -> None:
    try:
        # not waited for: the other build may take an hour
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BuildError(
            f"{folder}: another build writes the same --out now; wait for it, or give another name"
        ) from None
