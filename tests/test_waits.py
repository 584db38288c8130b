"""What a box brings late is waited for: `gonogo run` as a process, `gonogo status` beside it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.tests.services import GONOGO
from gonogo.tests.stations import PLAIN_FILE, free_port, tiny_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_S = 120.0
REPLAY = 'driver = "replay"\nfolder = "pictures"\nwidth_px = 640\nheight_px = 480'
SYNTHETIC = 'driver = "synthetic"\nwidth_px = 640\nheight_px = 480'


class Started:
    """A station that was started; ended by its process alone."""

    def __init__(self, file: Path, name: str) -> None:
        self.name = name
        self._said = file.with_suffix(".log")
        with self._said.open("w", encoding="utf-8") as out:
            self.process = subprocess.Popen([str(GONOGO), "run", str(file)], stderr=out)

    def said(self) -> str:
        """All that it said so far."""
        return self._said.read_text(encoding="utf-8")

    def until(self, done: Callable[[], bool]) -> None:
        """Wait until something is so; the process must live meanwhile."""
        end_s = time.monotonic() + PATIENCE_S
        while not done():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end_s, self.said()
            time.sleep(0.05)

    def status(self) -> dict[str, object]:
        """As `gonogo status` gives it to programs; {} where there is nobody to ask."""
        command = [str(GONOGO), "status", "--json", "--station", self.name]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        return dict(json.loads(found.stdout)) if found.returncode == 0 else {}


@pytest.fixture
def start() -> Iterator[Callable[[Path, str], Started]]:
    """Start a station of a text; what still runs is stopped at the end."""
    all_of_them: list[Started] = []

    def begin(folder: Path, text: str) -> Started:
        name = f"w{free_port()}"
        file = folder / "station.toml"
        text = text.replace('"cell"', f'"{name}"').replace("1502", str(free_port()))
        file.write_text(text, encoding="utf-8")
        all_of_them.append(Started(file, name))
        return all_of_them[-1]

    yield begin
    for each in all_of_them:
        each.process.send_signal(signal.SIGTERM)
        try:
            each.process.wait(PATIENCE_S)
        finally:
            each.process.kill()


def pictures(folder: Path) -> None:
    """What a camera of the station would give."""
    cv2 = pytest.importorskip("cv2")
    folder.mkdir(exist_ok=True)
    cv2.imwrite(str(folder / "1.png"), np.full((480, 640, 3), 90, np.uint8))


def late_folder(folder: Path) -> tuple[str, Callable[[], None]]:
    """Pictures on a disk that is mounted late."""
    return PLAIN_FILE.replace(SYNTHETIC, REPLAY), lambda: pictures(folder / "pictures")


def empty_folder(folder: Path) -> tuple[str, Callable[[], None]]:
    """The folder on which that disk is mounted is there from the beginning."""
    (folder / "pictures").mkdir()
    return late_folder(folder)


def with_engine(folder: Path) -> tuple[str, Path]:
    """A station with an engine, and where that lies."""
    model = tiny_engine(folder / "made.onnx")
    engine = '[view.engine]\nmodel = "made.onnx"\nbackend = "onnxruntime"\n'
    return PLAIN_FILE.replace("[[view.rule]]", f"{engine}[[view.rule]]"), model


def late_engine(folder: Path) -> tuple[str, Callable[[], None]]:
    """An engine and its card, which come later."""
    text, model = with_engine(folder)
    away = folder / "stick"
    away.mkdir()
    both = [model, model.with_suffix(".json")]
    for each in both:
        shutil.move(each, away / each.name)

    def bring() -> None:
        for each in both:
            shutil.move(away / each.name, each)

    return text, bring


def half_copied_engine(folder: Path) -> tuple[str, Callable[[], None]]:
    """An engine that somebody is copying."""
    text, model = with_engine(folder)
    whole = model.read_bytes()
    model.write_bytes(whole[: len(whole) // 2])

    def bring() -> None:
        model.write_bytes(whole)

    return text, bring


def without_bundles() -> str:
    """A folder of engines that is not there."""
    engine = '[view.engine]\nbundle = "bolt"\n'
    folder = '\n[engines]\nfolder = "engines"\n'
    return PLAIN_FILE.replace("[[view.rule]]", f"{engine}[[view.rule]]") + folder


@pytest.mark.parametrize("late", [late_folder, empty_folder, late_engine, half_copied_engine])
def test_start_waits_for_what_comes_late_and_then_judges(
    tmp_path: Path,
    start: Callable[[Path, str], Started],
    late: Callable[[Path], tuple[str, Callable[[], None]]],
) -> None:
    """It says what, once; status says so for as long as that lasts; then a line lives."""
    text, bring = late(tmp_path)
    station = start(tmp_path, text)
    station.until(lambda: station.status().get("word") == "waiting")
    found = station.status()
    assert found["mode"] == "SAFE"
    assert str(tmp_path) in str(found["waits"])
    assert station.said().count("the station waits for it") == 1
    bring()
    station.until(lambda: station.status().get("word") == "no-plc")


def test_start_waits_for_an_engine_that_nobody_has_installed_yet(
    tmp_path: Path, start: Callable[[Path, str], Started]
) -> None:
    """Not even the folder of engines is there; asked to stop, it ends in order."""
    station = start(tmp_path, without_bundles())
    station.until(lambda: station.status().get("word") == "waiting")
    station.process.send_signal(signal.SIGTERM)
    assert station.process.wait(PATIENCE_S) == 0
    assert station.status() == {}


WRONG = PLAIN_FILE.replace("low = 1.0", "low = 60.0")
NO_PACKAGE = PLAIN_FILE.replace('"modbus-client"', '"modbus-cleint"')
NO_IMAGE = PLAIN_FILE + (
    '\n[[view.rule]]\nname = "lid"\nkind = "presence"\nmethod = "golden"\nhigh = 9.0\n'
    'image = "lid.png"\nlearn_from = "good"\n'
)
NO_WATCHDOG = PLAIN_FILE + '\n[watchdog]\ndevice = "watchdog0"\n'
TWICE = PLAIN_FILE.replace("[records]", "[[view.rule]]\n[records]")


@pytest.mark.parametrize(
    ("text", "code"),
    [(WRONG, 1), (NO_PACKAGE, 1), (TWICE, 1), (NO_IMAGE, 2), (NO_WATCHDOG, 2), (None, 2)],
    ids=["wrong limits", "no such driver", "no such rule", "not learnt", "no watchdog", "no file"],
)
def test_only_a_wrong_station_file_ends_with_1(tmp_path: Path, text: str | None, code: int) -> None:
    """The unit does not try that again; everything else it does."""
    file = tmp_path / "station.toml"
    if text is not None:
        file.write_text(text.replace('"cell"', f'"w{os.getpid()}"'), encoding="utf-8")
    found = subprocess.run(
        [str(GONOGO), "run", str(file)], capture_output=True, text=True, check=False,
        timeout=PATIENCE_S,
    )  # fmt: skip
    assert found.returncode == code, found.stderr
    assert "Traceback" not in found.stderr
