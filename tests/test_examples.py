"""The example packages of docs/: installed beside gonogo as a plant would, and run."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.records.months import ask
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "newest-file-camera"
WAIT_S = 120
PARTS = 5
FEED = """
import sys, time
from pathlib import Path
import cv2, numpy as np
folder, k = Path(sys.argv[1]), 0
rng = np.random.default_rng(1)
part = np.full((96, 128, 3), 30, np.uint8)
part[20:76, 30:90] = 220
while True:
    k += 1
    ok, png = cv2.imencode(".png", part + rng.integers(0, 9, part.shape, np.uint8))
    half = folder / f"{k:06d}.part"
    half.write_bytes(png.tobytes())
    half.rename(folder / f"{k:06d}.png")
    time.sleep(0.02)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has what this one has, and the example: installed, not on a path."""
    home = tmp_path_factory.mktemp("plant")
    target, venv = home / "packages", home / "venv"
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *offline, str(EXAMPLE)], check=True, timeout=WAIT_S)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=WAIT_S
    )
    (site,) = (venv / "lib").glob("python*/site-packages")
    here = sysconfig.get_path("purelib")
    (site / "plant.pth").write_text(
        f"import site; site.addsitedir({here!r}); site.addsitedir({str(target)!r})\n"
    )
    return venv / "bin" / "python"


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """A station file with that camera, and a timer as trigger."""
    (tmp_path / "spool").mkdir()
    path = tmp_path / "station.toml"
    path.write_text(
        f'[station]\nname = "t{free_port()}.plant"\nbudget_ms = 300\npitch_mm = 100\n'
        '[trigger]\ndriver = "timer"\nperiod_ms = 400\n'
        f'[plc]\ndriver = "modbus-server"\nport = {free_port()}\n'
        '[[view]]\nname = "top"\n[view.camera]\ndriver = "newest-file"\nfolder = "spool"\n'
        "width_px = 128\nheight_px = 96\n"
        '[[view.rule]]\nname = "width"\nkind = "dimension"\nmeasure = "width"\n'
        'segment = { object_is = "light", threshold = 100 }\nlow = 50\nhigh = 70\n'
        '[records]\npath = "parts.sqlite"\n[realtime]\nenabled = false\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture
def spool(python: Path, station: Path) -> Iterator[None]:
    """Another program writes pictures."""
    command = [str(python), "-I", "-c", FEED, str(station.parent / "spool")]
    feeder = subprocess.Popen(command)
    yield
    feeder.kill()
    feeder.wait()


def gonogo(python: Path, *words: str) -> list[str]:
    """The command line, by that Python."""
    return [str(python), "-I", "-c", "from gonogo.commands.cli import main; main()", *words]


def test_example_keeps_the_contract_of_all_cameras(python: Path) -> None:
    """Its own tests, with the suite that ships in the wheel."""
    command = [str(python), "-I", "-m", "pytest", "-q", "-p", "no:randomly", str(EXAMPLE)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=WAIT_S, cwd=EXAMPLE
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_station_file_names_the_example_as_any_other(python: Path, station: Path) -> None:
    """Its keys are checked by its own section, with line and range."""
    text = station.read_text(encoding="utf-8")
    wrong = station.with_name("wrong.toml")
    wrong.write_text(text.replace("width_px = 128", "width_px = 4\nwith_px = 1"), encoding="utf-8")
    done = subprocess.run(
        gonogo(python, "check", str(wrong)), check=False, capture_output=True, text=True,
        timeout=WAIT_S,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "view[0].camera.width_px: expected 8 to 16384 px, got 4" in said
    assert "did you mean 'width_px'" in said


@pytest.mark.usefixtures("spool")
def test_station_with_the_example_judges_parts(python: Path, station: Path) -> None:
    """Checked, then run: the line opens it in a process of its own, and parts are measured."""
    checked = subprocess.run(
        gonogo(python, "check", str(station)), check=False, capture_output=True, text=True,
        timeout=WAIT_S,
    )  # fmt: skip
    assert "view 'top': newest-file camera, 128 x 96 px bgr8" in checked.stdout, checked.stderr
    process = subprocess.Popen(gonogo(python, "run", str(station)))
    end_s = time.monotonic() + WAIT_S
    while measured(station) < PARTS and time.monotonic() < end_s and process.poll() is None:
        time.sleep(0.2)
    process.terminate()
    assert process.wait(WAIT_S) == 0
    assert measured(station) >= PARTS


def measured(station: Path) -> int:
    """How many parts have been measured as they are."""
    with contextlib.suppress(sqlite3.Error):
        query = "SELECT COUNT(*) FROM rule WHERE value=60.0"
        ((count,),) = ask(station.parent / "parts.sqlite", query)
        return int(count)
    return 0  # the table is not there yet
