"""What a journal holds when all its processes have ended is on the disk before it is removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Reason, TriggerEvent, VerdictKind
from gonogo.ipc.journal import Journal
from gonogo.ipc.journal_records import DeliveryEntry, UnfinishedEntry, VerdictEntry, decode
from gonogo.ipc.worker import EXIT_DONE, EXIT_KEEP, EXIT_LEFT, EXIT_LOST
from gonogo.records.leftover import pending, reserve, unpack
from gonogo.records.salvage import main, outcome, rescue, salvage
from gonogo.tests.fakes import entry_of, part_now, put, raws_of
from gonogo.tests.records.doubles import FullDisk

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.leftover import Leftover

DELIVERED = DeliveryEntry(
    2, 2, 9, 10, 20, delivered=True, kind=VerdictKind.ACCEPT, reason=Reason.OK
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that nobody writes."""
    return tmp_path / "records.db"


def journal_of(station: str, path: Path, records: int = 16) -> Journal:
    """A journal whose rows belong into that database."""
    return Journal.create(station, records, json.dumps({"path": str(path), "views": ["top"]}))


def only(path: Path) -> Leftover:
    """The one leftover there is."""
    (file,) = pending(path)
    return unpack(file.read_bytes())


def test_salvage_of_no_journal_is_done(station: str, path: Path) -> None:
    """Nothing ran; nothing is made."""
    assert salvage(station, path) == EXIT_DONE
    assert pending(path) == []


def test_salvage_of_a_journal_that_records_has_dealt_with_is_done(station: str, path: Path) -> None:
    """No file, whatever may have been written before."""
    journal = journal_of(station, path)
    put(journal, entry_of(1))
    journal.taken = journal.written
    assert salvage(station) == EXIT_DONE
    assert pending(path) == []


def test_salvage_saves_what_records_has_not_taken(station: str, path: Path) -> None:
    """From there on, with the run's name and what its numbers mean; and only once."""
    journal = journal_of(station, path)
    for entry in (entry_of(1), entry_of(2), DELIVERED):
        put(journal, entry)
    journal.taken, journal.untold = 1, 4
    assert salvage(station) == EXIT_LOST
    left = only(path)
    assert [decode(raw) for raw in left.raws] == [entry_of(2), DELIVERED]
    assert (left.run, left.first, left.lost) == (journal.run, 1, 4)
    assert json.loads(left.about)["views"] == ["top"]
    assert (journal.taken, journal.untold) == (3, 0)
    assert salvage(station) == EXIT_LOST
    assert only(path) == left


def test_salvage_counts_what_was_overwritten(station: str, path: Path) -> None:
    """Records was away for longer than the journal lasts."""
    journal = journal_of(station, path, 4)
    total = journal.records + 3
    for serial in range(total):
        put(journal, entry_of(serial))
    salvage(station)
    left = only(path)
    assert (len(left.raws), left.lost, left.first) == (journal.records, 3, 3)


def test_salvage_enters_the_part_in_hand_as_unfinished(station: str, path: Path) -> None:
    """Its line ended between the verdict at the PLC and the journal."""
    journal = journal_of(station, path)
    journal.recipe = 3
    part = part_now(7)
    journal.begin(part)
    assert salvage(station) == EXIT_LEFT
    assert [decode(raw) for raw in only(path).raws] == [UnfinishedEntry(part, 3)]


def test_salvage_enters_the_parts_that_the_link_refused(station: str, path: Path) -> None:
    """The PLC was told of them, the line was not any more; they get the next serials."""
    journal = journal_of(station, path)
    journal.begin(part_now(7))
    for part_id in (8, 9):
        journal.refusals.add(TriggerEvent(part_id, part_id * 1000))
    salvage(station)
    unfinished, *refused = [decode(raw) for raw in only(path).raws]
    assert isinstance(unfinished, UnfinishedEntry)
    for entry, part_id in zip(refused, (8, 9), strict=True):
        assert isinstance(entry, VerdictEntry)
        assert entry.part[:3] == (part_id, part_id, part_id * 1000)  # their serials are 8 and 9
        assert (entry.kind, entry.reason) == (VerdictKind.NOT_INSPECTED, Reason.OVERRATE)
    assert journal.refusals.open() == []


def test_salvage_on_a_full_disk_takes_the_reserved_space(station: str, path: Path) -> None:
    """As records does at its own stop."""
    journal = journal_of(station, path)
    put(journal, entry_of(1))
    reserve(path)
    assert salvage(station, files=FullDisk()) == EXIT_LEFT
    assert list(only(path).raws) == raws_of([entry_of(1)])


def test_salvage_that_can_write_nothing_leaves_the_journal_as_it_is(
    station: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever comes next finds it: the supervisor keeps the memory for that."""
    journal = journal_of(station, path)
    put(journal, entry_of(1))
    assert salvage(station, files=FullDisk()) == EXIT_KEEP
    assert (journal.taken, journal.written) == (0, 1)
    assert "cannot be saved" in caplog.messages[-1]
    assert salvage(station) == EXIT_LEFT
    assert list(only(path).raws) == raws_of([entry_of(1)])


def test_salvage_goes_where_the_station_says_now(station: str, path: Path) -> None:
    """Before a start its file counts, not that of the dead station."""
    journal = journal_of(station, path.with_name("elsewhere"))
    put(journal, entry_of(1))
    assert salvage(station, path) == EXIT_LEFT
    assert list(only(path).raws) == raws_of([entry_of(1)])


def test_rescue_says_how_many_are_lost_where_nothing_can_be_saved(station: str, path: Path) -> None:
    """A new station must start: it tells its own records of them."""
    journal = journal_of(station, path)
    for serial in range(3):
        put(journal, entry_of(serial))
    journal.taken, journal.untold = 1, 5
    (path.parent / "file").touch()
    assert rescue(station, path.parent / "file" / "records.db") == 7
    assert rescue(station, path) == 0
    assert only(path).lost == 5


def test_salvage_of_what_is_no_journal_of_ours_keeps_it(
    station: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another version made it: not read wrongly, and not removed unread."""
    journal = journal_of(station, path)
    journal.segment.words(0, 8)[4] = 1
    assert salvage(station, path) == EXIT_KEEP
    assert "GN500" in caplog.messages[0]
    assert rescue(station, path) == 0


def test_outcome_is_the_worst_that_lies_there(station: str, path: Path) -> None:
    """Rows to be written, entries lost, a file that cannot be read."""
    assert outcome(path) == EXIT_DONE
    journal = journal_of(station, path)
    put(journal, entry_of(1))
    assert salvage(station) == EXIT_LEFT == outcome(path)
    (file,) = pending(path)
    file.write_bytes(file.read_bytes()[:-1])
    assert outcome(path) == EXIT_LOST


def test_main_says_what_it_saved(station: str, path: Path) -> None:
    """As the supervisor starts it: by the station's name alone."""
    journal = journal_of(station, path)
    put(journal, entry_of(1))
    assert main(station) == EXIT_LEFT
    assert len(pending(path)) == 1
