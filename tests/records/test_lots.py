"""Which lot a part is of: by its trigger, whenever its row is written."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.shm import boot_tag
from gonogo.ipc.journal_records import UnfinishedEntry
from gonogo.ipc.lots import LotMark, beside_records
from gonogo.records.lots import Lots, boot_of
from gonogo.records.store import Store
from gonogo.tests.records.months import THEN
from gonogo.tests.records.questions.recorded import LABELS, judged

if TYPE_CHECKING:
    from pathlib import Path

S = 10**9
RUN, OLD_RUN = "20231130T235955.000-boot2-00aa", "20231130T200000.000-boot1-00bb"


def said(path: Path, *marks: tuple[str, int, int, str | None]) -> None:
    """Append them."""
    with path.open("a") as file:
        for mark in marks:
            file.write(json.dumps(LotMark(*mark)._asdict()) + "\n")


def lots_of(path: Path, *marks: tuple[str, int, int, str | None]) -> Lots:
    """Of a box that is in its second boot."""
    said(path, *marks)
    lots = Lots(path, lambda: "boot2")
    lots.look()
    return lots


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where they are kept."""
    return beside_records(tmp_path / "records.sqlite")


def test_lot_is_the_one_in_force_at_the_trigger(path: Path) -> None:
    """From the very moment on; before the first there is none, and none where it was ended."""
    lots = lots_of(
        path, ("boot2", 10 * S, 0, "A"), ("boot2", 20 * S, 0, "B"), ("boot2", 30 * S, 0, None)
    )
    found = [lots.of(RUN, at_ns, 0) for at_ns in (9 * S, 10 * S, 20 * S - 1, 20 * S, 30 * S)]
    assert found == [None, "A", "A", "B", None]


def test_lot_is_by_time_where_two_said_it_at_once(path: Path) -> None:
    """Whichever line came first."""
    lots = lots_of(path, ("boot2", 20 * S, 0, "B"), ("boot2", 10 * S, 0, "A"))
    assert lots.of(RUN, 15 * S, 0) == "A"
    assert lots.of(RUN, 25 * S, 0) == "B"


def test_lot_goes_on_over_a_restart_of_the_box(path: Path) -> None:
    """Whose clocks begin anew, the one on the wall perhaps as well."""
    lots = lots_of(path, ("boot1", 900 * S, 5_000, "A"))
    assert lots.of(RUN, 3 * S, 1) == "A"
    lots = lots_of(path, ("boot2", 10 * S, 6_000, "B"))
    assert lots.of(RUN, 3 * S, 1) == "A"
    assert lots.of(RUN, 10 * S, 1) == "B"


def test_lot_of_rows_that_an_earlier_boot_left(path: Path) -> None:
    """By its own clock where somebody said one in it, else by the clock on the wall."""
    lots = lots_of(
        path, ("boot0", 5 * S, 1_000, "Z"), ("boot1", 900 * S, 5_000, "A"),
        ("boot2", 1 * S, 9_000, "B"),
    )  # fmt: skip
    assert lots.of(OLD_RUN, 950 * S, 10_000) == "A"
    assert lots.of(OLD_RUN, 800 * S, 10_000) == "Z"
    between = "20231130T200000.000-boot9-00cc"
    assert [lots.of(between, 0, wall_ms) for wall_ms in (999, 4_999, 8_999)] == [None, "Z", "A"]


def test_look_reads_what_was_said_meanwhile_and_keeps_what_it_knows(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also while the file cannot be read."""
    lots = lots_of(path, ("boot2", 10 * S, 0, "A"))
    said(path, ("boot2", 20 * S, 0, "B"))
    assert lots.of(RUN, 25 * S, 0) == "A"
    lots.look()
    assert lots.of(RUN, 25 * S, 0) == "B"
    path.unlink()
    path.mkdir()
    lots.look()
    assert lots.of(RUN, 25 * S, 0) == "B"
    assert "parts keep the lot before" in caplog.text


def test_look_tells_once_that_the_file_cannot_be_read(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not with each batch; again once it could be read meanwhile."""
    lots = lots_of(path, ("boot2", 10 * S, 0, "A"))
    for told in (1, 2):
        path.unlink()
        path.mkdir()
        for _ in range(3):
            lots.look()
        assert len(caplog.messages) == told
        path.rmdir()
        said(path, ("boot2", 10 * S, 0, f"B{told}"))
        lots.look()
        assert lots.of(RUN, 25 * S, 0) == f"B{told}"


def test_rows_have_the_lot_of_their_trigger_though_records_is_behind(tmp_path: Path) -> None:
    """All of them written at once, long after; an unfinished part as well."""
    base = tmp_path / "records.sqlite"
    boot = boot_tag()
    run = f"20231130T235955.000-{boot}-00aa"
    said(beside_records(base), (boot, 2 * S, 0, "L-1"), (boot, 4 * S, 0, "L-2"))
    store = Store(base, LABELS, run, THEN)
    last = judged(5)
    unfinished = UnfinishedEntry(last.part, last.recipe, last.master)
    store.write([*(judged(k) for k in range(1, 5)), unfinished])
    store.close()
    (month,) = tmp_path.glob("records-*.sqlite")
    with closing(sqlite3.connect(month)) as db:
        found = db.execute("SELECT serial, lot FROM part ORDER BY serial").fetchall()
    assert found == [(1, None), (2, "L-1"), (3, "L-1"), (4, "L-2"), (5, "L-2")]


@pytest.mark.parametrize(("run", "boot"), [(RUN, "boot2"), ("run1", ""), ("a-b", "")])
def test_boot_of_a_run_stands_in_its_name(run: str, boot: str) -> None:
    """Or nobody knows it."""
    assert boot_of(run) == boot
