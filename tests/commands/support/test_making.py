"""The support bundle: what is in it, what never is, and that it is made of whatever is left."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import threading
import zipfile
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.support.items import ITEMS
from gonogo.commands.support.kept_items import KEPT
from gonogo.commands.support.making import (
    FOLDER,
    MANIFEST,
    SMALL,
    Bounds,
    Had,
    cleaned,
    gathered,
    packed,
)
from gonogo.commands.support.source import Absent, Source, source
from gonogo.tests.commands.support.planted import (
    ACCOUNTS,
    FORBIDDEN,
    LOCK,
    SECRET,
    logged,
    plant,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

# board asks drivers of vendors in processes of their own: seconds
WITHOUT_BOARD = {name: item for name, item in ITEMS.items() if name != "board.json"}
ALL = {**WITHOUT_BOARD, **KEPT, "system-log.txt": lambda _: logged()}
PLANTED = {
    "station.toml", "station-findings.txt", "station-last-good.toml", "last-state.json",
    "losses.txt", "records-files.json", "parts.jsonl", "dispositions.jsonl",
    "engines.json", "audit.jsonl", "audit-verified.txt", "versions.json", "system-log.txt",
    "log.jsonl", "drift.json",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("GONOGO_KEY", SECRET)


def made(
    its: Source, items: Mapping[str, Callable[[Source], str]], bounds: Bounds | None = None
) -> dict[str, str]:
    """Each file of a bundle, its manifest too."""
    found = cleaned(its, gathered(its, items, bounds or Bounds()), ACCOUNTS)
    with zipfile.ZipFile(io.BytesIO(packed(its.name, found, "then"))) as archive:
        assert archive.testzip() is None
        return {
            name.removeprefix(f"{FOLDER}/"): archive.read(name).decode()
            for name in archive.namelist()
        }


@pytest.mark.parametrize("wrong", [False, True])
def test_bundle_holds_every_item_and_nothing_that_was_planted(
    tmp_path: Path, *, wrong: bool
) -> None:
    """Secrets and names stand in every source, and in no file: also of a wrong station file."""
    its = source(plant(tmp_path, wrong=wrong))
    raw = gathered(its, ALL)
    assert any(SECRET in each.text for each in raw.values())
    found = made(its, ALL)
    assert set(found) == PLANTED | {MANIFEST}
    leaks = {
        (name, word)
        for name, text in found.items()
        for word in FORBIDDEN
        if word.lower() in text.lower()
    }
    assert leaks == set()
    rows = [json.loads(line) for line in found["audit.jsonl"].splitlines()]
    assert {"person-1", "person-2"} <= {row["who"]["login"] for row in rows}
    assert "(left out: " in rows[0]["why"] or "(left out: " in rows[1]["why"]
    assert "/home/person-1/x.key" in found["audit.jsonl"]


def test_bundle_says_what_was_decided_and_by_what(tmp_path: Path) -> None:
    """The parts with their rules, hashes of engines, versions, and whether the trail holds."""
    file = plant(tmp_path)
    found = made(source(file), ALL)
    parts = [json.loads(line) for line in found["parts.jsonl"].splitlines()]
    assert len(parts) == 11  # ten parts, and a gap
    assert "width" in found["parts.jsonl"]
    bundle = (file.parent / "engines" / "bolt" / "1.0.0" / "bundle.gng").read_bytes()
    installed = json.loads(found["engines.json"])["installed"]
    assert installed[0]["sha256"] == hashlib.sha256(bundle).hexdigest()
    assert installed[1]["signer"].startswith("GN32")
    assert json.loads(found["versions.json"])["packages"]["click"]
    assert "parts.audit.jsonl: 8 rows, 0 broken" in found["audit-verified.txt"]
    first, _ = map(json.loads, found["dispositions.jsonl"].splitlines())
    assert (first["word"], first["part_id"], first["seen"]) == ("false-reject", 4711, 0)
    assert "who" not in first
    assert "journal overwritten" in found["losses.txt"]
    assert json.loads(found["records-files.json"])["bytes"]["parts-2023-11.sqlite"] > 0
    assert "the station file is right" in found["station-findings.txt"]
    assert 'name = "cell"' in found["station.toml"]


def test_bundle_of_a_stopped_station_names_what_could_not_be_had(tmp_path: Path) -> None:
    """With the reason, in the manifest."""
    found = made(source(plant(tmp_path)), ALL)
    for name in ("status.json", "counters.json"):
        assert name not in found
        (line,) = [each for each in found[MANIFEST].splitlines() if each.startswith(name)]
        assert "NOT HAD: GN5" in line


def _nothing(_: Path) -> None:
    """As it is."""


def _no_file(file: Path) -> None:
    file.unlink()


def _no_toml(file: Path) -> None:
    file.write_bytes(b"\xff\x00[[[")
    (file.parent / f".{file.name}.last-good").unlink()


def _no_records(file: Path) -> None:
    for path in file.parent.glob("parts*"):
        path.unlink()


def _damaged_records(file: Path) -> None:
    for path in file.parent.glob("parts*"):
        path.write_bytes(b"garbage" * 100)


def _no_engines(file: Path) -> None:
    shutil.rmtree(file.parent / "engines")


def _nothing_left(file: Path) -> None:
    shutil.rmtree(file.parent)


@pytest.mark.parametrize(
    "breaks",
    [_nothing, _no_file, _no_toml, _no_records, _damaged_records, _no_engines, _nothing_left],
)
def test_bundle_is_made_of_whatever_is_left(tmp_path: Path, breaks: Callable[[Path], None]) -> None:
    """Each item is there or named, and nothing that was planted comes out by an error's words."""
    file = plant(tmp_path)
    breaks(file)
    found = made(source(file), ALL)
    assert {"versions.json", "system-log.txt", MANIFEST} <= set(found)
    for name in ALL:
        assert name in found[MANIFEST]
        assert (name in found) is (f"{name:<24} NOT HAD" not in found[MANIFEST])
    assert not [word for word in FORBIDDEN for text in found.values() if word in text]


