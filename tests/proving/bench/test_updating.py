"""What stands in for an update that is written: in the idle class, whole, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from gonogo.proving.bench.program import IdleDisturbance
from gonogo.proving.bench.updating import an_update, write
from gonogo.tests.children import begun_since, children

WAIT_S = 20.0
needs_ionice = pytest.mark.skipif(shutil.which("ionice") is None, reason="no ionice here")


def test_write_reads_back_what_it_wrote(tmp_path: Path) -> None:
    """Also where a slot is no whole number of pieces."""
    assert write(tmp_path / "slot.img", (3 << 20) + 5)
    assert (tmp_path / "slot.img").stat().st_size == (3 << 20) + 5


@needs_ionice
def test_update_is_written_in_the_idle_class_and_ends(tmp_path: Path) -> None:
    """Nothing of it is left, no process and no file."""
    path, before, end_s = tmp_path / "slot.img", children(), time.monotonic() + WAIT_S
    with an_update(tmp_path):
        while not path.exists() or not path.stat().st_size:
            assert time.monotonic() < end_s
            time.sleep(0.01)
        child = begun_since(before)
        assert os.sched_getscheduler(child) == os.SCHED_IDLE
    assert not path.exists()
    assert not Path(f"/proc/{child}").exists()


def test_update_that_nothing_is_written_of_is_no_load(tmp_path: Path) -> None:
    """The figure would be of nothing."""
    with pytest.raises(IdleDisturbance, match="'an update': it ended by itself"):
        with_nothing_to_write_to(tmp_path / "missing")


def with_nothing_to_write_to(folder: Path) -> None:
    """Until it has ended."""
    before, end_s = children(), time.monotonic() + WAIT_S
    with an_update(folder):
        child = begun_since(before)
        while "Z (zombie)" not in Path(f"/proc/{child}/status").read_text():
            assert time.monotonic() < end_s
            time.sleep(0.01)
