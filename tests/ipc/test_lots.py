"""Lots in their file: what a name may be, that a mark is there before it counts, and bad lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_file import Files
from gonogo.base.errors import LotNotKept, LotUnfit
from gonogo.ipc.lots import (
    LOT_MAX,
    MARGIN_NS,
    TAIL_BYTES,
    TRIES,
    Clocks,
    LotMark,
    begin,
    beside_records,
    fit,
    read_marks,
)
from gonogo.tests.ipc.audit.trails import FullDisk

if TYPE_CHECKING:
    from pathlib import Path

S = 10**9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where they are kept."""
    return beside_records(tmp_path / "records.sqlite")


def clocks(*now_ns: int) -> Clocks:
    """Say these times one after another, the last one for good."""
    left = list(now_ns)
    return Clocks(lambda: left.pop(0) if len(left) > 1 else left[0], lambda: 7 * S, lambda: "boot1")


@pytest.mark.parametrize(
    "name", ["L-17", "Los 4/7 ü", "=1+1", "'; DROP", "<img onerror=x>", "x" * 64]
)
def test_fit_takes_what_can_be_printed(name: str) -> None:
    """Whatever it would do elsewhere: it is shown as text everywhere."""
    assert fit(f" {name}\r\n") == name


@pytest.mark.parametrize(
    "name", ["", "  ", "a\x1b[2J", "a\u202eb", "a\nb", "x" * (LOT_MAX + 1), "a\0"]
)
def test_fit_refuses_what_is_no_name(name: str) -> None:
    """And says it without what was refused."""
    with pytest.raises(LotUnfit, match="expected 1 to 64 printable characters") as caught:
        fit(name)
    assert str(caught.value).isprintable()


def test_begin_writes_a_mark_for_a_moment_to_come(path: Path) -> None:
    """By both clocks, on the disk before that moment."""
    mark = begin(path, "L-17", clocks=clocks(5 * S))
    assert mark == LotMark("boot1", 5 * S + MARGIN_NS, 7200, "L-17")
    assert begin(path, None, clocks=clocks(9 * S)).lot is None
    assert [each.lot for each in read_marks(path)] == ["L-17", None]
    assert read_marks(path)[0] == mark


def test_begin_says_it_again_where_the_disk_was_slower(path: Path) -> None:
    """A few times: then it counts from when it was there."""
    mark = begin(path, "L-17", clocks=clocks(1 * S, 3 * S, 4 * S))
    assert [each.at_ns for each in read_marks(path)] == [1 * S + MARGIN_NS, 4 * S + MARGIN_NS]
    assert mark.at_ns == 4 * S + MARGIN_NS
    begin(path, "L-18", clocks=clocks(*range(10 * S, 40 * S, S)))
    assert len(read_marks(path)) == 2 + TRIES


def test_begin_on_a_full_disk_is_refused(path: Path) -> None:
    """The lot before goes on, though half a line had room."""
    begin(path, "L-17")
    with pytest.raises(LotNotKept, match="the lot before goes on"):
        begin(path, "L-18", FullDisk())
    assert [each.lot for each in read_marks(path)] == ["L-17"]
    begin(path, "L-19")
    assert [each.lot for each in read_marks(path)] == ["L-17", "L-19"]


def test_read_marks_passes_over_what_is_none(path: Path) -> None:
    """Another hand may have written there: what is no lot never reaches a row."""
    right = LotMark("boot1", 1, 2, "L-17")
    wrong: list[object] = [
        [], "x", {}, right._replace(lot="a\x1bb")._asdict(), {**right._asdict(), "lot": "x" * 65},
        {**right._asdict(), "at_ns": "1"}, {**right._asdict(), "boot": 7},
        {**right._asdict(), "lot": 7}, right._asdict(),
    ]  # fmt: skip
    path.write_bytes(b"\xff\x00\n" + "".join(json.dumps(each) + "\n" for each in wrong).encode())
    assert read_marks(path) == [right]
    assert read_marks(path.with_name("none")) == []


def test_read_marks_reads_the_newest_of_a_long_file(path: Path) -> None:
    """Of the line that is cut nothing."""
    with path.open("w") as file:
        for k in range(TAIL_BYTES // 60):
            file.write(json.dumps(LotMark("boot1", k, k, f"L-{k:020d}")._asdict()) + "\n")
    found = read_marks(path)
    assert 1000 < len(found) < TAIL_BYTES // 60
    assert found[-1].at_ns == TAIL_BYTES // 60 - 1
    assert [each.at_ns for each in found] == list(range(found[0].at_ns, found[-1].at_ns + 1))


def test_begin_uses_the_files_that_it_is_given(path: Path) -> None:
    """The system's own by default: the same bytes."""
    begin(path, "L-17", Files(), clocks(S))
    assert read_marks(path)[0].lot == "L-17"
