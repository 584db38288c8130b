"""The file of dispositions on disks that are full, read-only, cut off or damaged."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    DispositionRefused,
    DispositionsDamaged,
    DispositionsError,
    DispositionsHeld,
    DispositionsNewer,
    DispositionUnfit,
)
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.reading import beside_records, open_to_read
from gonogo.records.dispositions.schema import VERSION
from gonogo.records.dispositions.words import PartKey, Word
from gonogo.tests.mounts import leave_the_others, memory, permitted, read_only
from gonogo.tests.records.disk import Call, watched_disk
from gonogo.tests.records.dispositions.said import CODES, PART, REJECTED, request

if TYPE_CHECKING:
    from collections.abc import Callable

READERS, WRITERS, EACH = 100, 8, 5


def written(path: Path, count: int = 1) -> Path:
    """A file with words on so many parts."""
    with closing(Book.open(path, CODES)) as book:
        for serial in range(1, count + 1):
            book.add(request()._replace(part=PART._replace(serial=serial)), REJECTED)
    return path


def serials(path: Path) -> list[int]:
    """Of what is in the file."""
    with closing(Book.read(path)) as book:
        return [each.part.serial for each in book.all()]


def test_file_lies_beside_the_records() -> None:
    """Its name is none of a month's."""
    assert beside_records(Path("/v/records.sqlite")) == Path("/v/records-dispositions.sqlite")


def test_word_is_on_the_disk_when_it_is_written_down(tmp_path: Path) -> None:
    """The current fails after each: all that was acknowledged is there, and the file is whole."""
    with watched_disk() as disk:
        book = Book.open(tmp_path / "d.sqlite", CODES, connect=disk.connect)
        for serial in range(1, 6):
            book.add(request()._replace(part=PART._replace(serial=serial)), REJECTED)
            assert disk.calls[-1] == Call("sync", "d.sqlite-wal")
            disk.cut(tmp_path / f"cut{serial}")
            assert serials(tmp_path / f"cut{serial}" / "d.sqlite") == list(range(1, serial + 1))
        book.close()


def test_word_that_the_disk_refuses_is_not_there_and_may_be_sent_again(tmp_path: Path) -> None:
    """The N-th write or sync fails, for N = 1, 2, 3 ... until none does."""
    refused = set()
    with watched_disk() as disk:
        for nth in range(1, 100):
            path, asked = tmp_path / f"{nth}.sqlite", request()
            disk.fail_at(nth)
            try:
                with closing(Book.open(path, CODES, connect=disk.connect)) as book:
                    book.add(asked, REJECTED)
            except DispositionsHeld:
                refused.add(nth)
            failed = disk.mend()
            with closing(Book.open(path, CODES, connect=disk.connect)) as book:
                assert book.add(asked, REJECTED).number == 1
                assert len(list(book.all())) == 1
            if failed is None:
                break
    assert len(refused) > 3


def test_word_is_refused_on_a_disk_that_is_read_only_and_all_are_read(tmp_path: Path) -> None:
    """Whoever is there for the readers' own files cannot be had either."""
    if not permitted():
        pytest.skip("a mount of one's own is not permitted here")
    child = os.fork()
    if child == 0:  # a disk of its own, which nobody else sees
        code = 1
        try:
            code = _on_a_read_only_disk(tmp_path / "disk")
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _on_a_read_only_disk(folder: Path) -> int:
    leave_the_others()
    memory(folder)
    path = written(folder / "d.sqlite", 2)
    read_only(folder)
    try:
        written(path)
    except DispositionsHeld:
        return 0 if serials(path) == [1, 2] else 2
    return 3


KILLED = """
import sys
from contextlib import closing
from pathlib import Path
from gonogo.records.dispositions.book import Book
from gonogo.tests.records.dispositions.said import CODES, PART, REJECTED, request
with closing(Book.open(Path(sys.argv[1]), CODES)) as book:
    for serial in range(1, 100_000):
        book.add(request()._replace(part=PART._replace(serial=serial)), REJECTED)
        print(serial, flush=True)
"""


def test_words_stand_after_a_kill_in_mid_write(tmp_path: Path) -> None:
    """All that were acknowledged are there, and the next one is taken."""
    path = tmp_path / "d.sqlite"
    with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout.read().split()]
    there = serials(path)
    assert there == list(range(1, len(there) + 1))
    assert len(told) <= len(there) <= len(told) + 1
    with closing(Book.open(path, CODES)) as book:
        asked = request()._replace(part=PARTLESS, request_id="after")
        assert book.add(asked, REJECTED).number == len(there) + 1


PARTLESS = PartKey("another run", 1)


