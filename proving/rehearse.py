"""A rehearsal: the PLC simulator, the station and the judge, for a number of parts.

The simulator is a process of its own and its journal is the judge; the station is
started exactly as `gonogo run` starts it.
"""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gonogo.base.atomic_file import replace
from gonogo.base.errors import NotSimulated, OutputError, ProcessFailed
from gonogo.base.first_line import hand_over
from gonogo.base.ports import joined
from gonogo.base.signals import interruptible
from gonogo.drivers.scene.section import SimulatedSection
from gonogo.ipc.journal import JournalReader
from gonogo.launch.running_station import RunningStation
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.proving.figures import Tally, whose
from gonogo.proving.plcsim.judge import Judgement, judge
from gonogo.proving.plcsim.plan import Plan
from gonogo.proving.plcsim.truth import truth_of
from gonogo.proving.sheet import sheet_of
from gonogo.proving.worth import enough, worth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.config.station import Station
    from gonogo.ipc.journal_records import VerdictEntry

EXIT_STATION, EXIT_INCONCLUSIVE, EXIT_NOT_ENOUGH = 2, 3, 4
SIMULATOR_START_S = 20.0  # it loads image libraries where a section names a camera
WATCH_S = 0.05  # between two readings of the journal, which is a ring and must not be lapped
TRAVEL_MARGIN_MS = 50.0  # from the decision point to the ejector, where the file names no distance


def simulated_plc(station: Station) -> ModbusClientSection | ModbusServerSection:
    """The station's [plc] section; NotSimulated when the simulator cannot be that PLC."""
    plc = station.plc
    if station.trigger.holds_device:
        raise NotSimulated(
            f"[trigger]: driver '{station.trigger.driver}' cannot be rehearsed: no part of the "
            "simulator passes a photo-eye; rehearse a copy of the station file with driver plc or "
            "timer, and try this one with gonogo check"
        )
    if isinstance(plc, ModbusClientSection | ModbusServerSection):
        return plc
    raise NotSimulated(
        f"[plc]: driver '{plc.driver}' cannot be rehearsed: the PLC simulator speaks Modbus TCP, "
        "and is a PLC; rehearse a copy of the station file with driver modbus-client or "
        "modbus-server and a host, and try this one with gonogo check"
    )


def simulator_plan(station: Station, parts: int, journal: Path, **overrides: Any) -> Plan:  # noqa: ANN401 - fields of Plan
    """What the simulator must do to be this station's PLC."""
    line, plc = station.station, simulated_plc(station)
    # the ejector lies behind the decision point, or a scan that is late would decide nothing
    travel_ms = line.budget_ms + TRAVEL_MARGIN_MS
    if line.decision_distance_mm is not None:
        travel_ms = max(line.budget_ms, 1000 * line.decision_distance_mm / line.speed_mm_s)
    fields: dict[str, Any] = {
        "journal": journal,
        "parts": parts,
        "station": "server",
        "host": plc.host,
        "port": plc.port,
        "unit_id": plc.unit,
        "scan_ms": plc.scan_ms,
        "pitch_ms": line.pitch_ms,
        "budget_ms": line.budget_ms,
        "travel_ms": travel_ms,
        "belt_mm_s": line.speed_mm_s,
        # ground truth goes by the camera's own section: the judge draws the same parts
        "trigger": "plc" if station.trigger.named_by_plc else "device",
        "sections": tuple(view.camera.model_dump(mode="json") for view in station.view),
        # a box of its own would not wait for ours; below the line and its engine, as it is no PLC
        "rank": max(station.realtime.priority - 2, 1),
    }
    # the station's role: a client finds a server in the simulator, a server is polled by it
    if isinstance(plc, ModbusClientSection):
        fields |= {"station": "client", "d_base": plc.d_base, "p_base": plc.p_base}
        fields |= {"coil_base": plc.coil_base, "station_waits_ms": plc.timeout_ms}
    return Plan(**(fields | overrides))


def known(station: Station) -> tuple[dict[str, Any], ...]:
    """The sections of the cameras that know what a part is, where others stand beside them."""
    return tuple(
        view.camera.model_dump(mode="json")
        for view in station.view
        if isinstance(view.camera, SimulatedSection)
    )


@contextmanager
def simulator(plan: Plan) -> Iterator[subprocess.Popen[str]]:
    """The simulator process, ready to serve or to poll."""
    process = subprocess.Popen(
        # -I: neither the working directory nor the user's own modules shall answer for it
        [sys.executable, "-I", "-m", "gonogo.proving.plcsim.simulator"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us: we end it once the station has stopped
        text=True,
    )
    try:
        hand_over(process, plan.model_dump_json())
        if process.stdout is None or not _says_ready(process):
            raise ProcessFailed(
                f"the PLC simulator did not start on {joined(plan.host, plan.port)} "
                "(its message stands above): a port in use, or not permitted below 1024"
            )
        yield process
    finally:
        # it writes its journal to the end, which the judge reads afterwards
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)  # s; then whatever it hangs in would keep the port
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _says_ready(process: subprocess.Popen[str]) -> bool:
    # one that could not start has ended: then this is readable, and the line is empty
    if process.stdout is None or not select.select([process.stdout], [], [], SIMULATOR_START_S)[0]:
        return False
    return process.stdout.readline().startswith("ready")


