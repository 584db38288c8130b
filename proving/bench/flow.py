"""Ten thousand parts at fifty a second under a PLC with a 20 ms scan, in both roles."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.proving.bench.rows import Row
from gonogo.proving.campaign.ground import campaign_station, free_port
from gonogo.proving.rehearse import rehearse

if TYPE_CHECKING:
    from gonogo.config.station import Station

PARTS, PITCH_MS, SCAN_MS = 10_000, 20.0, 20.0  # 50 a second, for more than three minutes
NAMES = ("flow_50hz_client", "flow_50hz_server")


def measure() -> list[Row]:
    """Parts with exactly one timely record of their own, over all parts; one row a role."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        station = campaign_station(folder, 1, lambda *_: None, PITCH_MS)
        # a part comes in each scan: one record a scan on average, and no room to fall behind
        client = station.plc.model_copy(update={"scan_ms": SCAN_MS, "port": free_port()})
        server = ModbusServerSection(
            driver="modbus-server", host="127.0.0.1", port=free_port(), scan_ms=SCAN_MS
        )
        return [
            _row(NAMES[0], station.model_copy(update={"plc": client})),
            _row(NAMES[1], station.model_copy(update={"plc": server})),
        ]


def _row(name: str, station: Station) -> Row:
    found = rehearse(station, PARTS)
    # a late one is missing, too, and counts twice here: none may be
    wrong = found["late"] + found["missing"] + found["wrong_part"] + found["doubled"]
    kinds = ", ".join(f"{count} {kind}" for kind, count in found["verdict_kinds"].items())
    note = f"one part in {PITCH_MS:g} ms, scan {SCAN_MS:g} ms, budget {station.station.budget_ms:g}"
    note = f"{note} ms; at the PLC: {kinds}; acknowledged p50 {found['ack_ms']['p50']} ms"
    if found["by_judge"]["missing"]:
        note = f"{note}; {found['by_judge']['missing']} untimely by the PLC simulator itself"
    return Row(name, found["parts"] - wrong, found["parts"], "higher", "parts", 1.0, note)
