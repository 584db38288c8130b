"""What a start tells the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from gonogo.base.errors import StationRunning
from gonogo.config.station import load_station
from gonogo.config.trying import put
from gonogo.ipc.audit.files import rows_backwards
from gonogo.ipc.last_good_file import accept, candidate, digest
from gonogo.launch.audit_start import judging
from gonogo.launch.run import run_station
from gonogo.tests.engines.bundles.parcels import MAKER, make
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.ipc.audit.row import Row
    from gonogo.launch.told import Origin


class Became(Exception):
    """This process would have become the supervisor."""


def become(_: Station, origin: Origin) -> NoReturn:
    """Come up, as a line does."""
    if origin.candidate is not None:
        accept(origin.candidate, origin.sha256)
    raise Became


def refused(_: Station, __: Origin) -> NoReturn:
    """As where the station runs already."""
    raise StationRunning("station 'cell' already runs")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A right station file."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    path = tmp_path / "station.toml"
    path.write_text(PLAIN_FILE)
    return path


def start(file: Path, why: str = "") -> None:
    """As `gonogo run` does."""
    with pytest.raises(Became):
        run_station(file, become, why=why)


def rows(file: Path, what: str) -> list[Row]:
    """Of one kind, oldest first."""
    found = rows_backwards(file.with_name("parts.audit.jsonl"))
    return [row for row in found if row.what == what][::-1]


def test_start_takes_back_what_was_on_trial(file: Path) -> None:
    """The box went down meanwhile: the old file is in force, and the trail says so first."""
    fresh = put(file, PLAIN_FILE.replace("high = 50.0", "high = 51.5").encode())
    start(file)
    assert not fresh.exists()
    assert file.read_text() == PLAIN_FILE
    (told,) = rows(file, "station file taken back")
    assert told.number < rows(file, "station file")[0].number
    start(file)
    assert len(rows(file, "station file taken back")) == 1


def test_start_tells_the_file_and_what_is_new_in_it(file: Path) -> None:
    """By its digest, key by key, with the reason that was given."""
    start(file)
    file.write_text(PLAIN_FILE.replace("high = 50.0", "high = 51.5"))
    start(file, "new supplier")
    first, second = rows(file, "station file")
    assert first.state == second.state == "asked"
    assert first.old is None
    assert "no file of an earlier start" in first.new["changes"]
    assert second.old == {"sha256": digest(PLAIN_FILE.encode())}
    assert second.new["sha256"] == digest(file.read_bytes())
    assert second.new["changes"] == {"view[0].rule[0].high": [50.0, 51.5]}
    assert (first.why, second.why) == ("", "new supplier")


def test_start_of_the_same_file_tells_that_nothing_changed(file: Path) -> None:
    """What judges stands in the trail once."""
    start(file)
    start(file)
    assert rows(file, "station file")[1].new["changes"] == {}
    assert len(rows(file, "judges by")) == 1


def test_start_with_the_last_good_file_says_so(file: Path) -> None:
    """The station file itself is wrong."""
    start(file)
    file.write_text("[station]\n")
    start(file)
    assert "last good file" in rows(file, "station file")[1].new["fell_back"]


def test_start_that_is_refused_is_told_as_failed(file: Path) -> None:
    """With the error's own words, and which row asked."""
    with pytest.raises(StationRunning):
        run_station(file, refused)
    asked, failed = rows(file, "station file")
    assert (asked.state, failed.state, failed.asked) == ("asked", "failed", asked.number)
    assert failed.new["error"] == "GN501: station 'cell' already runs"


def test_start_goes_on_where_no_trail_can_be_written(file: Path) -> None:
    """A disk that refuses keeps no station from starting."""
    file.with_name("parts.audit.jsonl").mkdir()
    start(file)
    assert candidate(file).with_suffix("").is_file()


def test_start_tells_engines_limits_and_keys_that_others_have_changed(
    file: Path, tmp_path: Path
) -> None:
    """Whoever copied another engine there: old and new stand side by side."""
    engine = '[view.engine]\nbundle = "bolt"\nbackend = "onnxruntime"\n[[view.rule]]'
    keys = '\n[engines]\nfolder = "engines"\ntrust = ["maker.pub"]\n'
    file.write_text(PLAIN_FILE.replace("[[view.rule]]", engine) + keys)
    (tmp_path / "maker.pub").write_text(f"{MAKER.public.line} the maker\n")
    station = load_station(file)
    assert "GN342" in judging(station)["engines"]
    version = tmp_path / "engines" / "bolt" / "1.0.0"
    version.mkdir(parents=True)
    make(tmp_path, key=MAKER).rename(version / "bundle.gng")
    from gonogo.engines.bundles.trust import policy_of  # noqa: PLC0415
    from gonogo.engines.installed.registry import Registry  # noqa: PLC0415

    assert station.engines is not None
    Registry(tmp_path / "engines").activate("bolt", "1.0.0", policy_of(station.engines))
    found = judging(station)
    assert found["views"]["top"]["engine"] == "bolt 1.0.0"
    assert found["views"]["top"]["signer"] == MAKER.public.fingerprint
    assert found["views"]["top"]["limits"] == {"recheck_above": 240.0, "reject_above": 252.0}
    assert list(found["trusted keys"].values()) == [MAKER.public.fingerprint]
