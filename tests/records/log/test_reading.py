"""Reading a kept log: all files in order, torn and foreign lines, through a rotation."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import LogUnreadable
from gonogo.base.log.entry import from_line, to_line
from gonogo.records.log.kept import KeptFiles, names
from gonogo.records.log.reading import KeptLog, Line, Wanted, in_order, tail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

S = 1_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log lies."""
    return tmp_path / "log.jsonl"


@pytest.fixture
def kept(path: Path) -> Iterator[KeptFiles]:
    """Three files of some lines each."""
    made = KeptFiles(path, 60, 3)
    yield made
    made.close()


def line(k: int) -> bytes:
    """Of 20 bytes."""
    return to_line({"text": f"{k:07d}"})


def told(lines: Iterable[Line]) -> list[int]:
    """The numbers of such lines."""
    return [int(json.loads(each.raw)["text"]) for each in lines]


def said(at_s: float, **fields: Any) -> Line:  # noqa: ANN401 - of a message
    """A message that second of the box's clock."""
    raw = to_line({"text": "x", "at_ns": round(at_s * S), **fields})
    return Line(raw, from_line(raw))


def test_log_is_read_from_its_oldest_file_on(path: Path, kept: KeptFiles) -> None:
    """All that is there."""
    for k in range(9):
        kept.append(line(k))
    log = KeptLog(path)
    assert told(log.new()) == list(range(9))
    assert told(log.new()) == []
    log.close()


@pytest.mark.parametrize("together", [1, 2, 5, 9])
def test_follower_loses_nothing_through_rotation(
    path: Path, kept: KeptFiles, together: int
) -> None:
    """However many files were begun between two looks, as far as they are there."""
    kept.append(line(0))
    log, found = KeptLog(path), []
    for k in range(1, 46):
        kept.append(line(k))
        if k % together == 0:
            found += told(log.new())
    assert found == list(range(46))[: len(found)]
    assert len(found) >= 45
    log.close()


def test_follower_knows_files_that_were_deleted_and_their_numbers_given_anew(
    path: Path, kept: KeptFiles
) -> None:
    """An inode that comes again is another file; descriptors do not pile up."""
    log, found = None, []
    for k in range(200):
        kept.append(line(k))
        log = log or KeptLog(path)
        found += told(log.new())
    assert log is not None
    assert found == list(range(200))
    assert len(log._files) <= 4
    log.close()


def test_line_without_an_end_waits_for_it(path: Path) -> None:
    """While it is followed; else it is shown as it is."""
    path.write_bytes(line(1) + b'{"te')
    log = KeptLog(path)
    assert told(log.new()) == [1]
    with path.open("ab") as file:
        file.write(line(2)[4:])
    assert told(log.new()) == [2]
    with path.open("ab") as file:
        file.write(b"torn")
    assert [*log.new()] == []
    assert [each.raw for each in log.torn()] == [b"torn"]
    log.close()


def test_log_that_is_not_there_is_refused(path: Path) -> None:
    """With what was expected."""
    with pytest.raises(LogUnreadable, match=r"GN611: log .*there is none"):
        KeptLog(path)


def test_log_that_is_no_file_is_refused(path: Path) -> None:
    """What cannot be opened is told, not passed over."""
    names(path, 2)[1].symlink_to(names(path, 2)[1])
    with pytest.raises(LogUnreadable, match="GN611"):
        KeptLog(path)


def test_lines_come_by_the_one_clock_of_the_box() -> None:
    """Processes are read late; a line without a time stays where it stands."""
    foreign = Line(b"Segmentation fault", None)
    lines = [said(3.0), said(1.0), foreign, said(2.0)]
    assert [*in_order(lines)] == [lines[1], foreign, lines[3], lines[0]]


def test_next_boot_comes_after_the_one_before() -> None:
    """Its clock begins anew."""
    lines = [said(9000.0), said(9001.0), said(5.0), said(4.0)]
    assert [*in_order(lines)] == [lines[0], lines[1], lines[3], lines[2]]


def test_order_of_many_lines_is_kept() -> None:
    """More than are held at a time."""
    lines = [said(1 + k / 100) for k in range(3000)]
    mixed = [each for k in range(0, 3000, 2) for each in (lines[k + 1], lines[k])]
    assert [*in_order(mixed)] == lines


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), "abcd"),
        (Wanted(part=4711), "b"),
        (Wanted(process="line"), "bc"),
        (Wanted(level="warning"), "c"),
        (Wanted(since=datetime(2026, 5, 4, 14, 2, tzinfo=timezone.utc)), "cd"),
        (Wanted(since=datetime(2026, 5, 4, 14, 2, tzinfo=timezone.utc), process="line"), "c"),
    ],
)
def test_lines_are_chosen(wanted: Wanted, expected: str) -> None:
    """By all that is asked; what is no message is as old as the one before it."""
    raws = [
        to_line({"text": "a", "level": "info", "time": "2026-05-04T14:01:00+00:00", "part": 3}),
        to_line({"text": "b", "level": "info", "time": "2026-05-04T14:01:59+00:00",
                 "process": "line", "part": 4711}),
        to_line({"text": "c", "level": "error", "time": "2026-05-04T16:02:00+02:00",
                 "process": "line"}),
        b"d",
    ]  # fmt: skip
    lines = [Line(raw, from_line(raw)) for raw in raws]
    found = [each.entry["text"] if each.entry else "d" for each in wanted.chosen(lines)]
    assert "".join(found) == expected


@pytest.mark.parametrize("when", ["yesterday", "2026-05-04T14:02:00", 3, None])
def test_time_that_is_none_is_unknown(when: object) -> None:
    """A line of another program; one without a zone, too."""
    assert Line(b"", {"text": "a", "time": when}).wall is None


def test_tail_is_the_newest_whole_lines_of_all_files(tmp_path: Path) -> None:
    """Of so many bytes at most, oldest first, over a file that was rotated; no more is read."""
    path = tmp_path / "log"
    path.with_name("log.1").write_bytes(b"one\ntwo\nthree\n")
    path.write_bytes(b"four\nfive\n")
    assert [line.raw for line in tail(path, 100)] == [b"one", b"two", b"three", b"four", b"five"]
    assert [line.raw for line in tail(path, 17)] == [b"three", b"four", b"five"]
    assert [line.raw for line in tail(path, 8)] == [b"five"]
    with pytest.raises(LogUnreadable, match="there is none"):
        tail(tmp_path / "other", 100)


def test_skip_leaves_out_what_is_there(tmp_path: Path) -> None:
    """What comes from then on is given, also after a rotation."""
    path = tmp_path / "log"
    path.write_bytes(b"old\n")
    kept = KeptLog(path)
    kept.skip()
    path.rename(path.with_name("log.1"))
    path.write_bytes(b"new\n")
    assert [line.raw for line in kept.new()] == [b"new"]
    kept.close()
