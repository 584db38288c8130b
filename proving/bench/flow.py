"""Ten thousand parts at fifty a second under a PLC with a 20 ms scan, in both roles."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.proving.bench.rows import Row
from gonogo.proving.campaign.ground import campaign_station, free_port
from gonogo.proving.rehearse import rehearse

PARTS, PITCH_MS, SCAN_MS = 10_000, 20.0, 20.0  # 50 a second, for more than three minutes
NAMES = ("flow_50hz_client", "flow_50hz_server")


def measure() -> list[Row]:
    """Parts with exactly one timely record of their own, over all parts; one row a role."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as place:
        folder = Path(place)
        station = campaign_station(folder, 1, lambda *_: None, PITCH_MS)
        # a part comes in each scan: one record a scan on average, and no room to fall behind
        client = station.plc.model_copy(update={"scan_ms": SCAN_MS, "port": free_port()})
        server = ModbusServerSection(
            driver="modbus-server", host="127.0.0.1", port=free_port(), scan_ms=SCAN_MS
        )
        stations = (
            station.model_copy(update={"plc": client}),
            station.model_copy(update={"plc": server}),
        )
        budget_ms = station.station.budget_ms
        return [
            row_of(name, budget_ms, rehearse(each, PARTS))
            for name, each in zip(NAMES, stations, strict=True)
        ]


def row_of(name: str, budget_ms: float, found: dict[str, Any]) -> Row:
    """The row of one role, from the figures of its rehearsal."""
    # a late one is missing, too, and counts twice here: none may be
    wrong = found["late"] + found["missing"] + found["wrong_part"] + found["doubled"]
    kinds = ", ".join(f"{count} {kind}" for kind, count in found["verdict_kinds"].items())
    note = f"one part in {PITCH_MS:g} ms, scan {SCAN_MS:g} ms, budget {budget_ms:g}"
    note = f"{note} ms; at the PLC: {kinds}; acknowledged p50 {found['ack_ms']['p50']} ms"
    if found["by_judge"]["missing"]:
        note = f"{note}; {found['by_judge']['missing']} untimely by the PLC simulator itself"
    return Row(name, found["parts"] - wrong, found["parts"], "higher", "parts", 1.0, note)
