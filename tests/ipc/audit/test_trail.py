"""Appending to a trail: by several processes, on a full disk, after a power cut, over files."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_file import Files
from gonogo.base.errors import AuditError, AuditNotWritten
from gonogo.ipc.audit.files import full_ones, head_of, read_head, reserve_of, rows_backwards
from gonogo.ipc.audit.row import Entry, line_of
from gonogo.ipc.audit.trail import Limits
from gonogo.ipc.audit.verifying import verify
from gonogo.tests.ipc.audit.trails import ANNA, FullDisk, trail_at, written

if TYPE_CHECKING:
    from pathlib import Path

ONE = Entry("engine activate", "asked", "1.0.0", "1.1.0", "light \x1b[2Jchanged")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a trail lies."""
    return tmp_path / "records.audit.jsonl"


def whole(path: Path) -> int:
    """How many rows a trail has that is as it was written."""
    head = read_head(path)
    found = verify(path, {} if head is None else {"the second place": head})
    assert found.findings == ()
    return found.rows


def test_append_writes_who_what_when_and_why(path: Path) -> None:
    """With old and new value, and nothing that drives a terminal."""
    row = trail_at(path).append(ONE)
    assert (row.number, row.what, row.state) == (1, "engine activate", "asked")
    assert (row.old, row.new, row.why) == ("1.0.0", "1.1.0", "light ?[2Jchanged")
    assert row.who == ANNA
    assert row.at.endswith("+00:00")
    assert row.monotonic_ns > 0
    assert path.read_bytes() == line_of(row) + b"\n"
    assert read_head(path) == row.head


def test_append_makes_the_files_for_this_user_alone(tmp_path: Path) -> None:
    """There are names in them; the folder of the records need not be there yet."""
    path = tmp_path / "new" / "records.audit.jsonl"
    trail_at(path).append(ONE)
    modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    assert modes == dict.fromkeys((path.name, head_of(path).name, reserve_of(path).name), 0o600)


def test_append_follows_no_link(path: Path, tmp_path: Path) -> None:
    """Somebody else's file is not written."""
    other = tmp_path / "other"
    other.write_text("mine")
    path.symlink_to(other)
    with pytest.raises(AuditNotWritten, match=r"records\.audit\.jsonl"):
        trail_at(path).append(ONE)
    assert other.read_text() == "mine"


APPENDS = """
import sys
from pathlib import Path
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Limits, Trail
trail = Trail(Path(sys.argv[1]), limits=Limits(rotate_bytes=2500, patience_s=60))
for number in range(20):
    trail.append(Entry("limit", "done", None, number, sys.argv[2]))
"""


