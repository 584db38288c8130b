"""What a run says: figures, known equivalents, the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.mutate.__main__ import KNOWN, ROOT
from gonogo.tests.mutate.judged import Figures, Judged, enough, figures, total
from gonogo.tests.mutate.known import read_known, stale
from gonogo.tests.mutate.mutants import mutants_of
from gonogo.tests.mutate.page import page, row, rows_of
from gonogo.tests.mutate.run import job_of
from gonogo.tests.mutate.table import MODULES

if TYPE_CHECKING:
    from pathlib import Path

MUTANTS = mutants_of("m.py", b"x = 1\ny = 2\n")
ENTRY = '[[mutant]]\nmodule = "m.py"\nwhere = "module"\nbefore = "x = 1"\n'


def test_known_names_mutants_by_their_lines(tmp_path: Path) -> None:
    """One entry may stand for several changes of a line, with one reason."""
    path = tmp_path / "known.toml"
    path.write_text(ENTRY + 'after = ["x = 2", "x = 0"]\nwhy = "never read"\n')
    known = read_known(path)
    assert set(known) == {mutant.key for mutant in MUTANTS[:2]}
    assert set(known.values()) == {"never read"}


@pytest.mark.parametrize("rest", ['after = ["x = 2"]\n', 'after = ["x = 2"]\nwhy = " "\n'])
def test_known_wants_a_reason(tmp_path: Path, rest: str) -> None:
    """Without one it would be a way to hide a missing test."""
    path = tmp_path / "known.toml"
    path.write_text(ENTRY + rest)
    with pytest.raises(ValueError, match="expected after, before, module, where, why"):
        read_known(path)


def test_stale_tells_entries_of_lines_that_are_gone() -> None:
    """Of the modules that were looked at alone."""
    gone, other = ("m.py", "module", "z = 1", "z = 2"), ("n.py", "module", "z = 1", "z = 2")
    assert stale([gone, other, MUTANTS[0].key], MUTANTS) == [gone]


def test_the_list_names_no_mutant_that_is_gone() -> None:
    """A line that was changed takes its entry with it, or the entry its new form."""
    jobs = [job_of(ROOT, module, 1, 1) for module in MODULES]
    there = (mutant for job in jobs for mutant in job.there)
    assert list(stale(read_known(KNOWN), there)) == []


def test_figures_count_what_was_noticed_and_what_need_not_be() -> None:
    """An equivalent one that was noticed counts as noticed."""
    ends = ("failed", "time", "passed", "passed")
    judged = [Judged(mutant, end) for mutant, end in zip(MUTANTS, ends, strict=True)]
    part = figures(10, judged, [MUTANTS[0].key, MUTANTS[2].key])
    assert part == Figures(there=10, tried=4, noticed=2, by_time=1, equivalent=1)
    assert (part.survived, round(part.share_pct)) == (1, 67)


@pytest.mark.parametrize(
    ("noticed", "other", "good"), [(95, 95, True), (94, 95, False), (92, 100, False)]
)
def test_enough_wants_a_share_of_all_and_of_each(noticed: int, other: int, good: bool) -> None:  # noqa: FBT001
    """95 % of all; and no module is left far behind by the others."""
    parts = [Figures(100, 100, noticed, 0, 0), Figures(100, 100, other, 0, 0)]
    assert enough(parts) is good
    assert total(parts).noticed == noticed + other


def test_page_shows_seed_figures_and_each_survivor() -> None:
    """Where it is, as it was and as it became."""
    judged = [Judged(MUTANTS[0], "failed"), Judged(MUTANTS[2], "passed")]
    text = page({"m.py": row(7, figures(4, judged, []), judged[1:])})
    assert "| m.py | 4 | 2 | 1 | 0 | 0 | 1 | 50.0 % | 7 |" in text
    assert "- m.py:2 (module)\n  - `y = 2`\n  - `y = 1`" in text


def test_page_is_read_back_as_it_was_written() -> None:
    """So that a run of one module leaves what is known of the others; the sum is of all rows."""
    rows = {
        "m.py": row(7, Figures(40, 20, 16, 1, 2), [Judged(each, "passed") for each in MUTANTS[:2]]),
        "n/m.py": row(1, Figures(10, 10, 9, 0, 1), []),
    }
    text = page(rows)
    assert rows_of(text) == rows
    assert "| **all** | 50 | 30 | 25 | 1 | 3 | 2 | 92.6 % |" in text
