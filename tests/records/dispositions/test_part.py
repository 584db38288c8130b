"""What is known of a part, from its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.part import key_of, known_of
from gonogo.records.dispositions.words import PartKey
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import by_serial
from gonogo.records.volumes import base_of
from gonogo.tests.records.questions.recorded import START_MS, write


def test_known_part_is_what_its_row_says(tmp_path: Path) -> None:
    """Verdict, reason, score, engines in the order of views; a view without a score has none."""
    files = Files(write(tmp_path / "records.sqlite"))
    row = by_serial(files, "a", 3)
    known = known_of(files, row)
    assert key_of(row) == PartKey("a", 3)
    assert (known.part_id, known.part_wall_ms) == (3, START_MS + 3000)
    assert (known.verdict, known.reason) == (VerdictKind.REJECT, Reason.RULE)
    assert known.engine == "0000000000000abc,0000000000000abd"
    assert (known.score, known.recipe, known.lot) == (1003, 1, None)


def test_known_part_whose_line_ended_has_no_verdict(tmp_path: Path) -> None:
    """What the PLC did is not known: none of its words are ours."""
    files = Files(write(tmp_path / "records.sqlite"))
    row = by_serial(files, "a", 3)._replace(verdict="NOT_KNOWN", reason="LINE_ENDED", lot="L-1")
    known = known_of(files, row)
    assert (known.verdict, known.reason) == (VerdictKind.NONE, Reason.OK)
    assert known.lot == "L-1"


@pytest.mark.parametrize(
    ("records", "base"),
    [
        ("records.sqlite", "records.sqlite"),
        ("records-2026-11.sqlite", "records.sqlite"),
        ("records-2026-11.2.sqlite", "records.sqlite"),
        ("a-b.db", "a-b.db"),
        ("a-2026-11.db", "a.db"),
        ("x-2026-11-05.db", "x-2026-11-05.db"),
    ],
)
def test_base_is_found_from_the_file_of_a_month(records: str, base: str) -> None:
    """Words on its parts lie beside the records, once for all months."""
    assert base_of(Path("/v", records)) == Path("/v", base)
