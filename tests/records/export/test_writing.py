"""Written twice it is the same to the byte; broken off it goes on; what is gone is told."""

from __future__ import annotations

import csv
import errno
import fcntl
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ExportNotWritten, ExportTaken
from gonogo.records.export.folder import MANIFEST, PLAN, begun
from gonogo.records.export.tables import ABOUT, ITEMS, MISSING
from gonogo.records.export.wanted import Wanted
from gonogo.records.export.writing import write
from gonogo.tests.records.export.exported import ALONE, Quick, bytes_in, export, planned
from gonogo.tests.records.export.labelled import Said, picture, usual
from gonogo.tests.records.export.labelled import write as station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.export.wanted import Format

FORMS: tuple[Format, ...] = ("mvtec", "ultralytics", "labelstudio", "coco")
LIMIT_S = 300


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three lots, in two views; nothing here changes it."""
    return station(tmp_path_factory.mktemp("station"), usual(3))


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("form", FORMS)
def test_export_twice_is_the_same_to_the_byte(base: Path, tmp_path: Path, form: Format) -> None:
    """In another folder, and every file of it stands in the manifest, which sha256sum takes."""
    done = [export(base, tmp_path / name, form) for name in ("one", "other")]
    found = bytes_in(tmp_path / "one")
    assert found == bytes_in(tmp_path / "other")
    assert done[0].manifest == done[1].manifest
    listed = {line.split("  ")[1] for line in found[MANIFEST].decode().splitlines()}
    assert listed == set(found) - {MANIFEST}
    checked = ["sha256sum", "--check", "--strict", MANIFEST]
    assert (
        subprocess.run(checked, cwd=tmp_path / "one", check=False, capture_output=True).returncode
        == 0
    )
    pictures = [each for name, each in found.items() if name.endswith((".png", ".jpg"))]
    assert picture(2, 0) in pictures
    assert picture(1, 1, ".jpg") in pictures


def test_export_says_every_item_in_its_table(base: Path, tmp_path: Path) -> None:
    """Where it lies, its class and split, and what was known of the part; no person's name."""
    export(base, tmp_path / "out")
    found = rows(tmp_path / "out" / ITEMS)
    assert len(found) == 24
    assert all((tmp_path / "out" / row["file"]).is_file() for row in found)
    assert {row["class"] for row in found if row["code"] == "dent"} == {"dent"}
    (row, _) = [row for row in found if row["serial"] == "8"]
    assert (row["part_id"], row["passed"], row["lot"]) == (
        "108",
        "2023-12-01T00:00:03.000+00:00",
        "L1",
    )
    assert (row["verdict"], row["reason"], row["score"]) == ("REJECT", "ENGINE", "7000")
    about = json.loads((tmp_path / "out" / ABOUT).read_text("utf-8"))
    assert about["jpeg"] == 2
    assert "not for retraining" in about["note"]
    assert about["views"] == {"Side view": "side-view-cb6def83", "top": "top"}
    assert about["kept_together"] == {"what": "a lot", "how_many": 3}
    assert not any(
        b"ann" in data for name, data in bytes_in(tmp_path / "out").items() if name[0].isupper()
    )


