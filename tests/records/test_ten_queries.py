"""The ten queries of docs/records.md, run by SQLite's own shell on a file of the records."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from gonogo.records.labels import Clock
from gonogo.records.store import Store
from gonogo.records.volumes import volumes
from gonogo.tests.records.months import THEN
from gonogo.tests.records.questions.recorded import (
    LABELS,
    MS,
    START_MS,
    S,
    delivered,
    judged,
    same,
    shadowed,
)

PAGE = Path(__file__).parents[2] / "docs" / "records.md"
SERIALS = (1, 2, 3, 6, 7, 8, 9, 10)  # each third is rejected by its rule, each fifth lacks a view
ANSWERS = [
    ["2023-12-01T00|ACCEPT|5", "2023-12-01T00|REJECT|3"],
    ["RULE|3|100.0"],
    ["width|3|0|8", "gap|0|8|8"],
    ["width|10.0|11.0|11.0|11.0|12.0|mm"],
    ["a|10|10|2023-12-01T00:00:15.000+00:00|ACCEPT||"],
    ["22.0|22.0|22.0"],
    ["a|4|5"],
    ["side|0000000000000abd|7|1.25|1.25|1.25|0", "top|0000000000000abc|8|0.25|0.25|0.25|0"],
    ["a|3|REJECT|ACCEPT|0.125|0000000000000def"],
    ["a|2023-12-01T00:00:05.000+00:00|2|journal overwritten"],
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight parts of one run in one month; two are missing between them, the last is on its way."""
    path = tmp_path_factory.mktemp("month") / "records.sqlite"
    clock = Clock(START_MS * MS + 10 * S, 0)
    store = Store(path, LABELS, "a", THEN._replace(now=partial(same, clock)))
    store.write([judged(serial) for serial in SERIALS])
    store.write([delivered(serial) for serial in SERIALS[:-1]])
    store.write([shadowed(3)])
    store.lost(2, "journal overwritten")
    store.close()
    (only,) = volumes(path)
    return only.path


def queries() -> list[str]:
    """As they stand on the page."""
    return re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_page_has_ten_of_them() -> None:
    """Each with its number, in order."""
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\*\*(\d+)\. .*\*\*", text, re.MULTILINE) == [str(k) for k in range(1, 11)]
    assert len(queries()) == len(ANSWERS)


@pytest.mark.parametrize("number", range(1, 11))
def test_query_answers_in_the_shell_of_sqlite(file: Path, number: int) -> None:
    """Typed as the page has it, read-only, beside nobody."""
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("sqlite3 is not installed")
    ran = subprocess.run(
        [shell, "-batch", "-readonly", "-list", str(file)],
        input=queries()[number - 1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == ANSWERS[number - 1]


@pytest.mark.parametrize("number", range(1, 11))
def test_query_answers_in_python_too(file: Path, number: int) -> None:
    """Where the shell is not installed; the same columns and rows."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        found = db.execute(queries()[number - 1]).fetchall()
    assert [len(row) for row in found] == [line.count("|") + 1 for line in ANSWERS[number - 1]]
