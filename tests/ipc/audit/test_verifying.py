"""Whether a trail is as it was written: each way to break one is seen, and where it begins."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AuditError
from gonogo.ipc.audit.files import full_ones, read_head
from gonogo.ipc.audit.row import Head, line_of, row_of, sealed
from gonogo.ipc.audit.trail import Limits
from gonogo.ipc.audit.verifying import Verified, verify
from gonogo.tests.ipc.audit.trails import written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A trail of six rows."""
    path = tmp_path / "records.audit.jsonl"
    written(path, 6)
    return path


def lines(path: Path) -> list[bytes]:
    """Of a trail."""
    return path.read_bytes().splitlines(keepends=True)


def check(path: Path) -> Verified:
    """Against itself and its second place."""
    head = read_head(path)
    assert head is not None
    return verify(path, {"the second place": head})


def first(path: Path) -> tuple[int, str]:
    """The first broken row, and why."""
    finding = check(path).findings[0]
    return finding.number, finding.text


def forged(line: bytes, **fields: object) -> bytes:
    """The row with other content and a hash that fits to it."""
    row = row_of(line.rstrip(b"\n"))
    assert row is not None
    return line_of(sealed(row._replace(**fields))) + b"\n"  # type: ignore[arg-type]


def test_verify_of_a_trail_as_it_was_written_finds_nothing(path: Path) -> None:
    """It says how many rows there are, and which is the newest."""
    found = check(path)
    assert (found.rows, found.findings, found.notes) == (6, (), ())
    assert found.last == read_head(path)


def test_verify_names_a_row_that_was_changed(path: Path) -> None:
    """One digit of a value is enough."""
    changed = path.read_bytes().replace(b'"new":3,', b'"new":8,')
    path.write_bytes(changed)
    assert first(path) == (3, "changed: it has not the hash of what it says")


def test_verify_names_a_row_that_was_changed_with_its_hash(path: Path) -> None:
    """The next one was chained to another."""
    some = lines(path)
    some[2] = forged(some[2], new=8)
    path.write_bytes(b"".join(some))
    number, text = first(path)
    assert number == 3
    assert "another one than row 4 was chained to" in text


@pytest.mark.parametrize(
    ("gone", "number", "text"),
    [
        ({0}, 2, "row 1 is not here"),
        ({0, 1}, 3, "rows 1 to 2 are not here"),
        ({2}, 4, "row 3 is missing before it"),
        ({2, 3}, 5, "rows 3 to 4 are missing before it"),
        ({5}, 6, "row 6 was the newest, as the second place knows: the end was cut off"),
        ({3, 4, 5}, 4, "row 6 was the newest"),
        ({0, 1, 2, 3, 4, 5}, 1, "row 6 was the newest"),
    ],
)
def test_verify_names_where_rows_were_removed(
    path: Path, gone: set[int], number: int, text: str
) -> None:
    """At the front, in between, and at the end as far as another place knows it."""
    path.write_bytes(b"".join(line for k, line in enumerate(lines(path)) if k not in gone))
    found = first(path)
    assert found[0] == number
    assert text in found[1]


def test_verify_of_a_removed_file_knows_its_rows(path: Path) -> None:
    """Not there at all is a cut end, too."""
    path.unlink()
    assert first(path)[0] == 1


def test_verify_names_a_row_that_was_inserted(path: Path) -> None:
    """A copy, or one of somebody's own with a hash that fits."""
    some = lines(path)
    path.write_bytes(b"".join([*some[:4], some[1], *some[4:]]))
    number, text = first(path)
    assert (number, text) == (2, "it stands after row 4: inserted, or moved")
    path.write_bytes(b"".join([*some[:4], forged(some[3], new=9), *some[4:]]))
    assert first(path) == (4, "it stands after row 4: inserted, or moved")


def test_verify_names_where_the_order_was_changed(path: Path) -> None:
    """Two rows in each other's place."""
    some = lines(path)
    some[2], some[3] = some[3], some[2]
    path.write_bytes(b"".join(some))
    assert "row 3 is missing before it" in first(path)[1]


