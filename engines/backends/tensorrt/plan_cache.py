"""Plans that were built on this box, and the times that their builder measured, as files.

    FOLDER/<sha256 of the model>-<key of the box>.plan
    FOLDER/<key of the box>.timing

Whatever is deserialised runs: a plan is taken only where nobody else may write, and ends in a
digest of its bytes and of what it is good for, so that one that is damaged, cut, renamed or of
another box is built anew and never handed to TensorRT. A folder that cannot be had or written
costs time at each start, and nothing else.

The folder is the first of these that is named: $GONOGO_PLANS, $STATE_DIRECTORY/plans (of a
service), $XDG_CACHE_HOME/gonogo/plans, ~/.cache/gonogo/plans.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import SYSTEM, Files, fill, move
from gonogo.base.seal import Seal
from gonogo.engines.backends import progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.engines.backends.tensorrt.plan_key import Box, PlanKey

KEPT = 8  # plans, the newest ones: engines, versions and power modes that are in use
MAX_BYTES = 4 << 30
_OTHERS_WRITE = 0o022
# of this process, where they cannot be kept as files: what is chosen is opened a second time
_IN_MEMORY = 2


class PlanCache:
    """The folder of one user's plans; it says what it cannot keep, and never raises."""

    def __init__(self, folder: Path, files: Files = SYSTEM) -> None:
        self.folder = folder
        self._files = files

    def plan(self, key: PlanKey) -> bytes | None:
        """The plan as it was built; None where there is none that can be trusted."""
        held = _held.get((self.folder, key.name))
        if held is not None:
            return held
        return self._read(self.folder / key.name, _plan_seal(key))

    def keep_plan(self, key: PlanKey, plan: bytes) -> None:
        """Keep it as a file; where that cannot be, for as long as this process lives."""
        if self._write(self.folder / key.name, _plan_seal(key).close(plan)):
            self._trim()
            return
        while len(_held) >= _IN_MEMORY:
            del _held[next(iter(_held))]
        _held[self.folder, key.name] = plan

    def forget_plan(self, key: PlanKey) -> None:
        """One that TensorRT does not take: the next start builds it anew."""
        _held.pop((self.folder, key.name), None)
        with contextlib.suppress(OSError):
            (self.folder / key.name).unlink()

    def timing(self, box: Box) -> bytes:
        """What earlier builds have measured on this box; nothing where there is nothing."""
        return self._read(self.folder / f"{box.key}.timing", _timing_seal(box)) or b""

    def keep_timing(self, box: Box, measured: bytes) -> None:
        """For the next build."""
        self._write(self.folder / f"{box.key}.timing", _timing_seal(box).close(measured))

    def _read(self, path: Path, seal: Seal) -> bytes | None:
        try:
            raw = _trusted(path)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                progress.say(f"{path}: not taken: {error.strerror}; it is made anew")
            return None
        body = seal.open(raw)
        if body is None:
            progress.say(f"{path}: damaged, cut or not of this box; it is made anew")
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # in use: of many plans the ones that were not are removed
        return body

    def _write(self, path: Path, data: bytes) -> bool:
        # this process's own name: both places of a station may build the same plan at once
        fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _look_at(path.parent.lstat(), path.parent, stat.S_ISDIR)
            with contextlib.suppress(FileNotFoundError):
                fresh.unlink()
            fill(fresh, (data,), self._files)
            move(fresh, path, self._files)
        except OSError as error:
            progress.say(
                f"{path}: cannot be kept: {error.strerror}; it is built anew at each start: "
                "give the station's user room there, or name another folder in $GONOGO_PLANS"
            )
            with contextlib.suppress(OSError):
                fresh.unlink()
            return False
        return True

    def _trim(self) -> None:
        """The newest stay, and nothing that an interrupted write has left."""
        with contextlib.suppress(OSError):
            for left in self.folder.glob(".*.new"):
                if not _alive(left):
                    left.unlink(missing_ok=True)
            for kind in ("*.plan", "*.timing"):
                found = sorted(self.folder.glob(kind), key=_age)
                for old in found[KEPT:]:
                    old.unlink(missing_ok=True)


_held: dict[tuple[Path, str], bytes] = {}


def plans_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where this user's plans lie."""
    named = environment.get("GONOGO_PLANS", "")
    if named:
        return Path(named)
    # systemd joins several by colons (systemd.exec(5)); ours is the first
    state = environment.get("STATE_DIRECTORY", "").split(":")[0]
    if state:
        return Path(state) / "plans"
    cache = environment.get("XDG_CACHE_HOME", "")
    return (Path(cache) if cache else Path.home() / ".cache") / "gonogo" / "plans"


def _plan_seal(key: PlanKey) -> Seal:
    # with all that it is good for in the seal: one that was renamed is not opened
    return Seal(f"gonogo plan {tuple(key)!r}", _tail)


def _timing_seal(box: Box) -> Seal:
    return Seal(f"gonogo timing {tuple(box)!r}", _tail)


def _tail(digest: str) -> bytes:
    return b"\nsha256 " + digest.encode()


def _trusted(path: Path) -> bytes:
    """The bytes of a file that this user alone may write, in a folder of which that holds, too."""
    _look_at(path.parent.lstat(), path.parent, stat.S_ISDIR)
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:  # noqa: PTH123 - a descriptor
        # by the descriptor: the name may lead elsewhere by now
        found = os.fstat(fd)
        _look_at(found, path, stat.S_ISREG)
        if found.st_size > MAX_BYTES:
            raise OSError(0, f"expected at most {MAX_BYTES} bytes", str(path))
        # no more than it has: room for what is asked for is taken before it is read
        return file.read(found.st_size)


def _look_at(found: os.stat_result, path: Path, kind: object) -> None:
    if not callable(kind) or not kind(found.st_mode):
        raise OSError(0, "expected a file in a folder, and no link", str(path))
    if found.st_uid != os.geteuid() or found.st_mode & _OTHERS_WRITE:
        raise PermissionError(
            0, "others may write it, expected the station's user alone", str(path)
        )


def _alive(left: Path) -> bool:
    """Whether the process that began it may still be writing."""
    number = left.name.split(".")[-2]
    return number.isdigit() and Path("/proc", number).exists()


def _age(path: Path) -> float:
    """Newest first."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
