"""`gonogo export` as it is typed: what it writes, says, refuses, and tells the audit trail."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.base.errors import ExportError, ExportNoRoom, ExportTaken
from gonogo.commands.cli import main
from gonogo.commands.export import carry_out, export
from gonogo.commands.proposed import status_lines
from gonogo.commands.show.export import in_lines
from gonogo.config.started_by import START
from gonogo.engines.card import read_card
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.records.dispositions.words import Word
from gonogo.records.export.folder import MANIFEST, PLAN
from gonogo.records.export.plan import as_text
from gonogo.records.export.room import Disk
from gonogo.records.export.wanted import Wanted
from gonogo.records.export.writing import write as write_export
from gonogo.records.volumes import volumes
from gonogo.tests.records.export.exported import ALONE, bytes_in, planned
from gonogo.tests.records.export.labelled import Said, usual, write
from gonogo.tests.records.questions.recorded import START_MS
from gonogo.tests.stations import PLAIN_FILE, tiny_engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three lots in two views."""
    return write(tmp_path_factory.mktemp("station"), usual(3))


@pytest.fixture
def base(made: Path, tmp_path: Path) -> Path:
    """Records of its own for each test; the pictures, which nothing writes to, lie elsewhere."""
    for each in made.parent.glob("*.sqlite"):
        shutil.copy(each, tmp_path)
    return tmp_path / made.name


def typed(*words: object, ends: int = 0) -> str:
    """What the command line answers; not of an export, which leaves its process behind for good."""
    found = CliRunner().invoke(main, ["export", *map(str, words)])
    assert found.exit_code == ends, found.output
    return found.output


