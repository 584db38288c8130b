"""Lines that are appended: whole, on the disk, whatever stood torn before them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.appended_file import append, give_to_owner_of
from gonogo.base.atomic_file import Files

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import sys
from pathlib import Path
from gonogo.base.appended_file import append
for k in range(200):
    append(Path(sys.argv[1]), f"{sys.argv[2]} {k} {'x' * 300}\\n".encode())
"""


class Watched(Files):
    """Notes the calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def write(self, fd: int, data: bytes) -> int:
        """The system call."""
        self.calls.append("write")
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        """The system call."""
        self.calls.append("fsync")
        super().fsync(fd)


def test_append_makes_the_file_and_brings_each_line_to_the_disk(tmp_path: Path) -> None:
    """For this user alone."""
    path, files = tmp_path / "some.jsonl", Watched()
    append(path, b"one\n", files)
    append(path, b"two\nthree\n", files)
    assert path.read_bytes() == b"one\ntwo\nthree\n"
    assert files.calls == ["write", "fsync"] * 2
    assert path.stat().st_mode & 0o777 == 0o600


def test_append_leaves_a_torn_line_on_its_own(tmp_path: Path) -> None:
    """Of a power cut, or a disk that was full."""
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"one\ntw")
    append(path, b"three\n")
    append(path, b"four\n")
    assert path.read_bytes() == b"one\ntw\nthree\nfour\n"


def test_append_follows_no_link(tmp_path: Path) -> None:
    """Whoever can make one could have another file written."""
    target = tmp_path / "target"
    target.touch()
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        append(tmp_path / "link", b"one\n")
    assert target.read_bytes() == b""


def test_append_of_two_processes_mixes_no_lines(tmp_path: Path) -> None:
    """Whoever comes first."""
    path = tmp_path / "some.jsonl"
    command = [sys.executable, "-c", WRITER, str(path)]
    running = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [each.wait(60) for each in running] == [0, 0]
    lines = path.read_text().splitlines()
    for name in ("a", "b"):
        mine = [line.split()[1] for line in lines if line.startswith(name)]
        assert mine == [str(k) for k in range(200)]
    assert {len(line.split()[2]) for line in lines} == {300}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_root_makes_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    """The station's user has to go on with it."""
    os.chown(tmp_path, 1234, 2345)
    path = tmp_path / "some.jsonl"
    append(path, b"one\n")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)
    fd = os.open(path, os.O_RDONLY)
    os.chown(tmp_path, 0, 0)
    give_to_owner_of(tmp_path, fd)
    os.close(fd)
    assert path.stat().st_uid == 0
