"""Station files for tests that run a station as a service, from its file as `gonogo run` does.

Import as `gonogo.tests.services`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gonogo.build.station import Make, prepare_station
from gonogo.config.station import load_station
from gonogo.tests.stations import free_port, tiny_engine

DEMO = Path(__file__).resolve().parents[1] / "stations" / "demo.toml"
GONOGO = Path(sys.executable).with_name("gonogo")
STEADY = """
[station]
name = "{name}"
budget_ms = 150.0
pitch_mm = 32.0
[trigger]
driver = "plc"
[plc]
driver = "modbus-client"
host = "127.0.0.1"
port = {port}
[[view]]
name = "top"
[view.camera]
driver = "synthetic"
width_px = 160
height_px = 120
[view.engine]
model = "tiny.onnx"
backend = "onnxruntime"
[[view.rule]]
name = "diameter"
kind = "dimension"
measure = "width"
mm_per_px = 0.8
segment = {{ object_is = "light", threshold = 70 }}
low = 70.0
high = 74.0
[records]
path = "records/records.sqlite"
"""


def steady(home: Path) -> Path:
    """A station whose engine needs no machine code of its own making."""
    tiny_engine(home / "tiny.onnx")
    file = home / "station.toml"
    name = f"steady{os.getpid()}"
    file.write_text(STEADY.format(name=name, port=free_port()), encoding="utf-8")
    return file


def taught(home: Path) -> Path:
    """The demonstration, whose engine tries each backend; it is to be made yet."""
    text = DEMO.read_text(encoding="utf-8")
    for old, new in (
        ('name = "demo"', f'name = "taught{os.getpid()}"'),
        ("port = 15020", f"port = {free_port()}"),
        ("../var/demo/", "records/"),
        ('method = "teach"', 'method = "teach"\neyes = "filters"'),  # quick wherever it is
    ):
        assert old in text
        text = text.replace(old, new)
    file = home / "station.toml"
    file.write_text(text, encoding="utf-8")
    return file


def prepared(home: Path) -> Path:
    """The same with its engine, as `gonogo prepare` makes it before the first start."""
    file = taught(home)
    prepare_station(load_station(file), lambda *_: None, Make.MISSING)
    return file
