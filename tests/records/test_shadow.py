"""Reading what an engine in shadow would have said: the parts that were asked for, or why not."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gonogo.base.errors import RecordsUnreadable
from gonogo.base.words import Reason, VerdictKind
from gonogo.records.labels import Labels
from gonogo.records.shadow import Choice, Duo, read
from gonogo.records.store import Store
from gonogo.tests.records.months import now
from gonogo.tests.records.shadows import NEW, OLD, Twin, write

ANY = Choice()
OLD_ID, NEW_ID = f"{OLD:016x}", f"{NEW:016x}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database goes."""
    return tmp_path / "records.db"


def refused(path: Path, choice: Choice = ANY) -> str:
    """Why nothing is read."""
    with pytest.raises(RecordsUnreadable) as caught:
        read(path, choice)
    assert str(path) in str(caught.value)
    return str(caught.value)


def serials(path: Path, choice: Choice) -> list[int]:
    """The parts that are chosen, in their order."""
    return [part.engines.serial for part in read(path, choice).parts]


def test_read_gives_both_verdicts_scores_and_times(path: Path) -> None:
    """Of the station as it decided, and of the engine that only looked on."""
    found = read(write(path, [Twin(7, 3000, 4500), Twin(8, 6000, 100)]), ANY)
    first, second = found.parts
    assert (first.verdict, first.reason) == (VerdictKind.ACCEPT, Reason.OK)
    assert (first.shadow_verdict, first.shadow_reason) == (VerdictKind.RECHECK, Reason.ENGINE_DOUBT)
    assert first.engines == (7, 7, 3000, 4500, VerdictKind.ACCEPT, VerdictKind.RECHECK, 10.0, 12.0)
    assert (second.verdict, second.shadow_verdict) == (VerdictKind.REJECT, VerdictKind.ACCEPT)
    assert found.engines == (Duo("top", OLD_ID, NEW_ID),)
    assert found.runs == ["run1"]


def test_read_leaves_out_parts_that_were_known_to_be_good_or_bad(path: Path) -> None:
    """Somebody chose them."""
    write(path, [Twin(7, 3000, 4500), Twin(8, 6000, 100)])
    with closing(sqlite3.connect(now(path))) as db, db:
        db.execute("UPDATE parts SET master_part=2, master_answer=1 WHERE id & 255 = 8")
    assert serials(path, ANY) == [7]


def test_read_makes_one_part_of_its_views(path: Path) -> None:
    """Every view has its row, and its own two engines; the part is one."""
    write(path, [Twin(1, 3000, 3100), Twin(2, 3000, 3100)], views=("top", "side"))
    found = read(path, ANY)
    assert [part.engines.serial for part in found.parts] == [1, 2]
    side = Duo("side", f"{OLD + 1:016x}", f"{NEW + 1:016x}")
    assert found.engines == (side, Duo("top", OLD_ID, NEW_ID))


def test_read_of_a_part_on_which_an_engine_was_silent(path: Path) -> None:
    """Of the active one: its verdict stands there all the same. Of the shadow: nothing does."""
    write(path, [Twin(1, None, 3100), Twin(2, 3000, None), Twin(3, 3000, 3100)])
    found = read(path, ANY)
    assert found.engines == (Duo("top", OLD_ID, NEW_ID),)
    assert [part.engines.serial for part in found.parts] == [1, 3]
    assert found.parts[0].reason is Reason.ENGINE_SILENT
    assert found.parts[0].engines.active_ms == 0


def test_read_takes_no_score_that_was_not_trusted_for_another_pair_of_engines(path: Path) -> None:
    """A result under a strange id is a fault of the host, and no swap."""
    write(path, [Twin(1, 3000, 3100), Twin(2, 3000, 3100), Twin(3, 3000, 3100)])
    with closing(sqlite3.connect(now(path))) as db:
        db.execute("INSERT INTO engines VALUES (9, '00')")
        for table, serial in (("views", 1), ("shadows", 2)):
            fault = "SET engine=9, score_fault=13"
            db.execute(f"UPDATE {table} {fault} WHERE (id >> 3) & 255 = {serial}")
        db.commit()
    found = read(path, ANY)
    assert found.engines == (Duo("top", OLD_ID, NEW_ID),)
    assert len(found.parts) == 3


