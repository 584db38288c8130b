"""A table that processes share: changed by one at a time, and never a reason to wait for long."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.shm import segment_path
from gonogo.console.access.lock import locked
from gonogo.console.access.shared import MAX_BYTES, SharedTable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(station: str) -> Path:
    """In the private directory."""
    return segment_path(station, "table")


def test_changing_is_seen_by_others(path: Path) -> None:
    """Also where less is left of it than was there."""
    with SharedTable(path).changing() as table:
        table.update({"long": "x" * 1000})
    with SharedTable(path).changing() as table:
        assert table == {"long": "x" * 1000}
        table.clear()
        table["a"] = 1
    with SharedTable(path).changing() as table:
        assert table == {"a": 1}


def test_changing_that_fails_changes_nothing_for_others(path: Path) -> None:
    """What it would have been is not written."""
    with SharedTable(path).changing() as table:
        table["a"] = 1
    with pytest.raises(ZeroDivisionError), SharedTable(path).changing() as table:
        table["a"] = 1 / 0
    with SharedTable(path).changing() as table:
        assert table == {"a": 1}


@pytest.mark.parametrize(
    "left", [b"", b"{", b"[1]", b"\xff", b"[" * 50_000, b" " * (MAX_BYTES + 9)]
)
def test_changing_goes_on_by_what_it_saw_where_it_is_torn(path: Path, left: bytes) -> None:
    """And begins anew where it saw nothing."""
    shared = SharedTable(path)
    with shared.changing() as table:
        table["a"] = 1
    path.write_bytes(left)
    with SharedTable(path).changing() as table:
        assert table == {}
    path.write_bytes(left)
    with shared.changing() as table:
        assert table == {"a": 1}


def test_changing_gives_up_where_another_holds_it(path: Path) -> None:
    """A program that was stopped in the middle."""
    with SharedTable(path).changing() as table:
        table["a"] = 1
    with locked(path, 0), pytest.raises(OSError), SharedTable(path, 0.01).changing():  # noqa: PT011
        pytest.fail("two at once")


def test_changing_takes_no_file_of_others(path: Path) -> None:
    """Nor a link to one."""
    path.touch(0o644)
    path.chmod(0o644)
    with pytest.raises(OSError, match="GN503"), SharedTable(path).changing():
        pytest.fail("others may write it")
    path.unlink()
    path.symlink_to(os.devnull)
    with pytest.raises(OSError), SharedTable(path).changing():  # noqa: PT011
        pytest.fail("a link")
    path.unlink()
