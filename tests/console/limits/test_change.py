"""What is shown of a change, and what the audit trail is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.errors import LimitsNotApplied
from gonogo.base.scores import ScoreLimits
from gonogo.build.review.proposal import as_they_are
from gonogo.config.limits_applying import Change, last
from gonogo.config.limits_in_file import Place
from gonogo.config.station import load_station
from gonogo.console.limits.change import Asking, apply_limits, diff_lines, planned, undo_limits
from gonogo.console.limits.session import session_of
from gonogo.console.limits.subject import subject_of
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.tests.commands.passed import passed

HERS = Asking("too many rechecks", lambda: {"login": "ann"})


def test_diff_lines_are_those_that_differ() -> None:
    """With the lines around them."""
    before, after = b"a = 1\nb = 2\n", b"a = 1\nb = 3\n"
    change = Change(Path("/s.toml"), Path("/"), Place("top"), before, after, {}, {})
    assert list(diff_lines(change))[3:] == [" a = 1", "-b = 2", "+b = 3"]


def test_limits_are_written_and_taken_back_in_the_name_of_who_asked(tmp_path: Path) -> None:
    """Two rows each, with the reason; the file is as it was then, to the byte."""
    file = passed(tmp_path).file
    before, subject = file.read_bytes(), subject_of(file, None, 1)
    found = session_of(subject, 1000, 30).labelled
    limits = ScoreLimits(2.2, 5.0)
    expected = as_they_are(limits, found.taken_as_good, found.bad, "by hand")
    apply_limits(planned(subject, limits), subject, expected, HERS)
    assert subject_of(file, None, 1).in_force[:2] == (2.2, 5.0)
    undo_limits(last(file), HERS)
    assert file.read_bytes() == before
    rows = list(rows_backwards(beside_records(load_station(file).records.path)))[::-1]
    assert [(row.what, row.state) for row in rows] == [
        ("limits", "asked"), ("limits", "done"), ("limits undo", "asked"), ("limits undo", "done"),
    ]  # fmt: skip
    assert {row.who["login"] for row in rows} == {"ann"}
    assert (rows[0].why, rows[0].new["how"], rows[1].new["reject_above"]) == (
        HERS.why, "by hand", 5.0,
    )  # fmt: skip


def test_limits_that_no_station_would_judge_by_are_not_written(tmp_path: Path) -> None:
    """A copy that is loaded as a station file says otherwise: the file stays as it was."""
    file = passed(tmp_path).file
    before, subject = file.read_bytes(), subject_of(file, None, 1)
    found = session_of(subject, 1000, 30).labelled
    limits = ScoreLimits(2.2, 5.0)
    expected = as_they_are(limits, found.taken_as_good, found.bad, "by hand")
    change = planned(subject, limits)
    wrong = change._replace(new={"recheck_above": 2.2, "reject_above": 6.0})
    with pytest.raises(LimitsNotApplied, match="it would judge by"):
        apply_limits(wrong, subject, expected, HERS)
    assert file.read_bytes() == before