def test_verify_names_an_end_that_was_written_anew(path: Path) -> None:
    """A chain that fits in itself, and not to what the other place knows."""
    some = lines(path)
    some[5] = forged(some[5], new="other")
    path.write_bytes(b"".join(some))
    assert first(path) == (6, "another one than the second place knows: written anew")


def test_verify_of_an_older_place_holds_the_row_that_it_knows(path: Path) -> None:
    """It need not know the newest one."""
    row = row_of(lines(path)[2].rstrip(b"\n"))
    assert row is not None
    assert verify(path, {"last state": row.head}).findings == ()
    (finding,) = verify(path, {"last state": Head(3, "00" * 32)}).findings
    assert str(finding).startswith("row 3 (records.audit.jsonl, line 6): another one than last")


@pytest.mark.parametrize("garbage", [b"garbage\n", b'{"number":3}\n', b"\n", b"\x00\x00\n"])
def test_verify_names_what_is_no_row_and_of_which_none_tells(path: Path, garbage: bytes) -> None:
    """Also an empty line."""
    some = lines(path)
    path.write_bytes(b"".join([*some[:3], garbage, *some[3:]]))
    number, text = first(path)
    assert number == 4
    assert "is no row" in text


def test_verify_does_not_take_a_removed_row_for_a_torn_line(path: Path) -> None:
    """Who makes rubbish of the newest row is told of once the trail goes on."""
    some = lines(path)
    path.write_bytes(b"".join([*some[:5], some[5][:50], b"\n"]))
    assert first(path)[0] == 6
    written(path, 1)
    assert "row 6 is missing before it" in first(path)[1]


def test_verify_tells_of_a_torn_line_without_calling_it_broken(path: Path) -> None:
    """A power cut is no forgery; that its remains are gone is one."""
    with path.open("ab") as file:
        file.write(b'{"asked":nu')
    assert check(path).notes == (
        "records.audit.jsonl ends with what is no row: torn, or added by another hand",
    )
    written(path, 1)
    found = check(path)
    assert found.findings == ()
    assert "before row 7 a line was torn" in found.notes[0]
    path.write_bytes(b"".join(line for line in lines(path) if line.endswith(b"}\n")))
    assert first(path) == (7, "the torn line of which it tells is gone")


def test_verify_goes_through_full_files_and_takes_archived_ones_for_moved_if_told_so(
    tmp_path: Path,
) -> None:
    """One in between that is gone is never archived."""
    path = tmp_path / "records.audit.jsonl"
    written(path, 9, Limits(rotate_bytes=1200))
    full = full_ones(path)
    assert check(path).findings == ()
    full[0].rename(tmp_path / "away")
    head = read_head(path)
    assert head is not None
    assert "not here: removed, or moved away" in check(path).findings[0].text
    assert verify(path, {"the second place": head}, archived=True).findings == ()
    full[1].unlink()
    (tmp_path / "away").rename(full[0])
    assert "missing before it" in verify(path, {}, archived=True).findings[0].text


def test_verify_says_that_the_first_row_follows_nothing(path: Path) -> None:
    """Rows before it that were renumbered away."""
    some = lines(path)
    path.write_bytes(forged(some[0], before="ab" * 32))
    assert "it is not the first" in verify(path, {}).findings[0].text


def test_verify_survives_whatever_a_row_holds(path: Path) -> None:
    """Fields of other kinds are no row."""
    fields = json.loads(lines(path)[2])
    for name in fields:
        bad = json.dumps({**fields, name: [{}]}, sort_keys=True, separators=(",", ":"))
        some = lines(path)
        some[2] = bad.encode() + b"\n"
        path.write_bytes(b"".join(some))
        assert check(path).findings[0].number in {3, 4}


def test_verify_of_what_cannot_be_read_says_which_file(tmp_path: Path) -> None:
    """A folder in its place."""
    path = tmp_path / "records.audit.jsonl"
    path.mkdir()
    with pytest.raises(AuditError, match=r"records\.audit\.jsonl"):
        verify(path, {})
