"""How many parts, by reason and by score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.questions.files import Files
from gonogo.records.questions.sums import reasons, scores, verdicts
from gonogo.tests.records.questions.recorded import START_MS, write

if TYPE_CHECKING:
    from pathlib import Path


def test_sums_count_over_files_within_a_time(tmp_path: Path) -> None:
    """The first moment is included, the last is not."""
    files = Files(write(tmp_path / "records.db"))
    assert reasons(files, 0, 1 << 60) == {("REJECT", "RULE"): 4}
    assert reasons(files, START_MS + 3000, START_MS + 6000) == {("REJECT", "RULE"): 1}
    assert scores(files, START_MS, START_MS + 4000) == {
        "ACCEPT": {1001: 1, 1002: 1},
        "REJECT": {1003: 1},
    }
    assert scores(files, 0, 1 << 60)["ACCEPT"][1001] == 2


def test_verdicts_are_those_before_a_part(tmp_path: Path) -> None:
    """Of its run those with a lower serial, of others all; an unknown run keeps none out."""
    files = Files(write(tmp_path / "records.db"))
    assert verdicts(files, 0, 1 << 60, ("b", 1)) == {"ACCEPT": 4, "REJECT": 3}
    assert verdicts(files, 0, 1 << 60, ("a", 3)) == {"ACCEPT": 2}
    assert verdicts(files, 0, 1 << 60, ("c", 1)) == {"ACCEPT": 6, "REJECT": 4}
    assert verdicts(files, START_MS + 3000, START_MS + 3001, ("c", 1)) == {"REJECT": 1}
