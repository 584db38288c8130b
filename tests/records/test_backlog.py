"""What waits for the database: in order, bounded, and nothing leaves it uncounted."""

from __future__ import annotations

from gonogo.config.journal_room import MOST_ENTRIES
from gonogo.records.backlog import KEEP, Backlog


def raw(number: int) -> bytes:
    """An entry that can be told from others."""
    return number.to_bytes(4, "big")


def test_backlog_gives_the_oldest_first_and_keeps_them_until_they_are_written() -> None:
    """A batch that the database refuses is given again."""
    backlog = Backlog()
    backlog.take(map(raw, range(5)), 0)
    assert backlog.first(3) == backlog.first(3) == (raw(0), raw(1), raw(2))
    backlog.written(3)
    assert (backlog.first(3), len(backlog)) == ((raw(3), raw(4)), 2)


def test_backlog_counts_what_was_lost_until_the_database_knows_of_it() -> None:
    """Before it was begun, in the journal, and by itself."""
    backlog = Backlog(lost=1)
    backlog.take([raw(1)], 2)
    assert backlog.lost == 3
    backlog.written(0)
    assert (backlog.lost, len(backlog)) == (0, 1)


def test_backlog_that_is_full_drops_the_oldest() -> None:
    """And holds a whole journal, whatever its size."""
    assert KEEP >= MOST_ENTRIES
    backlog = Backlog()
    backlog.take(map(raw, range(KEEP + 3)), 0)
    assert (len(backlog), backlog.lost) == (KEEP, 3)
    assert backlog.first(1) == (raw(3),)


def test_backlog_left_is_all_of_it_by_its_place_in_the_journal() -> None:
    """The sequence of the first entry follows from that of the next one."""
    backlog = Backlog()
    backlog.take(map(raw, range(4)), 7)
    left = backlog.left("run1", 104, "about")
    assert (left.run, left.first, left.lost, left.about) == ("run1", 100, 7, "about")
    assert left.raws == tuple(map(raw, range(4)))
    backlog.clear()
    assert (len(backlog), backlog.lost) == (0, 0)
    assert len(left.raws) == 4, "what was taken out stays as it was"