def test_export_that_is_killed_anywhere_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    """By a process that is ended in the middle of its calls, also in the middle of a write."""
    base = station(tmp_path, [Said(k, "dent" if k > 2 else "") for k in range(1, 5)])
    module = "gonogo.tests.records.export.killed"
    command = [sys.executable, "-I", "-m", module, str(base), str(tmp_path), "labelstudio"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 14


class Full(Quick):
    """A disk that takes so many writes."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def write(self, fd: int, data: bytes) -> int:
        """ENOSPC."""
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(fd, data)


def test_export_on_a_full_disk_says_so_and_goes_on(base: Path, tmp_path: Path) -> None:
    """What was written counts; the folder says that it is not whole."""
    out, made = tmp_path / "out", planned(base)
    with pytest.raises(ExportNotWritten, match=r"No space left.*the same call goes on"):
        write(made, out, ALONE._replace(files=Full(20)))
    assert (out / PLAN).is_file()
    assert not (out / MANIFEST).exists()
    there = {name for name in bytes_in(out) if name.endswith(".png")}
    assert len(there) > 10
    files = Full(1000)
    again = begun(out, Wanted("ultralytics"), base.name)
    assert again == made
    write(again, out, ALONE._replace(files=files))
    assert 1000 - files.left < 24  # what lay there was not written again
    export(base, tmp_path / "whole")
    assert bytes_in(out) == bytes_in(tmp_path / "whole")


def test_export_into_a_folder_that_another_one_fills_is_refused(base: Path, tmp_path: Path) -> None:
    """Two of them would write over each other's files."""
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        with pytest.raises(ExportTaken, match="another process exports there"):
            export(base, tmp_path)
        assert bytes_in(tmp_path) == {}
    finally:
        os.close(fd)
    export(base, tmp_path)


def test_export_does_not_write_over_one_that_came_first(base: Path, tmp_path: Path) -> None:
    """Both saw an empty folder; the first has filled it, or begun to, when the second begins."""
    first, second, out = planned(base), planned(base)._replace(units=7), tmp_path / "out"
    with pytest.raises(ExportNotWritten):
        write(first, out, ALONE._replace(files=Full(20)))
    before = bytes_in(out)
    with pytest.raises(ExportTaken, match="was begun there meanwhile"):
        write(second, out, ALONE)
    assert bytes_in(out) == before
    write(first, out, ALONE)
    whole = bytes_in(out)
    with pytest.raises(ExportTaken, match="another export lies there"):
        write(second, out, ALONE)
    assert bytes_in(out) == whole


def test_export_lets_the_station_have_the_disk(base: Path, tmp_path: Path) -> None:
    """After each picture it rests, and never for long."""
    rests: list[float] = []
    done = write(planned(base), tmp_path / "out", ALONE._replace(rest=rests.append))
    assert len(rests) == len(done.entries)
    assert all(0 <= each <= 1 for each in rests)


def test_picture_that_goes_meanwhile_is_listed(tmp_path: Path) -> None:
    """Evicted between the plan and its turn, or changed: the others are there, and counted."""
    parts = [Said(k, "dent" if k % 2 else "") for k in range(1, 7)]
    base = station(tmp_path, parts)
    made = planned(base, "coco", val=0, test=0)
    sources = [item.shots[0].source for item in made.splits["train"]]
    os.unlink(sources[1])  # noqa: PTH108 - as the station has it, as text
    with open(sources[2], "ab") as file:  # noqa: PTH123 - as above
        file.write(b"x")
    done = write(made, tmp_path / "out", ALONE)
    assert [each.item.serial for each in done.entries] == [1, 4, 5, 6]
    lost = rows(tmp_path / "out" / MISSING)
    assert [(row["serial"], row["view"]) for row in lost] == [("2", "top"), ("3", "top")]
    assert [row["why"] for row in lost] == [
        "somebody removed it",
        "it is not what was written: its content does not fit its name",
    ]
    (document,) = (tmp_path / "out" / "annotations").iterdir()
    assert len(json.loads(document.read_text("utf-8"))["images"]) == 4


def test_map_that_goes_meanwhile_is_named_by_nobody(tmp_path: Path) -> None:
    """The picture counts without it."""
    base = station(tmp_path, [Said(1), Said(2)])
    made = planned(base, "labelstudio", val=0, test=0)
    (tmp_path / "pictures").joinpath(made.splits["train"][0].shots[0].map).unlink()
    done = write(made, tmp_path / "out", ALONE)
    assert [bool(each.map) for each in done.entries] == [False, True]
    assert (tmp_path / "out" / done.entries[1].map).is_file()


def test_text_of_people_is_harmless_in_every_file(tmp_path: Path) -> None:
    """A lot that a spreadsheet would run."""
    base = station(tmp_path, [Said(1, "dent", '=cmd|"/C calc"!A1'), Said(2, "", "@SUM(1)")])
    export(base, tmp_path / "out", "labelstudio", val=0, test=0)
    found = rows(tmp_path / "out" / ITEMS)
    assert [row["lot"] for row in found] == ['\'=cmd|"/C calc"!A1', "'@SUM(1)"]
