"""The journal lasts for as long as records may hang and be started again, at the station's rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.commands.check import check_station
from gonogo.config.journal_room import (
    HANG_MS,
    MOST_ENTRIES,
    OVERRATE,
    RECORDS_LIMIT_MS,
    entries,
    in_words,
    lasts_ms,
    problem,
)
from gonogo.ipc.journal_memory import RECORDS
from gonogo.ipc.journal_records import RECORD_BYTES
from gonogo.launch.process_rows import supervisor_plan
from gonogo.tests.engines.serving.places import section
from gonogo.tests.stations import bundled_station, free_port, small_station
from gonogo.tests.test_bad_input import plain_station_file

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station


def station_at(folder: Path, pitch_ms: float, period_ms: float | None = None) -> Station:
    """A station with a part every `pitch_ms`, or from its own photo-eye every `period_ms`."""
    trigger = None if period_ms is None else {"driver": "timer", "period_ms": period_ms}
    driver = "modbus-client" if period_ms is None else "modbus-server"
    return small_station(
        folder, driver=driver, trigger=trigger, pitch_mm=pitch_ms / 5, speed_mm_s=200.0
    )


@pytest.mark.parametrize("pitch_ms", [10.0, 50.0, 160.0, 500.0, 50_000.0])
def test_room_is_enough_for_twice_the_rate_while_records_is_away(
    tmp_path: Path, pitch_ms: float
) -> None:
    """A verdict and what became of it, a part; never less than a thousand entries."""
    station = station_at(tmp_path, pitch_ms)
    count = entries(station)
    assert count >= 2 * OVERRATE * HANG_MS / pitch_ms or count == MOST_ENTRIES
    assert RECORDS <= count <= MOST_ENTRIES
    assert lasts_ms(station) == pytest.approx(count * pitch_ms / 2)
    assert lasts_ms(station) >= HANG_MS > RECORDS_LIMIT_MS
    assert problem(station) == ""
    assert supervisor_plan(station).rows[0].limit_ms == RECORDS_LIMIT_MS


def test_room_counts_what_another_engine_says(tmp_path: Path) -> None:
    """With [engines] a part may have a third entry."""
    both = bundled_station(tmp_path, section(tmp_path))
    assert entries(both) == 3 * OVERRATE * HANG_MS / both.station.pitch_ms
    assert lasts_ms(both) == OVERRATE * HANG_MS


def test_room_follows_the_station_s_own_photo_eye(tmp_path: Path) -> None:
    """Where that is faster than the pitch says."""
    assert entries(station_at(tmp_path, 500.0, period_ms=20.0)) == entries(
        station_at(tmp_path, 20.0)
    )


@pytest.mark.parametrize(("least_ms", "as_at_ms"), [(None, 80.0), (20.0, 20.0), (400.0, 100.0)])
def test_room_follows_a_photo_eye_whose_parts_are_told_apart(
    tmp_path: Path, least_ms: float | None, as_at_ms: float
) -> None:
    """As close as they are inspected; those that are refused for it come at the belt's pitch."""
    eye = {"driver": "gpio", "chip": "eye", "line": "17", "min_pitch_ms": least_ms}
    station = small_station(tmp_path, trigger=eye, pitch_mm=20.0, speed_mm_s=200.0)
    assert entries(station) == entries(station_at(tmp_path, as_at_ms))


def test_room_has_an_end_and_says_so(tmp_path: Path) -> None:
    """A rate for which no memory would do: a finding with the pitch that fits."""
    station = station_at(tmp_path, 4.0)
    assert entries(station) == MOST_ENTRIES
    assert lasts_ms(station) < HANG_MS
    found = problem(station)
    assert "station.pitch_mm: a part every 4.0 ms" in found
    assert "in 33 s, expected at least 40 s" in found
    assert "a part every 4.9 ms or slower fits" in found
    assert problem(station_at(tmp_path, 4.9)) == ""


def test_room_in_words_names_entries_memory_and_time(tmp_path: Path) -> None:
    """What `gonogo check` prints."""
    station = station_at(tmp_path, 50.0)
    megabytes = entries(station) * RECORD_BYTES / 1e6
    assert in_words(station) == (
        f"verdict journal: 3200 entries ({megabytes:.1f} MB) last 80 s at this rate; "
        "records may hang for 30 s and come back within 10 s"
    )


@pytest.mark.parametrize(("pitch_mm", "wrong"), [("40 ", False), ("0.8 ", True)])
def test_check_says_how_long_the_journal_lasts(
    tmp_path: Path,
    pitch_mm: str,
    wrong: bool,  # noqa: FBT001 - a parameter
) -> None:
    """And that it is too short, where it is."""
    path = plain_station_file(tmp_path, free_port())
    text = path.read_text(encoding="utf-8").replace("pitch_mm = 40 ", f"pitch_mm = {pitch_mm} ")
    path.write_text(text, encoding="utf-8")
    said: list[str] = []
    assert check_station(path, said.append) == 1  # no PLC answers
    assert any(line.startswith("  verdict journal: ") for line in said)
    assert any("largest verdict journal" in line for line in said) == wrong
