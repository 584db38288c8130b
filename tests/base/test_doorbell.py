"""Doorbells: found by name, never in the way."""

from __future__ import annotations

import os
import select
import stat
from typing import TYPE_CHECKING

import pytest

from gonogo.base.doorbell import make_bell, make_pipe, open_bell, open_pipe, quiet, ring
from gonogo.base.errors import ForeignMemory, RuntimeDirError, SegmentError

if TYPE_CHECKING:
    from pathlib import Path


def rings(fd: int) -> bool:
    """Whether a bell rings at this moment."""
    return bool(select.select([fd], [], [], 0)[0])


def test_bell_rings_for_whoever_attached(station: str) -> None:
    """Any number of times, until it is quieted once."""
    path = make_bell(station, "ask")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    one, other = open_bell(station, "ask"), open_bell(station, "ask")
    for _ in range(3):
        ring(one)
    assert rings(other)
    quiet(other)
    assert not rings(one)
    quiet(one)
    for fd in (one, other):
        os.close(fd)


def test_bell_that_nobody_hears_never_blocks(station: str) -> None:
    """A full pipe rings already."""
    make_bell(station, "ask")
    fd = open_bell(station, "ask")
    for _ in range(20_000):
        ring(fd)
    assert rings(fd)
    os.close(fd)


def test_bell_works_on_an_eventfd() -> None:
    """Where two ends are of one process."""
    fd = os.eventfd(0, os.EFD_NONBLOCK)
    ring(fd)
    assert rings(fd)
    quiet(fd)
    assert not rings(fd)
    os.close(fd)


def test_bell_that_nobody_made_is_refused(station: str) -> None:
    """And one that is there already is not made again."""
    with pytest.raises(SegmentError, match="start the station first"):
        open_bell(station, "ask")
    make_bell(station, "ask")
    with pytest.raises(SegmentError, match="File exists"):
        make_bell(station, "ask")


def test_bell_is_refused_where_something_else_lies(station: str) -> None:
    """A plain file in its place can neither be rung nor waited for."""
    path = make_bell(station, "ask")
    path.unlink()
    path.touch(mode=0o600)
    with pytest.raises(ForeignMemory, match="expected one that the station made"):
        open_bell(station, "ask")


def test_bell_is_not_made_in_a_folder_that_others_may_use(tmp_path: Path) -> None:
    """Whoever could exchange it would be heard as the engine."""
    tmp_path.chmod(0o777)
    for use in (make_pipe, open_pipe):
        with pytest.raises(RuntimeDirError, match="others may use it"):
            use(tmp_path / "bell")
    assert list(tmp_path.iterdir()) == []
