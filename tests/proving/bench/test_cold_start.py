"""A cold start: what is counted, what is dropped from memory, and what the row says."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.words import Mode, Score
from gonogo.config.station import load_station
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.proving.bench import cold_start
from gonogo.proving.bench.cold_start import (
    Alone,
    NoVerdict,
    Start,
    cold_station,
    first_full_ns,
    forget,
    program_folders,
    row_of,
    start,
)
from gonogo.proving.plcsim.row import Row as JudgedPart
from gonogo.tests.fakes import entry_of

if TYPE_CHECKING:
    from gonogo.config.station import Station
    from gonogo.ipc.journal_records import VerdictEntry

PART = JudgedPart(1, 1, True, "good", 10, 1, 0, "timely", 1, 20, 30, 40, "pass", "accepted")  # noqa: FBT003 - as it stands there
SCORE = Score(0, 0.5, 1, 2, 1)


def acked(part_id: int, at_ns: int) -> JudgedPart:
    """A part whose verdict the PLC has acknowledged then."""
    return replace(PART, part=part_id, part_id=part_id, acked_ns=at_ns)


def judged(part_id: int, mode: Mode, score: Score | None = SCORE) -> VerdictEntry:
    """The same as the station saw it."""
    entry = entry_of(part_id)
    return entry._replace(mode=mode, scores=(score,))


def test_first_verdict_is_the_first_with_the_engine() -> None:
    """Those by rules alone come before, and one without a score is none of it in any mode."""
    parts = [acked(1, 100), acked(2, 200), acked(3, 300), acked(4, 400)]
    entries = [
        judged(1, Mode.RULES_ONLY), judged(2, Mode.FULL, None), judged(3, Mode.FULL),
        judged(4, Mode.FULL),
    ]  # fmt: skip
    assert first_full_ns(parts, entries) == 300


def test_first_verdict_is_none_before_the_plc_has_acknowledged_it() -> None:
    """That the station has decided is not enough."""
    assert first_full_ns([acked(1, 100)], [judged(2, Mode.FULL)]) == 0
    assert first_full_ns([], [judged(2, Mode.FULL)]) == 0


def test_row_is_what_the_start_takes_beyond_the_load() -> None:
    """Of the medians; what it was reckoned of stands in the note, with its spread."""
    starts = [Start(full, full - 1, 200.0) for full in (4.0, 9.0, 5.0)]
    loads = [Alone(load, 1.5, 100.0, "openvino, 1 thread") for load in (2.0, 2.5, 8.0)]
    row = row_of(loads, starts)
    assert (row.value, row.control, row.ratio, row.limit, row.met) == (2.5, 2.0, 1.25, 1.0, False)
    assert "3 starts: to the first verdict with the engine 5.00 s (4.00 to 9.00)" in row.note
    assert "the first at all 4.00 s (3.00 to 8.00)" in row.note
    assert "the engine alone 2.50 s (2.00 to 8.00) (openvino, 1 thread; 1.50 s" in row.note
    assert "from the disk 200 MB a start, 100 MB a load" in row.note


def test_forget_passes_over_what_cannot_be_opened(tmp_path: Path) -> None:
    """Files stay what they are; a link to nothing and a pipe that nobody writes hold up nothing."""
    (tmp_path / "below").mkdir()
    file = tmp_path / "below" / "file"
    file.write_bytes(b"as it was")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    forget([tmp_path])
    assert file.read_bytes() == b"as it was"


def test_program_folders_hold_the_program_and_python_once() -> None:
    """No folder of them lies in another one."""
    found = program_folders()
    for file in (cold_start.__file__, np.__file__, os.__file__):
        assert any(folder in Path(file).resolve().parents for folder in found), file
    assert not [one for one in found for other in found if other in one.parents]


def cold(folder: Path) -> Station:
    """The station, but for its engine, which takes seconds to teach."""
    (folder / "bench256.onnx").write_bytes(b"taught before")
    return cold_station(folder)


def test_cold_station_shows_one_picture_from_a_file(tmp_path: Path) -> None:
    """Its file says what it is, and its camera draws nothing."""
    station = cold(tmp_path)
    assert load_station(tmp_path / "station.toml") == station
    section = station.view[0].camera
    camera = open_camera(section, "top")
    pixels = [np.zeros(section.geometry.shape, np.uint8) for _ in range(2)]
    for part_id, each in enumerate(pixels, start=1):
        camera.grab(part_id, each, sys.maxsize)
    camera.close()
    assert pixels[0].any()
    assert np.array_equal(pixels[0], pixels[1])
    assert station.trigger.named_by_plc


def test_start_that_fails_says_what_the_station_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and nothing of it is left."""
    station = cold(tmp_path)
    (tmp_path / "station.toml").write_text("[station]\nname = 7\n", encoding="utf-8")
    monkeypatch.setattr(cold_start, "program_folders", list)  # nothing is dropped for this
    with pytest.raises(NoVerdict, match="GN"):
        start(station, tmp_path)
