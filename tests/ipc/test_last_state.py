"""The state of the last run: whole after whatever happened while it was written."""

from __future__ import annotations

import errno
import json
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.atomic_file import Files
from gonogo.ipc.last_state import Keeper, LastState, look, read, reset_reason, write

if TYPE_CHECKING:
    from pathlib import Path

OLD = LastState("FULL", 7, 11, "running", "boot-a", "2026-01-01T00:00:00Z")
NEW = OLD._replace(mode="RULES_ONLY", last_part_id=8)
CALLS = 8  # of a write: open, write, fsync, close, rename, open, fsync, close


class FailingFiles(Files):
    """Real files whose N-th call fails, and which writes a few bytes at a time."""

    def __init__(self, nth: int, chunk: int = 10_000) -> None:
        self.left = nth
        self.chunk = chunk

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, "no space left on device")

    def open(self, path: Path, flags: int) -> int:
        """Or not."""
        self._count()
        return super().open(path, flags)

    def write(self, fd: int, data: bytes) -> int:
        """Or not."""
        self._count()
        return super().write(fd, data[: self.chunk])

    def fsync(self, fd: int) -> None:
        """Or not."""
        self._count()
        super().fsync(fd)

    def close(self, fd: int) -> None:
        """Closed in any case: a descriptor is gone after a failed close, too."""
        super().close(fd)
        self._count()

    def rename(self, old: Path, new: Path) -> None:
        """Or not."""
        self._count()
        super().rename(old, new)


@pytest.mark.parametrize("chunk", [10_000, 7])
def test_state_is_old_or_new_and_whole_whichever_call_fails(tmp_path: Path, chunk: int) -> None:
    """The N-th system call fails, for N = 1, 2, 3 ... until none does."""
    path = tmp_path / "state.json"
    nth, found = 0, []
    while True:
        nth += 1
        write(path, OLD)
        try:
            write(path, NEW, FailingFiles(nth, chunk))
        except OSError:
            found.append(read(path))
            continue
        break
    assert read(path) == NEW
    assert nth > CALLS or chunk < 10_000
    assert set(found) <= {OLD, NEW}
    assert OLD in found


@given(st.data())
def test_state_that_is_damaged_is_not_believed(data: st.DataObject) -> None:
    """Cut off or with a flipped byte: none, or the very state that was written."""
    import tempfile  # noqa: PLC0415 - hypothesis and tmp_path do not mix
    from pathlib import Path  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        write(path, OLD)
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            del content[at:]
        else:
            content[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        state = read(path)
        assert state in (None, OLD)
        if state is None:
            assert (Path(folder) / "state.json.damaged").exists()
            assert read(path) is None


def test_state_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    """It knew nothing of the audit trail, and its sum is over what it wrote."""
    path = tmp_path / "state.json"
    said = {key: value for key, value in OLD._asdict().items() if not key.startswith("audit")}
    body = json.dumps(said, sort_keys=True)
    path.write_text(json.dumps({"crc32": zlib.crc32(body.encode()), "state": said}))
    assert read(path) == OLD


def test_look_leaves_a_damaged_file_where_it_is(tmp_path: Path) -> None:
    """It is for whoever only looks."""
    path = tmp_path / "state.json"
    assert look(path) is None
    write(path, OLD)
    assert look(path) == OLD
    path.write_text("{")
    assert look(path) is None
    assert path.exists()


def test_keeper_writes_what_the_audit_trail_has_new(tmp_path: Path) -> None:
    """Beside what the station itself stands on."""
    path = tmp_path / "state.json"
    keeper = Keeper(path)
    keeper.keep(OLD)
    keeper.keep(OLD._replace(audit_row=3, audit_hash="ab"))
    assert read(path) == OLD._replace(audit_row=3, audit_hash="ab")


def test_keeper_writes_only_what_changed_and_survives_a_full_disk(tmp_path: Path) -> None:
    """The time alone is no news; a failure is counted and tried again."""
    path = tmp_path / "state.json"
    keeper = Keeper(path)
    keeper.keep(OLD)
    stamp = path.stat().st_mtime_ns
    keeper.keep(OLD._replace(wall_time="2026-01-01T00:00:09Z"))
    assert path.stat().st_mtime_ns == stamp
    full = Keeper(path, FailingFiles(2))
    full.keep(NEW)
    assert (full.failures, read(path)) == (1, OLD)
    full.keep(NEW)
    assert (full.failures, read(path)) == (1, NEW)


@pytest.mark.parametrize(
    ("last", "says"),
    [
        (None, "first start"),
        (OLD._replace(reset_reason="stopped"), "stopped in order"),
        (OLD, "its processes were killed"),
        (OLD._replace(boot_id="boot-b"), "the box was reset or lost power"),
    ],
)
def test_reset_reason_says_why_a_station_begins(last: LastState | None, says: str) -> None:
    """From what the last run left behind."""
    assert says in reset_reason(last, "boot-a")