def test_append_of_several_processes_makes_one_chain(path: Path) -> None:
    """Also while files become full: every row is there, each after the one before."""
    command = [sys.executable, "-c", APPENDS, str(path)]
    writers = [subprocess.Popen([*command, str(k)]) for k in range(3)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    assert whole(path) == 60
    rows = list(rows_backwards(path))
    for k in range(3):
        assert [row.new for row in rows if row.why == str(k)] == list(range(19, -1, -1))


def test_append_gives_up_where_another_holds_the_lock_for_ever(path: Path) -> None:
    """A process that was stopped in the middle must not stop every command."""
    trail_at(path).append(ONE)
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(AuditNotWritten, match="goes on and is not in the audit trail"):
            trail_at(path, Limits(patience_s=0.05)).append(ONE)
    assert whole(path) == 1


def test_append_goes_on_in_a_new_file_when_one_is_full(path: Path) -> None:
    """The chain goes through; a kill before the new file was made is no gap."""
    trail = written(path, 8, Limits(rotate_bytes=1200))
    assert len(full_ones(path)) >= 2
    assert whole(path) == 8
    path.rename(full_ones(path)[-1].with_name("records.audit-0099.jsonl"))
    assert trail.append(ONE).number == 9
    assert whole(path) == 9


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_append_after_a_torn_line_tells_of_it_and_goes_on(path: Path, cut: int) -> None:
    """Of a power cut: what is left of the line stays, and the chain holds."""
    trail = written(path, 3)
    torn = trail.append(ONE)
    os.truncate(path, path.stat().st_size - cut)
    # the second place is written after the row: a cut in the row leaves the former one there
    head_of(path).write_text(f"{3:018d} {torn.before}\n")
    row = trail.append(ONE)
    if cut == 1:  # the line break alone: the row is whole
        assert (row.number, row.torn) == (5, "")
    else:
        assert (row.number, bool(row.torn)) == (4, True)
    assert whole(path) == row.number


class NoSync(Files):
    """For hundreds of rows: what is on the disk is not the question there."""

    def fsync(self, fd: int) -> None:
        """Not now."""


def test_append_goes_on_after_a_power_cut_at_every_byte_of_a_row(path: Path) -> None:
    """Nothing of it is called broken, and the row after it is there."""
    trail = trail_at(path, files=NoSync())
    trail.append(ONE)
    head, before = head_of(path).read_bytes(), path.stat().st_size
    trail.append(ONE)
    raw = path.read_bytes()
    for size in range(before, len(raw) + 1):
        path.write_bytes(raw[:size])
        head_of(path).write_bytes(head)  # it is written after the row
        number = trail.append(ONE).number
        assert number == (3 if size >= len(raw) - 1 else 2)
        assert whole(path) == number


def test_append_after_a_kill_before_the_second_place_was_written_is_no_break(path: Path) -> None:
    """That one lags, and the row counts."""
    trail = written(path, 2)
    head = head_of(path).read_bytes()
    trail.append(ONE)
    head_of(path).write_bytes(head)
    assert whole(path) == 3
    row = trail.append(ONE)
    assert (row.number, row.lost) == (4, None)
    assert whole(path) == 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes into another user's folder")
def test_append_of_root_leaves_the_files_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    """The station's user has to go on with them."""
    folder = tmp_path / "records"
    folder.mkdir()
    os.chown(folder, 4711, 4712)
    trail_at(folder / "records.audit.jsonl").append(ONE)
    assert {(each.stat().st_uid, each.stat().st_gid) for each in folder.iterdir()} == {(4711, 4712)}


def test_append_after_two_torn_lines_tells_of_both(path: Path) -> None:
    """A power cut in the first row after a power cut."""
    trail = written(path, 2)
    with path.open("ab") as file:
        file.write(b'{"after":"half')
        file.write(b'\n{"aft\x00\x00\x00')
    assert trail.append(ONE).number == 3
    assert whole(path) == 3


def test_append_to_a_file_with_a_torn_line_alone_begins_a_chain(path: Path) -> None:
    """The very first row was torn."""
    path.write_bytes(b'{"aft')
    assert trail_at(path).append(ONE).number == 1
    assert whole(path) == 1


def test_append_after_a_cut_end_tells_what_the_second_place_knew(path: Path) -> None:
    """The cut stays visible for good, although the second place is written over."""
    trail = written(path, 5)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]))
    row = trail.append(ONE)
    assert row.number == 6
    assert row.lost is not None
    assert row.lost.number == 5
    (finding,) = verify(path, {}).findings
    assert "rows 4 to 5 are missing before it" in finding.text
    assert "row 5 was known elsewhere" in finding.text


def test_append_on_a_full_disk_takes_the_room_of_the_reserve(path: Path) -> None:
    """So that a station that goes back to its former engine has that in the trail."""
    written(path, 1)
    assert reserve_of(path).stat().st_blocks * 512 >= 32 * 1024
    full = trail_at(path, files=FullDisk(reserve_of(path)))
    assert [full.append(ONE).number, full.append(ONE).number] == [2, 3]
    assert not reserve_of(path).exists()
    assert whole(path) == 3
    trail_at(path).append(ONE)
    assert reserve_of(path).exists()


def test_append_without_any_room_leaves_the_trail_whole_and_says_so(path: Path) -> None:
    """Half a row is taken back."""
    written(path, 2)
    reserve_of(path).unlink()
    before = path.read_bytes()
    with pytest.raises(AuditNotWritten, match="'engine activate' goes on and is not in the audit"):
        trail_at(path, files=FullDisk()).append(ONE)
    assert path.read_bytes() == before
    assert trail_at(path).append(ONE).number == 3
    assert whole(path) == 3


def test_append_where_no_folder_can_be_says_so(tmp_path: Path) -> None:
    """A file lies where the folder should."""
    (tmp_path / "file").touch()
    with pytest.raises(AuditNotWritten):
        trail_at(tmp_path / "file" / "records.audit.jsonl").append(ONE)


def test_last_is_the_newest_row_of_a_kind(path: Path) -> None:
    """Through full files; None where there is none, or no trail."""
    trail = written(path, 1, Limits(rotate_bytes=800))
    trail.append(ONE)
    written(path, 3, Limits(rotate_bytes=800))
    found = trail.last("engine activate")
    assert found is not None
    assert found.number == 2
    assert trail.last("nothing") is None
    assert trail_at(path.with_name("none.audit.jsonl")).last("limit") is None


def test_last_of_what_cannot_be_read_says_which_file(path: Path) -> None:
    """A folder in its place."""
    path.mkdir()
    with pytest.raises(AuditError, match=r"records\.audit\.jsonl"):
        trail_at(path).last("limit")