def test_read_chooses_run_shadow_and_the_last_parts(path: Path) -> None:
    """A part of a run without shadow is never chosen."""
    write(path, [Twin(k, 3000, 3100) for k in range(1, 6)])
    write(path, [Twin(k, 3000, 3100) for k in range(1, 4)], run="run2", engines=(NEW, OLD))
    assert serials(path, Choice(run="run1")) == [1, 2, 3, 4, 5]
    assert serials(path, Choice(run="run1", last=2)) == [4, 5]
    assert serials(path, Choice(last=2)) == [2, 3]
    assert serials(path, Choice(shadow=OLD_ID[:5])) == [1, 2, 3]
    assert read(path, Choice(shadow=NEW_ID)).runs == ["run1"]


def test_read_refuses_two_pairs_of_engines_and_names_them(path: Path) -> None:
    """After a swap the roles are exchanged: their scores must not be thrown together."""
    write(path, [Twin(k, 3000, 3100) for k in range(1, 6)])
    write(path, [Twin(k, 3000, 3100) for k in range(6, 9)], engines=(NEW, OLD))
    said = refused(path)
    assert f"5 parts with top: active {OLD_ID}, shadow {NEW_ID}" in said
    assert f"3 parts with top: active {NEW_ID}, shadow {OLD_ID}" in said
    assert "--shadow ENGINE, --last N or --run RUN (there are run1)" in said
    assert serials(path, Choice(last=3)) == [6, 7, 8]


def test_read_says_what_there_is_when_nothing_is_chosen(path: Path) -> None:
    """A run or an engine that is not there."""
    write(path, [Twin(1, 3000, 3100)])
    there = f"there are 1 parts of run run1 with shadow {NEW_ID}"
    assert f"no part in shadow for --run run9; {there}" in refused(path, Choice(run="run9"))
    assert f"for --shadow {OLD_ID} --last 3; {there}" in refused(path, Choice(None, OLD_ID, 3))


def test_read_says_that_no_engine_was_in_shadow(path: Path) -> None:
    """Records of parts alone."""
    Store(path, Labels((), (), ()), "run1").close()
    assert "no part was judged by an engine in shadow" in refused(path)


def test_read_refuses_what_is_no_records_database(tmp_path: Path, path: Path) -> None:
    """No file, a folder, other bytes, another program's database, an old one; none is changed."""
    assert "no such file" in refused(path)
    assert not path.exists()
    assert "no such file" in refused(tmp_path)
    for content, words in (
        (b"text" * 300, "got: file is not a database"),
        (b"", "not one of gono"),
    ):
        path.write_bytes(content)
        assert words in refused(path)
        assert path.read_bytes() == content
    other = tmp_path / "other ? 100%.db"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE songs (name TEXT)")
    assert "not one of gonogo's records" in refused(other)


@pytest.mark.parametrize("change", ["verdict=77", "reason=77"])
def test_read_refuses_words_that_it_does_not_know(path: Path, change: str) -> None:
    """Of a newer gonogo, perhaps: nothing is guessed."""
    write(path, [Twin(1, 3000, 3100)])
    with closing(sqlite3.connect(now(path))) as db:
        db.execute(f"UPDATE shadows SET {change}")  # noqa: S608 - of the parameters above
        db.commit()
    assert "compare with the gonogo that wrote it" in refused(path)


def test_read_while_the_station_writes(path: Path) -> None:
    """A reader neither waits for the records process nor disturbs it."""
    write(path, [Twin(1, 3000, 3100)])
    with closing(sqlite3.connect(now(path), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE shadows SET score_word=9999")
        assert read(path, ANY).parts[0].engines.shadow_score == 3100
        writer.execute("COMMIT")
    assert read(path, ANY).parts[0].engines.shadow_score == 9999


def test_read_of_what_a_power_cut_left_changes_nothing(path: Path, tmp_path: Path) -> None:
    """Rows that are still in the -wal file are read, and left there for the records process."""
    write(path, [Twin(1, 3000, 3100)])
    left = tmp_path / "left.db"
    with closing(sqlite3.connect(now(path))) as writer:
        writer.execute("UPDATE shadows SET score_word=9999")
        writer.commit()
        for end in ("", "-wal"):
            shutil.copy(f"{now(path)}{end}", f"{left}{end}")
    before = [Path(f"{left}{end}").read_bytes() for end in ("", "-wal")]
    assert read(left, ANY).parts[0].engines.shadow_score == 9999
    assert [Path(f"{left}{end}").read_bytes() for end in ("", "-wal")] == before
