"""A change of recipe on a whole station: the PLC asks, rules and engine follow."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import VerdictKind
from gonogo.config.station import Station
from gonogo.launch.running_station import RunningStation
from gonogo.plc.register_map import Command, CommandResult, State, StatusBit
from gonogo.tests.records.months import joined
from gonogo.tests.stations import DIAMETER, small_station, synthetic, tiny_engine
from gonogo.watchdog.rowstate import RowState

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.tests.softplc import CTRL, ENABLE, RUN, SoftPlc

if TYPE_CHECKING:
    from pathlib import Path

NEVER = DIAMETER | {"name": "never", "low": 1.0, "high": 2.0}


def station_of(folder: Path, plc: SoftPlc, *, judged: bool) -> Station:
    """Recipe 1 lets every part pass, recipe 2 none, recipe 3 has its own engine."""
    engine = {"model": str(tiny_engine(folder / "one.onnx")), "backend": "onnxruntime"}
    other = {"model": str(tiny_engine(folder / "two.onnx", 1.0, 8)), "backend": "onnxruntime"}
    third = {"model": str(tiny_engine(folder / "three.onnx")), "backend": "onnxruntime"}

    def view(rule: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
        return {"name": "top", "rule": (rule,)} | ({"engine": model} if judged else {})

    first = view(DIAMETER, engine) | {"camera": synthetic(defects=("scratch",), defect_pct=0)}
    fields = small_station(folder, first).model_dump()
    # a rule that lets pass and an engine that does not, where there is one
    rule = DIAMETER | {"name": "again"} if judged else NEVER
    fields["recipe"] = (
        {"number": 2, "name": "none passes", "view": (view(rule, other),)},
        {"number": 3, "name": "third", "view": (view(NEVER, third),)},
    )
    return Station.model_validate(fields).model_copy(update={"plc": plc.section})


@pytest.mark.parametrize("judged", [False, True])
def test_recipe_changes_between_parts_and_is_written_into_the_records(
    tmp_path: Path, *, judged: bool
) -> None:
    """Refused while parts flow; done when stopped; an unknown one leaves everything as it was."""
    with SoftPlc() as plc:
        station = station_of(tmp_path, plc, judged=judged)
        with RunningStation(station):
            assert {r.verdict for r in plc.parts(4)} == {VerdictKind.ACCEPT}
            assert plc.header.recipe == 1
            first = plc.header.checksum
            plc.p[CTRL] = RUN
            plc.until("not running", lambda: plc.header.state == State.RUNNING)
            assert plc.command(Command.LOAD_RECIPE, 2) == CommandResult.REFUSED
            plc.p[CTRL] = ENABLE
            plc.until("not ready", lambda: plc.header.state == State.READY)
            assert plc.command(Command.LOAD_RECIPE, 2) == CommandResult.DONE
            assert plc.header.recipe == 2
            assert 0 != plc.header.checksum != first != 0  # the PLC sees what judges
            assert {r.verdict for r in plc.parts(4)} == {VerdictKind.REJECT}
            plc.until("not ready", lambda: plc.header.state == State.READY)
            assert plc.command(Command.LOAD_RECIPE, 9) == CommandResult.FAILED
            assert plc.header.recipe == 2
            assert plc.command(Command.LOAD_RECIPE, 1) == CommandResult.DONE
            assert {r.verdict for r in plc.parts(3)} == {VerdictKind.ACCEPT}
            assert plc.header.checksum == first
    with closing(joined(tmp_path / "records.sqlite")) as db:
        rows = db.execute(
            "SELECT recipe, rule, COUNT(*) FROM part JOIN rule USING (run, serial) GROUP BY 1, 2"
        ).fetchall()
    assert sorted(rows) == [(1, "diameter", 7), (2, "again" if judged else "never", 4)]


def test_recipe_outlives_the_line(tmp_path: Path) -> None:
    """The spare that takes over judges by the recipe that was in force."""
    with SoftPlc() as plc, RunningStation(station_of(tmp_path, plc, judged=False)) as running:
        plc.p[CTRL] = ENABLE
        plc.until("not ready", lambda: plc.header.state == State.READY)
        assert plc.command(Command.LOAD_RECIPE, 2) == CommandResult.DONE
        session = plc.header.session_id
        rows = [running.beats.rows[k] for k in running.rows["line"]]
        os.kill(next(row.pid for row in rows if row.state == RowState.UP), signal.SIGKILL)
        plc.until("nobody took over", lambda: plc.header.session_id not in {0, session})
        assert {r.verdict for r in plc.parts(3)} == {VerdictKind.REJECT}
        assert plc.header.recipe == 2


def test_recipe_whose_engine_does_not_come_leaves_the_old_one(tmp_path: Path) -> None:
    """Its file was exchanged since the start: the answer is FAILED, and parts are judged on."""
    with SoftPlc() as plc, RunningStation(station_of(tmp_path, plc, judged=True)):
        assert {r.verdict for r in plc.parts(3)} == {VerdictKind.ACCEPT}
        (tmp_path / "three.onnx").write_bytes(b"no model")
        plc.until("not ready", lambda: plc.header.state == State.READY)
        assert plc.command(Command.LOAD_RECIPE, 3) == CommandResult.FAILED
        assert plc.header.recipe == 1
        plc.until("no engine any more", lambda: not plc.header.status & StatusBit.DEGRADED)
        assert {r.verdict for r in plc.parts(3)} == {VerdictKind.ACCEPT}
