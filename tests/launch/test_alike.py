"""Which processes are adopted by a supervisor that begins anew: those that were told the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gonogo.config.access import AccessSection
from gonogo.config.console import ConsoleSection
from gonogo.config.live_keys import LIVE
from gonogo.console.screen.plan import ScreenPlan
from gonogo.console.serial.plan import ConsolePlan
from gonogo.drivers.cameras.basler.section import BaslerSection
from gonogo.ipc.identity import Seals
from gonogo.launch.alike import line_alike
from gonogo.launch.process_rows import ROWS, supervisor_plan
from gonogo.launch.told import Origin, tell_line
from gonogo.records.drift.section import DriftSection
from gonogo.records.metrics.process import MetricsPlan
from gonogo.tests.drivers.cameras.basler.emulator import keys as machine
from gonogo.tests.launch.test_told import given, scored_station
from gonogo.tests.stations import DIAMETER, small_station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.section import Section
    from gonogo.config.station import Station

SEALS = Seals(b"a secret of the tests")


def digest(station: Station, sha256: str = "ab") -> int:
    """Of all that processes are started from."""
    return supervisor_plan(station, origin=Origin(False, None, sha256)).digest(SEALS)  # noqa: FBT003 - as it is declared


def test_line_is_the_same_line_with_other_limits_of_bundles_alone(tmp_path: Path) -> None:
    """What is compared leaves them out where the line learns them, and nothing else."""
    plan = tell_line(given(scored_station(tmp_path)))
    raised = plan.limits[1]
    assert raised is not None
    other = plan.model_copy(
        update={"limits": (None, raised.model_copy(update={"reject_above": 9.0}))}
    )
    assert line_alike(other, exchanges=True) == line_alike(plan, exchanges=True)
    assert line_alike(other, exchanges=False) != line_alike(plan, exchanges=False)
    fallen = plan.model_copy(update={"fell_back": True})
    assert line_alike(fallen, exchanges=True) != line_alike(plan, exchanges=True)


def test_processes_are_adopted_when_what_changes_live_has_changed(tmp_path: Path) -> None:
    """The same processes of a file whose console has another rate, and others of another budget."""
    made = small_station(tmp_path)
    station = made.model_copy(update={"console": ConsoleSection(device="/dev/ttyS1")})
    slower = ConsoleSection(device="/dev/ttyS1", baud=9600)
    longer = AccessSection(operator_idle_s=60.0)
    changed = station.model_copy(update={"console": slower, "access": longer})
    assert digest(changed, "cd") == digest(station)
    line = station.station.model_copy(update={"budget_ms": 120.0})
    assert digest(station.model_copy(update={"station": line})) != digest(station)
    assert digest(made) != digest(station)


def test_what_changes_live_is_told_to_rows_that_no_part_waits_for(tmp_path: Path) -> None:
    """Each row is there, its argument has such a key, and the line is none of them."""
    plans: dict[str, type[Section]] = {
        "console": ConsolePlan, "screen": ScreenPlan, "metrics": MetricsPlan,
    }  # fmt: skip
    rows = {row.name for row in ROWS}
    for told in LIVE.values():
        for row, field in told:
            assert row in rows
            assert field in plans[row].model_fields
    console = ConsoleSection(device="/dev/ttyS1")
    plan = supervisor_plan(small_station(tmp_path).model_copy(update={"console": console}))
    assert [row.name for row in plan.rows if row.apart] == ["console"]


def test_light_of_cameras_is_told_to_their_processes_and_to_drift(tmp_path: Path) -> None:
    """They are adopted with another one, and so is the line; with another region none of them."""
    view = {"name": "top", "camera": machine(), "rule": (DIAMETER,)}
    made = small_station(tmp_path, view, pitch_mm=60.0)

    def lit(**changes: object) -> Station:
        camera = BaslerSection.model_validate(machine(**changes))
        records = made.records.model_copy(update={"drift": DriftSection()})
        views = (made.view[0].model_copy(update={"camera": camera}),)
        return made.model_copy(update={"records": records, "view": views})

    station = lit()
    rows = {row.name: row for row in supervisor_plan(station).rows}
    assert {name for name, row in rows.items() if row.apart} == {"camera top", "drift"}
    brighter = lit(exposure_us=3000.0, gain_db=6.0)
    assert digest(brighter, "cd") == digest(station)
    assert digest(lit(offset_x_px=16)) != digest(station)
    for row, keys in (("camera top", ["camera"]), ("drift", ["views", 0])):
        told = json.loads(rows[row].argument)
        for key in keys:
            told = told[key]
        assert told["exposure_us"] == 2000.0
