"""`gonogo run`: which file a station comes up with, and what becomes its supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from gonogo.base.errors import ModelError, StationFileError
from gonogo.base.fence import here
from gonogo.ipc.last_good_file import accept, candidate, digest, marked
from gonogo.launch.run import run_station
from gonogo.tests.stations import PLAIN_FILE as RIGHT

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.launch.told import Origin


class Became(Exception):
    """With what this process would have become the supervisor."""

    def __init__(self, station: Station, origin: Origin) -> None:
        super().__init__()
        self.station, self.origin = station, origin


def become(station: Station, origin: Origin) -> NoReturn:
    """Do not."""
    raise Became(station, origin)


def run(path: Path) -> Became:
    """What comes of a run."""
    with pytest.raises(Became) as caught:
        run_station(path, become)
    return caught.value


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A right station file."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    path = tmp_path / "station.toml"
    path.write_text(RIGHT, encoding="utf-8")
    return path


def test_run_proposes_the_file_that_it_starts_with(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It becomes the last good one only when a line has lived; the log says what starts."""
    caplog.set_level("INFO")
    found = run(file)
    assert found.station.station.name == "cell"
    assert found.origin == (False, candidate(file), digest(RIGHT.encode()), file)
    assert candidate(file).read_bytes() == marked(RIGHT.encode())
    assert f"memory order: {here().said}" in caplog.messages
    assert caplog.messages[-1] == (
        "station 'cell' starts (PLC: modbus-client 127.0.0.1:1502, unit 1); Ctrl-C stops it"
    )


def test_run_makes_no_engine_and_starts_none_without(file: Path) -> None:
    """It says what makes one; neither is one made, nor the file proposed."""
    asked = '[view.engine]\nmodel = "top.onnx"\n[view.engine.prepare]\nmethod = "teach"\n'
    file.write_text(RIGHT.replace("[[view.rule]]", f"{asked}[[view.rule]]"), encoding="utf-8")
    with pytest.raises(ModelError, match="gonogo prepare"):
        run_station(file, become)
    assert not file.with_name("top.onnx").exists()
    assert not candidate(file).exists()


def test_run_of_a_wrong_file_takes_the_last_good_one_and_proposes_nothing(file: Path) -> None:
    """The line is told of it, and by which bytes it judges."""
    run(file)
    accept(candidate(file), digest(RIGHT.encode()))
    file.write_text(RIGHT.replace("low = 1.0", "low = 60.0"), encoding="utf-8")
    found = run(file)
    assert found.origin == (True, candidate(file), digest(RIGHT.encode()), file)
    assert not candidate(file).exists()


def test_run_of_a_wrong_file_without_a_last_good_one_starts_nothing(file: Path) -> None:
    """Every finding is told by whoever called."""
    file.write_text("[station]\n", encoding="utf-8")
    with pytest.raises(StationFileError):
        run_station(file, become)
    assert not candidate(file).exists()
