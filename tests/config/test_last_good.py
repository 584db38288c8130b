"""A station file that was edited wrongly: the last one with which the station came up."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from gonogo.base.atomic_file import Files
from gonogo.base.errors import StationFileError
from gonogo.config.last_good import changes, load_or_last_good, propose, tell_changes
from gonogo.ipc.last_good_file import accept, candidate, digest, last_good, marked, unmarked
from gonogo.tests.stations import PLAIN_FILE as RIGHT

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "budget_ms = nonsense\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A right station file."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    path = tmp_path / "station.toml"
    path.write_text(RIGHT, encoding="utf-8")
    return path


SHA256 = digest(RIGHT.encode())
OTHER = RIGHT.replace("high = 50.0", "high = 90.0").encode()


def test_last_good_is_the_file_that_came_up_and_starts_the_next_time(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Relative paths mean what they meant; the findings are all told."""
    first = load_or_last_good(file)
    assert not first.fell_back
    propose(file, file.read_bytes())
    accept(candidate(file), SHA256)
    assert unmarked(last_good(file), last_good(file).read_bytes()).decode() == RIGHT
    file.write_text(WRONG, encoding="utf-8")
    again = load_or_last_good(file)
    assert again.fell_back
    assert again.station == first.station
    assert f"{file}:1:" in caplog.text
    assert "starting with the last good one" in caplog.text


def test_candidate_that_never_came_up_is_not_trusted(file: Path) -> None:
    """A file that is right in form, with which no line ever lived."""
    propose(file, file.read_bytes())
    file.write_text(WRONG, encoding="utf-8")
    with pytest.raises(StationFileError):
        load_or_last_good(file)


def test_candidate_of_another_start_is_not_accepted(file: Path) -> None:
    """Left by a start that failed: what comes up now is the last good file, or a third one."""
    propose(file, file.read_bytes())
    accept(candidate(file), SHA256)
    propose(file, OTHER)
    accept(candidate(file), SHA256)
    assert last_good(file).read_bytes() == marked(RIGHT.encode())
    accept(candidate(file), digest(OTHER))
    assert last_good(file).read_bytes() == marked(OTHER)


def test_candidate_that_was_damaged_does_not_replace_the_last_good_file(file: Path) -> None:
    """It would be refused on the day that it is needed, and the whole one would be gone."""
    propose(file, file.read_bytes())
    accept(candidate(file), SHA256)
    propose(file, OTHER)
    damaged = candidate(file).read_bytes().replace(b"90.0", b"98.0")
    candidate(file).write_bytes(damaged)
    for sha256 in (digest(OTHER), digest(OTHER.replace(b"90.0", b"98.0"))):
        accept(candidate(file), sha256)
    assert last_good(file).read_bytes() == marked(RIGHT.encode())


def test_last_good_that_is_wrong_itself_is_refused_with_its_own_name(file: Path) -> None:
    """Damaged since: no third file is looked for."""
    last_good(file).write_text("[station\n", encoding="utf-8")
    file.write_text(WRONG, encoding="utf-8")
    with pytest.raises(StationFileError, match="last-good"):
        load_or_last_good(file)


def test_propose_writes_nothing_when_the_file_has_not_changed(file: Path) -> None:
    """Each start of the same file leaves the disk alone."""
    propose(file, file.read_bytes())
    accept(candidate(file), SHA256)
    propose(file, file.read_bytes())
    assert not candidate(file).exists()
    accept(candidate(file), SHA256)  # nothing to accept is nothing wrong


class FullDisk(Files):
    """Nothing more can be written."""

    def write(self, fd: int, data: bytes) -> int:  # noqa: ARG002 - as the call is
        """Refused."""
        raise OSError(errno.ENOSPC, "No space left on device")


def test_propose_where_nothing_can_be_written_says_so_and_goes_on(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A read-only folder, a full disk."""
    propose(file, file.read_bytes(), FullDisk())
    assert not candidate(file).exists()
    assert "no last good station file is kept: No space left on device" in caplog.text


def test_last_good_lies_where_the_service_manager_says(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A station file in /etc need not be in a folder that can be written."""
    folder = tmp_path / "state"
    folder.mkdir()
    monkeypatch.setenv("STATE_DIRECTORY", f"{folder}:/elsewhere")
    station = load_or_last_good(file).station
    propose(file, file.read_bytes())
    accept(candidate(file), SHA256)
    assert last_good(file).parent == folder
    file.unlink()
    assert load_or_last_good(file).station == station


def test_last_good_with_any_bit_flipped_is_refused(file: Path) -> None:
    """A limit of 50.0 that has become 70.0 must not be what the station falls back to."""
    propose(file, file.read_bytes())
    accept(candidate(file), SHA256)
    good = last_good(file)
    whole = good.read_bytes()
    assert whole == marked(RIGHT.encode())
    for at in range(len(whole)):
        for bit in range(8):
            damaged = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
            with pytest.raises(StationFileError, match="not as it was kept"):
                unmarked(good, damaged)
    good.write_bytes(whole.replace(b"50.0", b"70.0"))
    file.write_text(WRONG, encoding="utf-8")
    with pytest.raises(StationFileError, match=r"last-good: not as it was kept.*mend the station"):
        load_or_last_good(file)


@pytest.mark.parametrize("cut", [0, 1, 300, -2])
def test_last_good_that_was_cut_off_is_refused(file: Path, cut: int) -> None:
    """As a full disk or a stick pulled out leaves it."""
    with pytest.raises(StationFileError, match="not as it was kept"):
        unmarked(file, marked(RIGHT.encode())[:cut])


def test_start_tells_what_has_changed_since_the_station_last_came_up(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Edited, or one bit of the disk: the line is named before the first part."""
    caplog.set_level("INFO")
    assert changes(file, file.read_bytes()) == []
    propose(file, file.read_bytes())
    accept(candidate(file), SHA256)
    assert changes(file, file.read_bytes()) == []
    flipped = file.read_bytes().replace(b"high = 50.0", b"high = 70.0")
    assert changes(file, flipped) == ["-high = 50.0", "+high = 70.0"]
    tell_changes(file, flipped)
    assert "sha256 " in caplog.messages[0]
    assert caplog.messages[-2:] == ["  -high = 50.0", "  +high = 70.0"]
    caplog.clear()
    tell_changes(file, b"x\n" * 40)
    assert caplog.messages[-1].startswith("  and ")


def test_start_without_a_whole_last_good_file_tells_no_changes(file: Path) -> None:
    """There is nothing to compare with."""
    last_good(file).write_bytes(b"anything")
    assert changes(file, file.read_bytes()) == []
