"""A whole station that is in time and lets bad parts pass: exit code 4, and what to do about it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.proving.rehearse import EXIT_INCONCLUSIVE, EXIT_NOT_ENOUGH
from gonogo.tests.stations import free_port
from gonogo.tests.test_bad_input import GONOGO

if TYPE_CHECKING:
    from pathlib import Path

ATTEMPTS = 3  # on a busy box the judge may be late itself
PATIENCE_S = 120.0
FILE = """
[station]
name = "t{port}"
budget_ms = 150
pitch_mm = 32
max_overkill_pct = 10
[trigger]
driver = "plc"
[plc]
driver = "modbus-client"
host = "127.0.0.1"
port = {port}
[[view]]
name = "top"
[view.camera]
driver = "replay"
folder = "parts"
width_px = 160
height_px = 120
[[view.rule]]
name = "wide"
kind = "dimension"
measure = "width"
segment = {{ object_is = "light", threshold = 70 }}
low = 20
high = 90
[records]
path = "records.sqlite"
[realtime]
enabled = false
"""


def parts(folder: Path) -> None:
    """Good plates of 40 and 42 px; bad ones of 60 px, which passes, and of 100 px."""
    widths = {"good/a.png": 40, "good/b.png": 42, "long/c.png": 60, "long/d.png": 100}
    for name, width_px in widths.items():
        frame = np.zeros((120, 160, 3), np.uint8)
        frame[30:90, 20 : 20 + width_px] = 200
        path = folder / "parts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".png", frame)[1].tobytes())


def test_rehearse_ends_with_4_where_bad_parts_passed_in_time(tmp_path: Path) -> None:
    """It names the picture and the limit, draws a sheet, and its last line says how good it is."""
    parts(tmp_path)
    path, report = tmp_path / "cell.toml", tmp_path / "report.json"
    for _ in range(ATTEMPTS):
        path.write_text(FILE.format(port=free_port()), encoding="utf-8")
        command = [str(GONOGO), "rehearse", str(path), "--parts", "8", "--report", str(report)]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=PATIENCE_S
        )
        if done.returncode != EXIT_INCONCLUSIVE:
            break
    assert done.returncode == EXIT_NOT_ENOUGH, done.stdout + done.stderr
    lines = done.stdout.strip().splitlines()
    assert lines[-1].startswith("NOT GOOD ENOUGH, exit code 4: escape 50.0 % (2 of 4;")
    assert "overkill 0.0 % (0 of 4;" in lines[-1]
    assert "at most 10 % is wanted (max_overkill_pct)" in lines[-1]
    (lead,) = [line for line in lines if "lets pass" in line]
    assert "rule 'wide'" in lead
    assert "long/c.png (60); high = 51 would have rejected them" in lead
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["worth"]["escaped"] == ["long/c.png"]
    assert cv2.imread(found["sheet"]) is not None
    assert found["sheet"] in done.stdout