def test_file_is_read_by_a_hundred_at_once_while_it_is_written(tmp_path: Path) -> None:
    """Each sees whole words in their order, and each writer's are all there."""
    path = written(tmp_path / "d.sqlite")
    failures: list[BaseException] = []

    def guarded(do: Callable[[], None]) -> None:
        try:
            do()
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    def read() -> None:
        with closing(Book.read(path)) as book:
            numbers = [each.number for each in book.all()]
            assert numbers == list(range(1, len(numbers) + 1))

    def write(run: str) -> None:
        with closing(Book.open(path, CODES)) as book:
            for serial in range(EACH):
                book.add(request()._replace(part=PartKey(run, serial)), REJECTED)

    threads = [threading.Thread(target=guarded, args=(read,)) for _ in range(READERS)]
    threads += [
        threading.Thread(target=guarded, args=(lambda run=f"writer-{k}": write(run),))
        for k in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(serials(path)) == 1 + WRITERS * EACH


def test_of_two_words_at_once_one_is_refused(tmp_path: Path) -> None:
    """Neither has seen the other's: nobody knows which is first, one is."""
    path, ends = written(tmp_path / "d.sqlite", 1), []
    barrier = threading.Barrier(2)

    def say(who: str) -> None:
        with closing(Book.open(path, CODES)) as book:
            barrier.wait()
            asked = request(Word.CONFIRMED, who)._replace(part=PARTLESS)
            try:
                ends.append(book.add(asked, REJECTED).who)
            except DispositionRefused:
                ends.append("refused")

    threads = [threading.Thread(target=say, args=(who,)) for who in ("bob", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) in (["bob", "refused"], ["eve", "refused"])


def test_file_that_is_held_is_told(tmp_path: Path) -> None:
    """By another program's transaction: nothing is written."""
    path = written(tmp_path / "d.sqlite")

    def hurried(*args: object, **keys: object) -> sqlite3.Connection:
        return sqlite3.connect(*args, **{**keys, "timeout": 0})  # type: ignore[call-overload, no-any-return]

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            closing(Book.open(path, CODES, connect=hurried)) as book,
            pytest.raises(DispositionsHeld, match="no other program holds"),
        ):
            book.add(request()._replace(part=PARTLESS), REJECTED)
    assert serials(path) == [1]


def test_file_cut_off_anywhere_in_its_last_page_is_refused_and_stays(tmp_path: Path) -> None:
    """Reading and writing; nothing sets it aside."""
    path = written(tmp_path / "d.sqlite", 40)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    (tmp_path / "cut").mkdir()
    for cut in (*range(1, 4096, 409), 4096):
        damaged = tmp_path / "cut" / f"{cut}.sqlite"
        damaged.write_bytes(whole[:-cut])
        for use in (serials, written):
            with pytest.raises(DispositionsDamaged, match=r"put a backup in its place"):
                use(damaged)
        assert damaged.read_bytes() == whole[:-cut]
    assert {each.suffix for each in (tmp_path / "cut").iterdir()} <= {".sqlite"}


def test_file_with_a_row_removed_takes_no_word(tmp_path: Path) -> None:
    """By somebody who dropped the triggers."""
    path = written(tmp_path / "d.sqlite", 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TRIGGER no_delete")
        db.execute("DELETE FROM dispositions WHERE number=2")
    with pytest.raises(DispositionsDamaged, match="1 of its 3 rows are gone"):
        Book.open(path, CODES)


def test_file_of_garbage_is_damaged_and_kept(tmp_path: Path) -> None:
    """For whoever knows what it was."""
    path = tmp_path / "d.sqlite"
    path.write_bytes(b"garbage" * 4096)
    for use in (serials, written):
        with pytest.raises(DispositionsDamaged):
            use(path)
    assert path.read_bytes() == b"garbage" * 4096


def test_file_that_is_damaged_while_it_is_open_is_told(tmp_path: Path) -> None:
    """By whoever reads on in it."""
    path = written(tmp_path / "d.sqlite")
    with closing(Book.read(path)) as book:
        path.write_bytes(b"garbage" * 4096)
        with pytest.raises(DispositionsDamaged, match="put a backup in its place"):
            book.of(PART)


def test_file_of_a_newer_gonogo_is_left_as_it_is(tmp_path: Path) -> None:
    """Neither read nor written."""
    path = written(tmp_path / "d.sqlite")
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={VERSION + 1}")
        db.commit()
    for use in (serials, written):
        with pytest.raises(DispositionsNewer, match=f"up to {VERSION}, got {VERSION + 1}"):
            use(path)


def test_file_of_another_program_is_refused(tmp_path: Path) -> None:
    """It is not made ours."""
    path = tmp_path / "d.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (a)")
    for use in (serials, written):
        with pytest.raises(DispositionsError, match="of another program"):
            use(path)


def test_file_that_was_killed_while_it_was_made_is_made(tmp_path: Path) -> None:
    """An empty one reads as none."""
    path = tmp_path / "d.sqlite"
    path.touch()
    assert open_to_read(path) is None
    assert serials(written(path)) == [1]


def test_file_that_root_makes_is_of_who_owns_the_folder(tmp_path: Path) -> None:
    """With its log: the station goes on with it, as the user that it runs as."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    folder = tmp_path / "station"
    folder.mkdir()
    os.chown(folder, 4711, 4712)
    with closing(Book.open(folder / "d.sqlite", CODES)) as book:
        book.add(request(), REJECTED)
        files = list(folder.iterdir())
        assert len(files) == 3
        assert {(each.stat().st_uid, each.stat().st_gid) for each in files} == {(4711, 4712)}


def test_note_of_a_megabyte_is_refused_and_said(tmp_path: Path) -> None:
    """Nothing of it is written."""
    with closing(Book.open(tmp_path / "d.sqlite", CODES)) as book:
        with pytest.raises(DispositionUnfit, match="at most 200 characters, got 1000000"):
            book.add(request()._replace(note="x" * 1_000_000), REJECTED)
        assert list(book.all()) == []
