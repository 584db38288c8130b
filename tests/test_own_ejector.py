"""A whole station without a PLC: the coil at the nozzle does what the records say."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.plc.eject import EjectSection
from gonogo.plc.modbus_io import ModbusIoSection
from gonogo.runtime.entries import VerdictEntry
from gonogo.runtime.journal import JournalReader
from gonogo.runtime.parts import NS_PER_MS, Kind
from gonogo.runtime.startup import RunningStation
from gonogo.tests.stations import DIAMETER, small_station, synthetic

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.server import ModbusServer as IoModule

if TYPE_CHECKING:
    from pathlib import Path

PARTS = 15
PERIOD_MS = 120
SLACK_MS = 15.0  # of a shared machine; looks nearer to an edge of a window say nothing


def test_station_without_a_plc_passes_what_it_accepted_and_nothing_else(tmp_path: Path) -> None:
    """The module's coil, looked at all the time, against verdicts and triggers of the journal."""
    module = IoModule("127.0.0.1", 0, no_block=True)
    module.start()
    camera = synthetic(defects=("wrong_size",), defect_pct=50, seed=3)
    view = {"name": "top", "camera": camera, "rule": (DIAMETER,)}
    trigger = {"driver": "timer", "period_ms": PERIOD_MS}
    station = small_station(
        tmp_path, view, trigger=trigger, budget_ms=75.0, pitch_mm=0.2 * PERIOD_MS
    )
    eject = EjectSection(distance_mm=30, window_mm=10)  # 125 to 175 ms after the trigger
    port = module._service.server_address[1]
    plc = ModbusIoSection(driver="modbus-io", host="127.0.0.1", port=port)
    station = station.model_copy(update={"plc": plc, "eject": eject})
    looks: list[tuple[int, bool]] = []
    entries: list[VerdictEntry] = []
    with RunningStation(station) as running:
        reader = JournalReader(running.journal)
        while len(entries) < PARTS:
            looks.append((time.monotonic_ns(), bool(module.data_bank.get_coils(0, 1)[0])))
            entries += [e for e in reader if isinstance(e, VerdictEntry)]
            time.sleep(0.003)
    module.stop()
    begin_ms, end_ms = eject.window_ms(station.station.speed_mm_s)
    seen = dict.fromkeys(Kind, 0)
    followed = entries[3:-3]  # the belt before the start is unknown, the last ones are under way
    for entry in followed:
        window = [
            on
            for at_ns, on in looks
            if begin_ms + SLACK_MS < (at_ns - entry.part.trigger_ns) / NS_PER_MS < end_ms - SLACK_MS
        ]
        if window:
            assert set(window) == {entry.kind is Kind.ACCEPT}, entry
            seen[entry.kind] += 1
    assert min(seen[Kind.ACCEPT], seen[Kind.REJECT]) > 0, "all parts were alike"
