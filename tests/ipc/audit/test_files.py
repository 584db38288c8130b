"""The files of a trail: which are whose, and how they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.ipc.audit.files import (
    beside_records,
    content_of,
    full_ones,
    head_of,
    head_text,
    in_engines,
    next_full,
    read_head,
    reserve_of,
    rows_backwards,
)
from gonogo.ipc.audit.row import Head
from gonogo.ipc.audit.trail import Limits
from gonogo.records.volumes import volumes
from gonogo.tests.ipc.audit.trails import written

if TYPE_CHECKING:
    from pathlib import Path


def test_places_are_beside_the_records_and_in_the_folder_of_engines(tmp_path: Path) -> None:
    """None of them is taken for a file of the records."""
    trail = beside_records(tmp_path / "records.sqlite")
    assert trail.name == "records.audit.jsonl"
    assert head_of(trail).name == "records.audit.head"
    assert reserve_of(trail).name == "records.audit.reserve"
    assert in_engines(tmp_path).parent == tmp_path
    written(trail, 2)
    assert volumes(tmp_path / "records.sqlite") == []


def test_full_ones_are_in_order_of_their_number(tmp_path: Path) -> None:
    """Not of their name: 10000 comes after 9999; other files are none."""
    trail = tmp_path / "records.audit.jsonl"
    for name in ("audit-10000", "audit-9999", "audit-0002", "audit-2", "audit-0003x", "other-0001"):
        (tmp_path / f"records.{name}.jsonl").touch()
    names = [path.stem for path in full_ones(trail)]
    assert names == ["records.audit-0002", "records.audit-9999", "records.audit-10000"]
    assert next_full(trail).name == "records.audit-10001.jsonl"
    assert full_ones(tmp_path / "nowhere" / "records.audit.jsonl") == []


def test_rows_backwards_go_through_full_files(tmp_path: Path) -> None:
    """From the newest to the first."""
    trail = written(tmp_path / "t.audit.jsonl", 9, Limits(rotate_bytes=1200))
    assert len(full_ones(trail.path)) > 1
    assert [row.number for row in rows_backwards(trail.path)] == list(range(9, 0, -1))


def test_content_tells_what_is_no_row_with_the_next_one(tmp_path: Path) -> None:
    """And what follows the last one as the rest."""
    trail = written(tmp_path / "t.audit.jsonl", 2)
    first, second = trail.path.read_bytes().splitlines(keepends=True)
    found = content_of(first + b"{half\n" + second + b"more")
    assert [(line.number, bool(line.torn)) for line in found.lines] == [(1, False), (3, True)]
    assert found.rest == b"more"
    assert content_of(b"") == ([], b"")


def test_head_comes_back_or_is_none_where_it_is_damaged(tmp_path: Path) -> None:
    """It is as long for every number: written over in its place."""
    trail, head = tmp_path / "t.audit.jsonl", Head(123, "ab" * 32)
    assert read_head(trail) is None
    head_of(trail).write_bytes(head_text(head))
    assert read_head(trail) == head
    assert len(head_text(Head(1, "00" * 32))) == len(head_text(head))
    head_of(trail).write_bytes(head_text(head)[:-3])
    assert read_head(trail) is None