class View(Protocol):
    """Whoever shows parts as they happen (commands/show/live.py)."""

    def heading(self) -> None:
        """Before the first part."""
        ...

    def show(self, entry: VerdictEntry) -> None:
        """One part."""
        ...


def rehearse(
    station: Station,
    parts: int,
    view: View | None = None,
    sheet: Path | None = None,
    **overrides: Any,  # noqa: ANN401 - fields of Plan
) -> dict[str, Any]:
    """Run the rehearsal and return its figures; the keys are stable (docs/measured.md).

    `sheet`: where to put a picture of the bad parts that passed (PNG); OutputError.
    """
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="gonogo-") as folder, interruptible() as stop:
        journal = Path(folder) / "plc.jsonl"
        plan = simulator_plan(station, parts, journal, **overrides)
        # the PLC first: a station that is a client finds it at its first try
        with simulator(plan) as plc, RunningStation(station) as running:
            reader = JournalReader(running.journal)
            if view is not None:
                view.heading()
            while plc.poll() is None and not stop.asked:
                running.wait(WATCH_S)
                _show(tally, reader, view)
            _show(tally, reader, view)
            # while it runs: afterwards its memory is gone
            backend = running.engine_backend
        # the simulator has ended by now, so its journal is whole
        judged = judge(journal)
        found = figures(station, judged, tally)
    shown = None if sheet is None else _write_sheet(sheet, sheet_of(station, judged.rows))
    return found | {"engine_backend": backend, "interrupted": stop.asked, "sheet": shown}


def _write_sheet(path: Path, png: bytes | None) -> str | None:
    """The bad parts that passed; one of an earlier rehearsal goes, for it tells of another."""
    if png is None:
        path.unlink(missing_ok=True)
        return None
    try:
        replace(path, png)
        return str(path)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written: {error.strerror}; expected a folder that takes files of "
            "this user: --sheet FILE.png"
        ) from error


def _show(tally: Tally, reader: JournalReader, view: View | None) -> None:
    for entry in tally.take(reader):
        if view is not None:
            view.show(entry)


def figures(station: Station, judged: Judgement, tally: Tally) -> dict[str, Any]:
    """Everything a rehearsal has found, as plain values."""

    def good(part_id: int) -> bool:
        return all(truth_of(view.camera, part_id).good for view in station.view)

    return {
        "station": station.station.name,
        "asked": judged.planned,
        "parts": judged.parts,
        "verdicts": judged.verdicts,
        "verdict_kinds": judged.kinds,
        "late": judged.late,
        "missing": judged.missing,
        "wrong_part": judged.wrong_part,
        "doubled": judged.doubled,
        "good": judged.good,
        "bad": judged.bad,
        "confusion": {
            "rules": tally.confusion(good, lambda entry: entry.rules),
            "engine": tally.confusion(good, lambda entry: entry.engine),
            # what became of the parts at the ejector; rules and engine alone are opinions
            "both": {"overkill": judged.overkill, "escape": judged.escape},
        },
        "stages_ms": tally.stages_ms(),
        "ack_ms": judged.ack_ms,
        "modes": tally.modes(),
        "worth": worth(station, judged, tally.verdicts.values()),
    } | whose(judged)


def passed(found: dict[str, Any]) -> bool:
    """Whether every part had exactly one timely verdict of its own, to the last part asked for."""
    # overkill and escape are no failure of the wire: how well it inspects is another question
    clean = all(found[key] == 0 for key in ("late", "missing", "wrong_part", "doubled"))
    return clean and found["verdicts"] == found["parts"] and _complete(found)


def inconclusive(found: dict[str, Any]) -> bool:
    """Whether the judge's own lateness, and nothing else, explains what was not as it should be."""
    station = found["by_station"]["late"] + found["by_station"]["missing"]
    wrong = station + found["wrong_part"] + found["doubled"]
    return found["missing"] > 0 and wrong == 0 and _complete(found)


def exit_code(found: dict[str, Any]) -> int:
    """0 passed, 2 failed by the station, however late the judge was, 3 inconclusive.

    4: all verdicts were in time, but more of them were wrong than the station file allows.
    """
    if passed(found):
        return 0 if enough(found) else EXIT_NOT_ENOUGH
    return EXIT_INCONCLUSIVE if inconclusive(found) else EXIT_STATION


def _complete(found: dict[str, Any]) -> bool:
    """It ran to the last part, and there was one."""
    return found["parts"] == found["asked"] > 0 and not found["interrupted"]


def write_report(path: Path, found: dict[str, Any]) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
