"""A technician hears of a database that takes nothing, and can still read the other lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsBusy, RecordsError
from gonogo.records.complaints import BUSY_FOR_S, COMPLAIN_EVERY_S, Complaints
from gonogo.tests.records.doubles import Clock

if TYPE_CHECKING:
    import pytest


def test_complaints_say_at_once_what_is_wrong_and_how_much_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also in the first seconds of a box."""
    complaints = Complaints(Clock(now_s=1.0))
    heard = [complaints.failing]
    complaints.refused(RecordsError("a full disk"), 3, 4)
    assert [*heard, complaints.failing] == [False, True]
    assert caplog.messages == ["GN600: a full disk; 3 entries wait, 4 lost"]


def test_complaints_are_repeated_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    """One line in ten seconds, however often the database is asked."""
    clock = Clock()
    complaints = Complaints(clock)
    for _ in range(3):
        complaints.refused(RecordsError("a full disk"), 3, 4)
        clock.now_s += COMPLAIN_EVERY_S / 2
    assert len(caplog.messages) == 2


def test_complaints_wait_where_another_program_holds_the_database_for_a_moment(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Counted from when it last took rows; each success begins that anew."""
    clock = Clock()
    complaints = Complaints(clock)
    for held_s, failing in ((BUSY_FOR_S - 0.1, False), (BUSY_FOR_S, True)):
        complaints.well()
        clock.now_s += held_s
        complaints.refused(RecordsBusy("held"), 1, 0)
        assert complaints.failing is failing
    assert len(caplog.messages) == 1
    complaints.well()
    assert not complaints.failing
