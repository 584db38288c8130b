"""Files of proc(5): of a process that lives, and of one that has ended."""

from __future__ import annotations

import os
import subprocess

from gonogo.base.procfs import ProcFile, read


def test_procfile_is_read_again_and_again() -> None:
    """What stands there now, not what stood there when it was opened."""
    file = ProcFile(os.getpid(), "stat")
    first = file.read()
    assert first.startswith(f"{os.getpid()} (")
    before = sum(map(int, first.rpartition(")")[2].split()[11:13]))  # user and system time
    while sum(map(int, file.read().rpartition(")")[2].split()[11:13])) == before:
        pass
    file.close()


def test_procfile_of_a_process_that_ends_is_empty_from_then_on() -> None:
    """Also when it is held open: who has a rank must not look it up by its path."""
    with subprocess.Popen(["sleep", "60"]) as process:
        file = ProcFile(process.pid, "stat")
        assert file.read()
        process.kill()
        process.wait()
    assert file.read() == ""
    assert read(process.pid, "stat") == ""
    file.close()
    file.close()
    assert file.read() == ""


def test_procfile_of_nobody_is_empty() -> None:
    """Neither a pid that cannot be nor a file that is not there is an error."""
    assert read(2**22 + 1, "status") == ""
    assert read(os.getpid(), "no-such-file") == ""


def test_procfile_reads_4096_bytes_at_most() -> None:
    """It is read in a loop that has no time for more."""
    assert 0 < len(read(os.getpid(), "smaps")) <= 4096
