"""How many parts, by reason and by score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.questions.files import Files
from gonogo.records.questions.sums import reasons, scores
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
