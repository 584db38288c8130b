"""What a station file names and a box that boots may not have yet, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.errors import EngineNotThere, FileNotThere, MountNotThere
from gonogo.config.station import load_station
from gonogo.launch.not_there import not_there
from gonogo.tests.stations import PLAIN_FILE, tiny_engine

SYNTHETIC = 'driver = "synthetic"'
NOBODY = Path("/nonexistent")


def station_file(folder: Path, text: str = PLAIN_FILE) -> Path:
    """A station file of that text."""
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return path


def lacks(path: Path, fstab: Path = NOBODY, mounts: Path = NOBODY) -> Exception | None:
    """What is not there."""
    return not_there(load_station(path), fstab, mounts)


def test_nothing_is_missing_of_a_station_that_needs_nothing(tmp_path: Path) -> None:
    """Its records are made where there are none."""
    assert lacks(station_file(tmp_path)) is None


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("/dev/sdb1 {point} ext4 defaults 0 2", True),
        ("LABEL=data {point} ext4 nofail,x-systemd.device-timeout=9 0 2", True),
        ("/dev/sdb1 {point} ext4 noauto 0 2", False),
        ("# /dev/sdb1 {point} ext4 defaults 0 2", False),
        ("/dev/sdb1 {point}-other ext4 defaults 0 2", False),
        ("/dev/sda1 / ext4 defaults 0 1", False),
        ("/dev/sda2 none swap sw 0 0", False),
        ("nonsense", False),
    ],
)
def test_disk_of_fstab_below_which_something_lies_is_waited_for(
    tmp_path: Path, line: str, *, missing: bool
) -> None:
    """A folder that was made on the disk beneath would be hidden by it."""
    point = tmp_path / "my disk"
    point.mkdir()
    path = station_file(tmp_path, PLAIN_FILE.replace("parts.sqlite", "my disk/parts.sqlite"))
    fstab, mounts = tmp_path / "fstab", tmp_path / "mounts"
    written = str(point).replace(" ", r"\040")
    fstab.write_text(f"\n{line.format(point=written)}\n", encoding="utf-8")
    mounts.write_text("proc /proc proc rw 0 0\n", encoding="utf-8")
    found = lacks(path, fstab, mounts)
    assert isinstance(found, MountNotThere) is missing
    mounts.write_text(f"/dev/sdb1 {written} ext4 rw 0 0\n", encoding="utf-8")
    assert lacks(path, fstab, mounts) is None


def test_files_that_the_line_reads_at_its_start_are_waited_for(tmp_path: Path) -> None:
    """What a view has learnt, and pictures that are replayed: missing, then empty."""
    replay = PLAIN_FILE.replace(SYNTHETIC, 'driver = "replay"\nfolder = "pictures"')
    for text, name in (
        (replay, "pictures"),
        (PLAIN_FILE.replace("[[view.rule]]", '[view.trust]\nlearnt = "t.json"\n[[view.rule]]'),
         "t.json"),
        (PLAIN_FILE.replace('name = "top"', 'name = "top"\ncalibration = "c.json"'), "c.json"),
    ):  # fmt: skip
        found = lacks(station_file(tmp_path, text))
        assert isinstance(found, FileNotThere)
        assert f"{tmp_path / name}: no such file or folder" in str(found)
    (tmp_path / "pictures").mkdir()
    assert "the folder is empty" in str(lacks(station_file(tmp_path, replay)))


def test_engine_is_waited_for_until_it_is_what_its_card_says(tmp_path: Path) -> None:
    """Not there, half copied, damaged: each with what the card's reader says."""
    model = tiny_engine(tmp_path / "e.onnx")
    engine = '[view.engine]\nmodel = "e.onnx"\nbackend = "onnxruntime"\n'
    path = station_file(tmp_path, PLAIN_FILE.replace("[[view.rule]]", f"{engine}[[view.rule]]"))
    assert lacks(path) is None
    whole = model.read_bytes()
    model.write_bytes(whole[:-1])
    found = lacks(path)
    assert isinstance(found, EngineNotThere)
    assert "is not the file its card" in str(found)
    model.unlink()
    assert "is missing" in str(lacks(path))
    model.write_bytes(whole)
    card = model.with_suffix(".json")
    card.write_bytes(card.read_bytes()[:-9])
    assert isinstance(lacks(path), EngineNotThere)
