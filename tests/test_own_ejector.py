"""A whole station without a PLC: the coil at the nozzle does what the records say."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import NS_PER_MS, VerdictKind
from gonogo.ipc.control_socket import ask
from gonogo.ipc.journal import JournalReader
from gonogo.ipc.journal_records import DeliveryEntry, VerdictEntry
from gonogo.launch.running_station import RunningStation
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.tests.stations import DIAMETER, small_station, synthetic

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.server import ModbusServer as IoModule

from gonogo.tests.plc.iomodule import COIL
from gonogo.tests.plc.iomodule import IoModule as ScriptedModule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARTS = 15
WAIT_S = 60.0
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
    seen = dict.fromkeys(VerdictKind, 0)
    followed = entries[3:-3]  # the belt before the start is unknown, the last ones are under way
    for entry in followed:
        window = [
            on
            for at_ns, on in looks
            if begin_ms + SLACK_MS < (at_ns - entry.part.trigger_ns) / NS_PER_MS < end_ms - SLACK_MS
        ]
        if window:
            assert set(window) == {entry.kind is VerdictKind.ACCEPT}, entry
            seen[entry.kind] += 1
    assert min(seen[VerdictKind.ACCEPT], seen[VerdictKind.REJECT]) > 0, "all parts were alike"


def test_station_whose_output_is_dead_delivers_nothing_until_it_works_and_is_acknowledged(
    tmp_path: Path,
) -> None:
    """From the module to `gonogo acknowledge` and back."""
    trigger = {"driver": "timer", "period_ms": PERIOD_MS}
    station = small_station(tmp_path, trigger=trigger, budget_ms=75.0, pitch_mm=0.2 * PERIOD_MS)
    with ScriptedModule() as module:
        plc = ModbusIoSection(
            driver="modbus-io", host="127.0.0.1", port=module.port, eject_coil=COIL
        )
        eject = EjectSection(distance_mm=30, window_mm=10)
        station = station.model_copy(update={"plc": plc, "eject": eject})
        with RunningStation(station) as running:
            reader = JournalReader(running.journal)

            def follows(delivered: Callable[[list[bool]], bool]) -> None:
                """Until the last facts are so."""
                facts: list[bool] = []
                end_s = time.monotonic() + WAIT_S
                while not delivered(facts):
                    assert time.monotonic() < end_s, facts
                    facts += [e.delivered for e in reader if isinstance(e, DeliveryEntry)]
                    time.sleep(0.02)

            follows(lambda facts: facts[-5:] == [True] * 5)
            module.dead = True
            follows(lambda facts: facts[-5:] == [False] * 5)
            module.dead = None
            follows(lambda facts: len(facts) >= 5 and not any(facts))
            ask(station.station.name, do="acknowledge")
            follows(lambda facts: facts[-5:] == [True] * 5)
