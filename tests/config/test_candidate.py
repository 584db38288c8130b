"""A station file that is changed key by key: what stays, what is refused, what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import StationFileError
from gonogo.config.candidate import Candidate
from gonogo.config.station import load_station
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

CONSOLE = '\n[console]\ndevice = "/dev/ttyS1"  # in the cabinet\n# the rate of 2019\nbaud = 9600\n'


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """A station file with a console."""
    path = tmp_path / "cell.toml"
    path.write_text(PLAIN_FILE + CONSOLE, encoding="utf-8")
    return path


def test_set_leaves_all_else_as_it_was_typed(station: Path) -> None:
    """Comments, order and the file itself."""
    before = station.read_text(encoding="utf-8")
    candidate = Candidate(station)
    candidate.set("console.baud", "19200")
    assert candidate.raw.decode() == before.replace("9600", "19200")
    assert candidate.changes() == {"console.baud": [9600, 19200]}
    assert station.read_text(encoding="utf-8") == before
    candidate.discard()
    assert candidate.changes() == {}


def test_set_takes_text_without_quotes_and_arrays_with_brackets(station: Path) -> None:
    """As somebody types it at a console."""
    candidate = Candidate(station)
    candidate.set("console.device", "/dev/ttyUSB0")
    candidate.set("access.names", '["box7", "box7.local"]')
    candidate.set("view[0].rule[0].high", "3.5")
    found = candidate.station()
    assert found.console is not None
    assert found.console.device == "/dev/ttyUSB0"
    assert found.access.names == ("box7", "box7.local")
    assert candidate.changes()["view[0].rule[0].high"] == [50.0, 3.5]


def test_set_keeps_the_line_ends_of_windows(station: Path) -> None:
    """Also in lines that are new."""
    station.write_bytes(station.read_bytes().replace(b"\n", b"\r\n"))
    candidate = Candidate(station)
    candidate.set("console.idle_s", "60")
    assert candidate.raw.count(b"\n") == candidate.raw.count(b"\r\n")


def test_delete_leaves_out_a_key_or_a_table(station: Path) -> None:
    """And says of one that is not there that it is not."""
    candidate = Candidate(station)
    candidate.delete("console.baud")
    assert candidate.changes() == {"console.baud": [9600, None]}
    candidate.delete("console")
    assert candidate.station().console is None
    with pytest.raises(StationFileError, match=r"console\.baud: not found"):
        candidate.delete("console.baud")


@pytest.mark.parametrize(
    "key",
    ["", "a b", "console..baud", "console.baud.x", "view[7].name", "view.name", "view[0][1]",
     "console[0]", "view[-1].name", "console.baud ", "\x00", "view[9999].name"],
)  # fmt: skip
def test_set_refuses_what_is_no_key_of_the_file(station: Path, key: str) -> None:
    """With the form that one has; the candidate stays as it was."""
    candidate = Candidate(station)
    with pytest.raises(StationFileError, match=r"expected a key as console\.baud"):
        candidate.set(key, "1")
    assert candidate.raw == candidate.before


@pytest.mark.parametrize("value", ["1\nbaud = 2", '"', "[", "1 # x", "true", "=", "{a = 1}"])
def test_set_changes_one_key_whatever_the_value_is(station: Path, value: str) -> None:
    """Text that is no value of TOML is text, and nothing of it is a second key."""
    candidate = Candidate(station)
    candidate.set("console.device", value)
    assert list(candidate.changes()) in (["console.device"], ["console.device.a", "console.device"])


def test_set_types_no_secrets(station: Path) -> None:
    """They would be on a cable, and in its history."""
    with pytest.raises(StationFileError, match="by hand"):
        Candidate(station).set("maintenance.key_scrypt", "x")


def test_station_says_what_is_wrong_with_its_line(station: Path) -> None:
    """As whoever starts it would be told."""
    candidate = Candidate(station)
    candidate.set("console.bauds", "9600")
    with pytest.raises(StationFileError, match=r"cell\.toml:\d+: console\.bauds: .*'baud'"):
        candidate.station()


def test_candidate_of_a_wrong_file_is_none(station: Path) -> None:
    """What runs is the last good one then: the file is mended by hand."""
    station.write_text("[station]\n", encoding="utf-8")
    with pytest.raises(StationFileError, match="station"):
        Candidate(station)


def test_candidate_follows_a_link_and_keeps_where_paths_begin(station: Path) -> None:
    """Relative paths start at the link's folder, as they do at a start."""
    folder = station.parent / "etc"
    folder.mkdir()
    link = folder / "cell.toml"
    link.symlink_to(station)
    candidate = Candidate(link)
    assert candidate.path == station.resolve()
    assert candidate.station().records.path == load_station(link).records.path