def test_source_of_a_broken_file_knows_the_values_of_the_last_good_one(tmp_path: Path) -> None:
    """Its secrets are looked for as well: the station may have written them before."""
    file = plant(tmp_path)
    assert source(file).good_values == source(file).values
    file.write_bytes(b"[[[")
    broken = source(file)
    assert broken.values == {}
    assert broken.good_values["maintenance"]["key_scrypt"] == LOCK


def test_bundle_changes_nothing_of_the_station(tmp_path: Path) -> None:
    """It only reads: no file of ours is new, gone or written."""
    file = plant(tmp_path)

    def state() -> dict[str, bytes]:
        paths = [path for path in tmp_path.rglob("*") if path.is_file()]
        # SQLite keeps a reader's locks in files of its own beside a database
        own = [path for path in paths if path.name.endswith(("-shm", "-wal"))]
        return {str(path): path.read_bytes() for path in paths if path not in own}

    before = state()
    made(source(file), ALL)
    assert state() == before


def test_bundle_of_the_same_is_the_same_bytes(tmp_path: Path) -> None:
    """But for the time in the manifest."""
    its = source(plant(tmp_path))
    # of the room on the disk, which others take and free meanwhile
    still = {name: item for name, item in ALL.items() if name != "records-files.json"}

    def once(made_at: str) -> bytes:
        return packed(its.name, cleaned(its, gathered(its, still)), made_at)

    assert once("then") == once("then")
    assert once("then") != once("later")


def test_bundle_costs_no_more_than_its_bounds(tmp_path: Path) -> None:
    """What hangs, fails or is large costs itself alone, and is named."""
    its, forever = source(tmp_path / "none.toml"), threading.Event()

    def hangs(_: Source) -> str:
        forever.wait()
        return "late"

    def fails(_: Source) -> str:
        raise ZeroDivisionError(f"password={SECRET}")

    def absent(_: Source) -> str:
        raise Absent("nobody has it")

    lines = "".join(f"line {number}\n" for number in range(1000))
    items = {
        "hangs.txt": hangs,
        "fails.txt": fails,
        "absent.txt": absent,
        "empty.txt": lambda _: "",
        "large.txt": lambda _: lines,
        "large.json": lambda _: lines,
        "small.txt": lambda _: "small",
    }
    found = made(its, items, Bounds(item_bytes=1000, item_s=2.0))
    forever.set()
    assert set(found) == {MANIFEST, "large.txt", "large.json", "small.txt"}
    manifest = found[MANIFEST]
    assert f"{'hangs.txt':<24} NOT HAD: it did not answer within 2 s" in manifest
    assert "NOT HAD: ZeroDivisionError: password=(secret)" in manifest
    assert "NOT HAD: nobody has it" in manifest
    assert f"{'empty.txt':<24} NOT HAD: it was empty" in manifest
    assert found["large.txt"].endswith("line 999\n")
    assert found["large.txt"].startswith("line ")
    assert found["large.json"].startswith("line 0\n")
    assert len(found["large.txt"]) <= 1000
    assert "CUT: " in manifest


def test_bundle_in_its_small_form_has_the_newest_lines_alone(tmp_path: Path) -> None:
    """For a slow cable: each item within 16 kB, what was cut is told."""
    its = source(plant(tmp_path))
    lines = "".join(f"line {number}\n" for number in range(10_000))
    had = gathered(its, {"log.txt": lambda _: lines}, SMALL)["log.txt"]
    assert len(had.text) <= 16 * 1024
    assert had.text.endswith("line 9999\n")
    assert had.cut == len(lines) - len(had.text)


def test_bundle_has_no_item_begun_when_its_time_is_over(tmp_path: Path) -> None:
    """What was had by then is packed."""
    its = source(tmp_path / "none.toml")
    found = gathered(its, {"a.txt": lambda _: "a"}, Bounds(all_s=0.0))
    assert found == {"a.txt": Had("", "no time was left for it")}


def test_bundle_is_a_zip_file_to_another_program(tmp_path: Path) -> None:
    """Info-ZIP lists and tests it."""
    unzip = shutil.which("unzip")
    if unzip is None:
        pytest.skip("unzip is not installed")
    its = source(plant(tmp_path))
    path = tmp_path / "bundle.zip"
    path.write_bytes(packed(its.name, cleaned(its, gathered(its, ALL)), "then"))
    said = subprocess.run([unzip, "-t", path], check=True, capture_output=True, text=True).stdout
    assert "No errors detected" in said
    assert f"{FOLDER}/{MANIFEST}" in said
