"""The seal of a process: made with a secret, of this row, this process, this start."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ForeignMemory, SegmentError
from gonogo.ipc.identity import Seals, secret_path
from gonogo.ipc.process_table import ProcessTable, owner, start_time
from gonogo.watchdog.process import Process

if TYPE_CHECKING:
    from collections.abc import Iterator

_PID, _START, _SEAL = 2, 3, 8


@pytest.fixture
def beats(station: str) -> Iterator[ProcessTable]:
    """A table in whose row 1 this very process is entered."""
    table = ProcessTable.create(station)
    table.rows[1].occupy(os.getpid())
    yield table
    table.close()


def words_of(beats: ProcessTable, row: int) -> memoryview[int]:
    """A row's words, as whoever may write the memory sees them."""
    return beats.segment.words(16 * 8 * row, 16)


def test_seal_of_what_the_station_started_is_proven(beats: ProcessTable, station: str) -> None:
    """By every process that may read the secret."""
    assert beats.rows[1].lives
    again = ProcessTable.attach(station)
    assert again.rows[1].lives
    again.close()


@pytest.mark.parametrize("word", [_PID, _START, _SEAL])
def test_seal_fails_when_any_of_it_is_changed(beats: ProcessTable, word: int) -> None:
    """Another pid, another start, another seal."""
    words_of(beats, 1)[word] += 1
    assert not beats.rows[1].lives
    assert Process.of(beats.rows[1]) is None


def test_seal_fails_when_the_pid_was_given_to_another_process(beats: ProcessTable) -> None:
    """Its seal is right, but that process is gone: the one of now began at another time."""
    words = words_of(beats, 1)
    words[_START] -= 1
    words[_SEAL] = beats.seals.process(1, words[_PID], words[_START])
    assert not beats.rows[1].lives


def test_seal_of_one_row_is_none_of_another(beats: ProcessTable) -> None:
    """A process is adopted as what it was started as."""
    for word in (_PID, _START, _SEAL):
        words_of(beats, 2)[word] = words_of(beats, 1)[word]
    assert not beats.rows[2].lives


def test_seal_cannot_be_made_from_what_everybody_sees(beats: ProcessTable) -> None:
    """Pid and start time of a stranger, entered by somebody who does not have the secret."""
    with subprocess.Popen(["sleep", "60"]) as stranger:
        words = words_of(beats, 1)
        words[_PID], words[_START] = stranger.pid, start_time(stranger.pid)
        for guess in (0, 1, Seals(b"").process(1, stranger.pid, words[_START])):
            words[_SEAL] = guess
            assert Process.of(beats.rows[1]) is None
        beats.rows[1].occupy(stranger.pid)
        found = Process.of(beats.rows[1])
        assert found is not None
        assert found.pid == stranger.pid
        stranger.kill()


def test_seal_of_a_process_of_another_user_is_not_enough(beats: ProcessTable) -> None:
    """Root's own table may name a process of somebody else: it is not a station's."""
    if os.geteuid() != 0:
        pytest.skip("needs root to start a process of another user")
    with subprocess.Popen(["sleep", "60"], user=12345) as process:
        assert owner(process.pid) == 12345
        beats.rows[1].occupy(process.pid)
        lives = beats.rows[1].lives
        process.kill()
    assert not lives


def test_seal_of_a_plan_needs_the_secret() -> None:
    """The digest of a plan is no number that others can work out."""
    assert Seals(b"a").plan(["x"]) != Seals(b"b").plan(["x"])
    assert Seals(b"a").plan(["x"]) == Seals(b"a").plan(["x"])
    assert Seals(b"a").plan(["x"]) != Seals(b"a").process(0, 0, 0)


def test_secret_is_drawn_anew_for_each_memory_and_private(station: str) -> None:
    """Nothing of an earlier run proves anything."""
    first = Seals.create(station).plan([])
    path = secret_path(station)
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    assert Seals.create(station).plan([]) != first


def test_secret_that_is_there_is_not_taken_for_a_new_one(station: str) -> None:
    """Two owners of one memory would prove each other's processes."""
    Seals.create(station)
    with pytest.raises(FileExistsError):
        Seals.create(station)


def test_table_without_its_secret_is_not_attached(beats: ProcessTable, station: str) -> None:
    """Missing, or readable by others."""
    secret_path(station).chmod(0o644)
    with pytest.raises(ForeignMemory):
        ProcessTable.attach(station)
    secret_path(station).unlink()
    with pytest.raises(SegmentError, match=r"secret beside it.*start the station anew"):
        ProcessTable.attach(station)
    assert beats.rows
