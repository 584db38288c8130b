"""A station that keeps pictures of its parts: each its own, to the pixel, whatever is killed.

Its camera replays pictures that are all different, so a picture says of which part it is: part 1
shows the first one, part 2 the second.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from gonogo.launch.running_station import RunningStation
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.records.section import ImagesSection
from gonogo.tests.judged import Watched
from gonogo.tests.records.months import ask
from gonogo.tests.stations import DIAMETER, remains_of, small_station
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from gonogo.config.station import Station

HEIGHT, WIDTH, SHOWN = 120, 160, 200
RULE = DIAMETER | {"low": 1.0, "high": 50.0}  # of 0.8 mm a pixel: discs of up to 62 px pass


def shown(folder: Path) -> list[np.ndarray[Any, Any]]:
    """Noisy discs, in turns small and large; the files that the camera replays."""
    rng, frames = np.random.default_rng(7), []
    (folder / "good").mkdir(parents=True)
    for k in range(SHOWN):
        frame = rng.integers(0, 40, (HEIGHT, WIDTH, 3), np.uint8)
        radius = 20 if k % 2 else 45
        cv2.circle(frame, (WIDTH // 2, HEIGHT // 2), radius, (200, 210, 220), cv2.FILLED)
        cv2.imwrite(str(folder / "good" / f"{k:03d}.png"), frame)
        frames.append(frame)
    return frames


def station_of(folder: Path, **images: Any) -> Station:  # noqa: ANN401 - keys of the section
    """One view, and its pictures in a folder of its own."""
    camera = {"driver": "replay", "folder": folder / "shown"}
    camera |= {"height_px": HEIGHT, "width_px": WIDTH}
    view = {"name": "top", "camera": camera, "rule": (RULE,)}
    station = small_station(folder, view, frame_slots=32)
    keys = {"folder": folder / "pictures", "min_free_mb": 0} | images
    section = ImagesSection.model_validate(keys)
    records = station.records.model_copy(update={"images": section})
    return station.model_copy(update={"records": records})


def pass_parts(station: Station, folder: Path, count: int, *, kill_at: int = 0) -> None:
    """So many parts; the pictures process is killed once so many have passed."""
    plan = simulator_plan(station, 10 * count, folder / "plc.jsonl")
    with simulator(plan), RunningStation(station) as running:
        watched = Watched(running)
        if kill_at:
            watched.until("no parts", lambda: len(watched.tally.verdicts) >= kill_at)
            (row,) = running.rows["pictures"]
            killed = running.beats.rows[row].pid
            os.kill(killed, signal.SIGKILL)
            again = running.beats.rows[row]
            watched.until(
                "never started again",
                lambda: again.pid not in {0, killed} and again.state == RowState.UP,
            )
            count += len(watched.tally.verdicts)
        watched.until("no parts", lambda: len(watched.tally.verdicts) >= count)
    assert remains_of(station) == []


def told(station: Station) -> dict[int, dict[str, Any]]:
    """Verdict, PLC's number and picture of each part, by serial."""
    columns = ("serial", "part_id", "verdict", "kind", "state", "path")
    rows = ask(
        station.records.path,
        f"SELECT {', '.join(columns)} FROM part LEFT JOIN picture USING (run, serial)",  # noqa: S608
    )
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def assert_own(part: dict[str, Any], frames: list[np.ndarray[Any, Any]]) -> None:
    """A kept picture is the frame that was shown for that very part."""
    if part["state"] == "KEPT":
        picture = cv2.imread(part["path"], cv2.IMREAD_UNCHANGED)
        assert picture is not None, part
        assert (picture == frames[(part["part_id"] - 1) % SHOWN]).all(), part


def test_station_keeps_the_picture_of_every_reject_and_of_no_other_part(tmp_path: Path) -> None:
    """Pixel for pixel the frame that was judged; the last part before the stop, too."""
    frames = shown(tmp_path / "shown")
    station = station_of(tmp_path, audit_sample=0)
    pass_parts(station, tmp_path, 16)
    parts = told(station).values()
    rejects = [part for part in parts if part["verdict"] == "REJECT"]
    assert len(rejects) > 5
    # but for one that came late on a busy box: it was thrown out as well
    assert any(part["verdict"] == "ACCEPT" and part["kind"] is None for part in parts)
    assert {part["kind"] for part in parts} <= {"REJECT", None}
    for part in parts:
        assert_own(part, frames)
    assert {part["state"] for part in rejects} - {"NO_FRAME"} == {"KEPT"}


def test_station_goes_on_with_pictures_after_their_process_was_killed(tmp_path: Path) -> None:
    """Each part has its own picture or a miss, told once; none is without a word."""
    frames = shown(tmp_path / "shown")
    station = station_of(tmp_path, every_nth_good=1, audit_sample=2)
    pass_parts(station, tmp_path, 10, kill_at=5)
    parts = told(station)
    for part in parts.values():
        assert part["kind"] is not None or part["verdict"] == "NOT_INSPECTED", part
        assert_own(part, frames)
    kept = [serial for serial, part in parts.items() if part["state"] == "KEPT"]
    assert max(kept) > max(parts) - 5
    assert min(kept) < 6
    lying = {str(path) for path in (tmp_path / "pictures").rglob("*.png")}
    assert {parts[serial]["path"] for serial in kept} <= lying
    assert Path(parts[max(kept)]["path"]).parent.parent.is_dir()
