"""A station whose rule reads codes, rehearsed: what was read travels into its records."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.tests.records.months import ask
from gonogo.tests.rules.codes import drawn, on_frame
from gonogo.tests.services import GONOGO
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from pathlib import Path

WAIT_S = 180
TEXTS = ("SN-0001", "XX-1", None)  # right, wrong, and a part without a label


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """Parts with these labels, one after the other, and time enough for a busy box."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for k, text in enumerate(TEXTS):
        # a frame of one level everywhere is not trusted at all
        bare = np.random.default_rng(1).integers(150, 190, (240, 320, 3), np.uint8)
        frame = bare if text is None else on_frame(drawn("qr", text), 240, 320)
        cv2.imwrite(str(pictures / f"{k}.png"), frame)
    path = tmp_path / "station.toml"
    path.write_text(
        f'[station]\nname = "t{free_port()}.codes"\nbudget_ms = 2000\npitch_mm = 500\n'
        f'[trigger]\ndriver = "plc"\n[plc]\ndriver = "modbus-client"\nhost = "127.0.0.1"\n'
        f"port = {free_port()}\n"
        '[[view]]\nname = "top"\n[view.camera]\ndriver = "replay"\nfolder = "pictures"\n'
        "width_px = 320\nheight_px = 240\n"
        '[[view.rule]]\nname = "serial"\nkind = "code"\nsymbology = ["qr"]\n'
        'matches = "SN-[0-9]{4}"\ntime_ms = 900\n'
        '[records]\npath = "parts.sqlite"\n[realtime]\nenabled = false\n',
        encoding="utf-8",
    )
    return path


def test_codes_are_judged_and_kept(station: Path) -> None:
    """Only the right one is accepted; each text lies beside the verdict that it led to."""
    command = [str(GONOGO), "rehearse", str(station), "--parts", "9"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert done.returncode == 4, done.stdout + done.stderr  # no picture says that it is good
    query = "SELECT DISTINCT text, verdict FROM part LEFT JOIN text USING (run, serial)"
    found = set(ask(station.parent / "parts.sqlite", query))
    assert {("SN-0001", "ACCEPT"), ("XX-1", "REJECT"), (None, "RECHECK")} <= found
    # a busy box may have read one too late, and accepts nothing on that
    assert {text for text, verdict in found if verdict == "ACCEPT"} == {"SN-0001"}
