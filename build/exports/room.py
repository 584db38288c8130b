"""Whether this box has the memory that a large model will need."""

from __future__ import annotations

from pathlib import Path

from gonogo.base.errors import RoomShort

LARGE_BYTES = 100_000_000  # below this nothing is asked
# measured, reading to proof: 878 MB at a model of 92 MB, 1562 MB at one of 184 MB
TIMES = 8
BASE_BYTES = 300_000_000  # the libraries, the images, and some to spare
_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
_MB = 1_000_000


def needed_bytes(model_bytes: int) -> int:
    """What a build of a model of that size takes at most, at one time."""
    return BASE_BYTES + TIMES * model_bytes


def check_room(
    path: Path, model_bytes: int, meminfo: Path = _MEMINFO, group: Path = _GROUP
) -> None:
    """RoomShort before hours of work end in the system's killing the process."""
    available = available_bytes(meminfo, group)
    needed = needed_bytes(model_bytes)
    if model_bytes < LARGE_BYTES or available is None or needed <= available:
        return
    raise RoomShort(
        f"{path}: {model_bytes // _MB} MB of weights: building from it takes some "
        f"{needed // _MB} MB of memory, and this box has {available // _MB} MB left; end other "
        "programs, build on a larger machine, or use a smaller model"
    )


def room_note(model_bytes: int) -> tuple[str, ...]:
    """What is said beforehand of a large model; nothing of others."""
    if model_bytes < LARGE_BYTES:
        return ()
    needed = needed_bytes(model_bytes) // _MB
    return (f"{model_bytes // _MB} MB of weights: building takes up to some {needed} MB of memory",)


def available_bytes(meminfo: Path = _MEMINFO, group: Path = _GROUP) -> int | None:
    """What programs may still take without swapping; None where the kernel does not say.

    `group`: the folder of the control group, which may hold a container to less.
    """
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return min([*found, *_left_in(group)], default=None)


def _left_in(group: Path) -> list[int]:
    names = ("memory.max", "memory.current", "memory.stat")
    try:
        most, taken, parts = ((group / name).read_text() for name in names)
    except OSError:
        return []
    # the word max stands for no limit
    if not most.strip().isdecimal():
        return []
    # pages of files count as taken, and are given back when they are wanted
    rows = dict(line.split()[:2] for line in parts.splitlines())
    files = sum(int(rows.get(f"{kind}_file", 0)) for kind in ("active", "inactive"))
    return [max(int(most) - int(taken) + files, 0)]