@pytest.fixture
def asked(base: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What an export says that was typed so, but that it stays as important as it was."""

    def typed_so(*words: object) -> str:
        context = export.make_context("export", [str(word) for word in words])
        given = dict(context.params)
        out = given.pop("out")
        for name in ("station", "asks"):
            given.pop(name)
        with context:
            carry_out(base, out, Wanted(**given))
        return capsys.readouterr().out

    return typed_so


def test_export_writes_what_it_says(asked: Callable[..., str], tmp_path: Path) -> None:
    """Counts by split and class, what was kept together, what is not for retraining, what next."""
    said = asked("--as", "ultralytics", "--out", tmp_path / "out")
    assert f"{tmp_path / 'out'}: 24 pictures of 12 parts, for ultralytics" in said
    assert "  train good 4, dent 2, scratch 2" in said
    assert "  kept together: a lot (3 of them)" in said
    assert "2 of the pictures are JPEG. JPEG loses" in said
    assert f'train(data="{tmp_path / "out" / "top"}")' in said
    assert (tmp_path / "out" / MANIFEST).is_file()


def test_export_of_mvtec_says_what_it_leaves_out(asked: Callable[..., str], tmp_path: Path) -> None:
    """And where each of them stands."""
    said = asked("--as", "mvtec", "--out", tmp_path / "out")
    assert "4 not exported: what it was kept together with teaches" in said
    assert f"each of them stands in {tmp_path / 'out' / 'MISSING.csv'}" in said
    assert 'anomalib.data.Folder(name="top"' in said


def test_export_of_one_lot_says_what_is_empty(asked: Callable[..., str], tmp_path: Path) -> None:
    """It cannot be kept apart."""
    said = asked("--as", "coco", "--out", tmp_path / "out", "--lot", "L1")
    assert "  test  nothing" in said
    assert "  val is empty: there is too little that can be kept apart" in said


def test_export_of_a_few_seconds_says_that_they_look_alike(tmp_path: Path) -> None:
    """Without lots, blocks of time are what is kept together; those of lots are no such thing."""
    base = write(tmp_path, [Said(k) for k in range(1, 5)])
    done = write_export(planned(base), tmp_path / "out", ALONE)
    said = list(in_lines(planned(base), done))
    assert "  kept together: a second (UTC) of parts (4 of them)" in said
    assert any("parts beside each other look alike" in line for line in said)
    other = planned(base)._replace(unit="a lot")
    assert not any("look alike" in line for line in in_lines(other, done))


def test_export_again_is_whole_already(asked: Callable[..., str], tmp_path: Path) -> None:
    """Nothing is written; another call into that folder is refused."""
    call = ["--as", "coco", "--out", tmp_path / "out", "--class", "dent"]
    asked(*call)
    before = bytes_in(tmp_path / "out")
    assert "is whole already" in asked(*call)
    with pytest.raises(ExportTaken, match="another export lies there"):
        asked(*call, "--seed", 1)
    assert bytes_in(tmp_path / "out") == before


def test_export_that_was_broken_off_goes_on(
    asked: Callable[..., str], base: Path, tmp_path: Path
) -> None:
    """By the plan that it left, not by what there is now."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / PLAN).write_bytes(as_text(planned(base, "coco")))
    for each in volumes(base):
        with closing(sqlite3.connect(each.path)) as db, db:
            db.execute("UPDATE pictures SET state=10 WHERE id & 7 = 1")
    said = asked("--as", "coco", "--out", tmp_path / "out")
    assert "was broken off there, and goes on" in said
    assert "24 pictures of 12 parts" in said


def test_export_is_told_in_the_audit_trail(
    asked: Callable[..., str], base: Path, tmp_path: Path
) -> None:
    """What was asked for, where it went, why, and the hash of what came of it."""
    out = tmp_path / "out"
    asked("--as", "coco", "--out", out, "--lot", "L1", "--why", "for the maker")
    row = Trail(beside_records(base)).last("export")
    assert row is not None
    assert row.state == "done"
    assert (row.new["lot"], row.new["out"], row.new["pictures"]) == ("L1", str(out), 8)
    manifest = hashlib.sha256((out / MANIFEST).read_bytes()).hexdigest()
    assert row.new["manifest_sha256"] == manifest
    assert "for the maker" in beside_records(base).read_text("utf-8")


def test_export_of_nothing_writes_nothing(
    asked: Callable[..., str], base: Path, tmp_path: Path
) -> None:
    """No folder, no row."""
    out = tmp_path / "out"
    for words in (("--lot", "L9"), ("--val", 1), ("--part", "run-b/1")):
        with pytest.raises(ExportError):
            asked("--as", "coco", "--out", out, *words)
    assert "expected --as and --out, or --proposal" in typed("--station", base, ends=2)
    assert not out.exists()
    assert Trail(beside_records(base)).last("export") is None


def test_export_without_room_writes_nothing(base: Path, tmp_path: Path) -> None:
    """It is asked for first: no folder, and no row."""
    out = tmp_path / "out"
    with pytest.raises(ExportNoRoom, match=r"24 pictures need .* MB, and 0.5 MB are free"):
        carry_out(base, out, Wanted("coco"), Disk(500_000, 1 << 40))
    assert not out.exists()
    assert Trail(beside_records(base)).last("export") is None


def test_export_changes_nothing_of_the_station(
    asked: Callable[..., str], base: Path, made: Path, tmp_path: Path
) -> None:
    """It reads; the trail alone has a row more."""

    def station() -> dict[str, bytes]:
        records = {each.name: each.read_bytes() for each in tmp_path.glob("*.sqlite")}
        return records | bytes_in(made.parent)

    before = station()
    asked("--as", "labelstudio", "--out", tmp_path / "out")
    assert station() == before
    rows = beside_records(base).read_text("utf-8").splitlines()
    assert [json.loads(row)["state"] for row in rows] == ["asked", "done"]


def test_export_of_a_month_uses_the_words_beside_the_station_path(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is told in the station's own trail."""
    month = volumes(base)[-1].path
    with export.make_context("export", []):
        carry_out(month, tmp_path / "out", Wanted("coco"))
    assert "pictures of" in capsys.readouterr().out
    assert Trail(beside_records(base)).last("export") is not None


def test_export_stays_behind_everybody_else(base: Path, tmp_path: Path) -> None:
    """The command as it is typed, in a process of its own: in the idle class from then on."""
    words = ["export", "--as", "coco", "--out", str(tmp_path / "out"), "--station", str(base)]
    code = (
        "import os; from gonogo.commands.cli import main; "
        f"main({words}, standalone_mode=False); print(os.sched_getscheduler(0))"
    )
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert "24 pictures of 12 parts, for coco" in done.stdout, done.stderr
    assert int(done.stdout.splitlines()[-1]) == os.SCHED_IDLE


@pytest.fixture
def cell(tmp_path: Path) -> Path:
    """A station file with a model that is older than all parts."""
    model = tiny_engine(tmp_path / "eyes.onnx")
    os.utime(tmp_path / "eyes.json", (1_600_000_000, 1_600_000_000))
    file = tmp_path / "cell.toml"
    text = PLAIN_FILE.replace("parts.sqlite", "records.sqlite")
    file.write_text(f'{text}[view.engine]\nmodel = "{model}"\n', encoding="utf-8")
    return file


def test_proposal_says_what_is_known(base: Path, cell: Path) -> None:
    """Labels since the engine was made; without labels on rejects nothing is known of agreement."""
    del base
    said = typed("--proposal", "--station", cell)
    assert "engine in service: eyes, made 2020-09-13T12:26 UTC" in said
    assert "  12 usable labels of parts since then; 1000 are enough" in said
    assert "agreement is not known: fewer than 20" in said
    assert said.endswith("nothing is proposed\n")
    os.utime(cell.parent / "eyes.json")
    assert "  0 usable labels of parts since then" in typed("--proposal", "--station", cell)


def test_proposal_needs_to_know_the_engine(base: Path, cell: Path) -> None:
    """Of a records path by the file of the last start, where the trail tells of one."""
    assert "expected --station with a station file" in typed(
        "--proposal", "--station", base, ends=1
    )
    Trail(beside_records(base)).append(Entry(START, "asked", new={"file": str(cell)}))
    assert "engine in service: eyes" in typed("--proposal", "--station", base)
    cell.write_text(PLAIN_FILE, encoding="utf-8")
    assert "no view has an engine" in typed("--proposal", "--station", cell, ends=1)


def test_status_has_no_line_where_nothing_is_proposed(base: Path, cell: Path) -> None:
    """Nor where nothing is known, whatever is wrong."""
    assert list(status_lines(None)) == []
    assert list(status_lines(base)) == []
    Trail(beside_records(base)).append(Entry(START, "asked", new={"file": str(cell)}))
    assert list(status_lines(base)) == []
    base.with_name("records-dispositions.sqlite").write_bytes(b"damaged" * 1000)
    assert list(status_lines(base)) == []


def test_status_proposes_where_people_contradict_the_engine(tmp_path: Path, cell: Path) -> None:
    """Twenty parts that it rejected, and good ones all: nothing else passed in these days."""
    engine = f"{read_card(tmp_path / 'eyes.onnx').engine_id:016x}"
    base = write(tmp_path, [Said(k, word=Word.FALSE_REJECT, engine=engine) for k in range(1, 21)])
    Trail(beside_records(base)).append(Entry(START, "asked", new={"file": str(cell)}))
    (line,) = status_lines(base, START_MS + 3_600_000)
    assert line == (
        "proposal: people agree with it 100.0 points less than its proof promised "
        "(5 are too many) (gonogo export --proposal)"
    )
    assert list(status_lines(base, START_MS + 3_600_000_000)) == []
