"""Whole stations against the PLC simulator, which is the judge."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.engines.card import read_card, sha256_of, write_card
from gonogo.proving.rehearse import passed
from gonogo.tests.engines.tiny import brightest
from gonogo.tests.judged import rehearsed
from gonogo.tests.records.months import joined
from gonogo.tests.stations import DIAMETER, remains_of, small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.ipc.journal_records import VerdictEntry

PARTS = 16
KEYS = {
    "parts", "verdicts", "late", "missing", "wrong_part", "good", "bad", "confusion",
    "stages_ms", "ack_ms", "modes", "engine_backend", "station",
}  # fmt: skip
STAGES = {"capture", "engine", "rules", "decide", "report", "total"}


class AtPart:
    """A view of a rehearsal that does something when a part has been judged."""

    def __init__(self, serial: int, action: Callable[[], None]) -> None:
        self._serial = serial
        self._action = action

    def heading(self) -> None:
        """Nothing to say."""

    def show(self, entry: VerdictEntry) -> None:
        """Act at the part."""
        if entry.part.serial == self._serial:
            self._action()


def engine_view(folder: Path, **engine: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of a section
    """A view with the tiny engine and the diameter rule."""
    model = tiny_engine(folder / "tiny.onnx")
    return {
        "name": "top",
        "camera": synthetic(),
        "engine": {"model": model, "backend": "onnxruntime"} | engine,
        "rule": (DIAMETER,),
    }


def signal_engine(station: Station, number: signal.Signals) -> None:
    """Send a signal to the engine process of a station, and to no other."""
    name = station.station.name.encode()
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
                arguments = file.read().split(b"\0")
        except OSError:
            continue
        if arguments[3:4] == [b"gonogo.engines.serving.host"] and name in arguments[4:]:
            os.kill(int(pid), number)


@pytest.mark.parametrize("driver", ["modbus-client", "modbus-server"])
def test_station_gives_every_part_its_verdict_in_both_roles(tmp_path: Path, driver: str) -> None:
    """Engine and rules, judged by the PLC: each part one timely verdict, and no bad one passed."""
    station = small_station(tmp_path, engine_view(tmp_path), driver=driver)
    found = rehearsed(station, PARTS)
    assert passed(found), found["untimely"] or found
    assert found["verdicts"] == found["parts"] == PARTS
    assert found["modes"]["SAFE"] <= 2  # a busy box may have a frame too late
    assert found["modes"]["FULL"] > PARTS // 2  # the others: a score too late on a busy box
    assert found["engine_backend"] == "onnxruntime"
    assert set(found) >= KEYS
    assert set(found["stages_ms"]) == STAGES
    assert found["confusion"]["both"] == found["confusion"]["rules"]  # the engine accepts all
    assert remains_of(station) == []


def test_station_with_its_own_photo_eye_tells_the_polling_plc_of_each_part(tmp_path: Path) -> None:
    """Timer trigger and server role: the PLC learns of parts from us and finds their verdicts."""
    eye = {"driver": "timer", "period_ms": 160}
    station = small_station(tmp_path, driver="modbus-server", trigger=eye)
    found = rehearsed(station, PARTS)
    assert passed(found), found["untimely"] or found


def test_a_part_is_as_good_as_its_worst_view(tmp_path: Path) -> None:
    """Two views, one by engine and one by rules: either rejects the part alone."""
    side = {"name": "side", "camera": synthetic(seed=9), "rule": (DIAMETER,)}
    top = engine_view(tmp_path, reject_above=0.0)
    found = rehearsed(small_station(tmp_path, top, side), PARTS)
    assert passed(found), found["untimely"] or found
    assert found["verdict_kinds"] == {"reject": PARTS}  # red is above 0 somewhere in every part
    assert found["confusion"]["rules"]["overkill"] == 0


def test_records_hold_one_row_a_part_with_its_acknowledgement(tmp_path: Path) -> None:
    """What was decided can be explained later: verdict, stages, scores, rules, PLC."""
    station = small_station(tmp_path, engine_view(tmp_path))
    found = rehearsed(station, PARTS)
    with closing(joined(station.records.path)) as db:
        rows = db.execute("SELECT verdict, published_ns, acked_ns, delivered FROM part").fetchall()
        rules = db.execute("SELECT rule, unit FROM rule WHERE value > 0").fetchall()
        scores = db.execute("SELECT score FROM view WHERE score_fault = 'OK'").fetchall()
    assert len(rows) == found["parts"]
    assert all(acked >= published > 0 and done for _, published, acked, done in rows)
    assert set(rules) == {("diameter", "mm")}
    # the others: too late on a busy box
    assert min(len(rules), len(scores)) > PARTS // 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_an_engine_that_dies_or_hangs_costs_no_part(tmp_path: Path, number: signal.Signals) -> None:
    """The part in hand is decided by the rules, in time; after the return all is as before."""
    station = small_station(tmp_path, engine_view(tmp_path))
    backs = []

    def strike() -> None:
        signal_engine(station, number)
        backs.append(threading.Timer(1.0, signal_engine, (station, signal.SIGCONT)))
        backs[-1].start()

    found = rehearsed(station, 60, AtPart(5, strike))  # all that is needed of a view
    for back in backs:
        back.cancel()
    assert passed(found), found["untimely"] or found
    assert found["modes"]["RULES_ONLY"] > 0
    assert found["modes"]["FULL"] > 10
    assert remains_of(station) == []


def test_a_model_exchanged_beneath_a_running_station_is_not_judged_by_the_old_limits(
    tmp_path: Path,
) -> None:
    """Another model, whole, with a card of its own: its scores are trusted after the next start."""
    station = small_station(tmp_path, engine_view(tmp_path))
    model = tmp_path / "tiny.onnx"

    def exchange() -> None:
        card = read_card(model)
        brightest(model, image=(1, 3, 8, 8))
        write_card(model, card.model_copy(update={"sha256": sha256_of(model)}))
        signal_engine(station, signal.SIGKILL)

    found = rehearsed(station, 40, AtPart(5, exchange))
    assert passed(found), found
    assert found["modes"]["RULES_ONLY"] >= 30
    again = rehearsed(station, 12)
    assert passed(again), again
    assert again["modes"]["FULL"] > 0


@pytest.mark.parametrize("role", ["modbus-client", "modbus-server"])
@pytest.mark.parametrize("fault", ["restart", "drop_connections", "stop_scan"])
def test_a_plc_that_goes_away_gets_no_old_verdicts_when_it_is_back(
    tmp_path: Path, role: str, fault: str
) -> None:
    """Resync: parts of the outage are rejected by silence, none gets another's verdict."""
    station = small_station(tmp_path, driver=role)
    script = ({"at_part": 8, "do": fault, "for_ms": 300},)
    found = rehearsed(station, 30, script=script)
    assert found["wrong_part"] == found["doubled"] == 0
    assert found["confusion"]["both"]["escape"] <= found["confusion"]["rules"]["escape"]
    assert found["parts"] - found["verdicts"] < 12
    assert found["verdicts"] > 12  # it judges again after the return


@pytest.mark.parametrize("fault", ["repeat_id", "jump_id", "skip_id"])
def test_a_part_id_that_repeats_or_jumps_is_counted_and_safe(tmp_path: Path, fault: str) -> None:
    """A wrong id costs at most the part that bears it, and never shifts a verdict by one."""
    station = small_station(tmp_path)
    found = rehearsed(station, PARTS, script=({"at_part": 6, "do": fault},))
    assert found["wrong_part"] == found["doubled"] == found["by_station"]["late"] == 0
    assert found["by_station"]["missing"] <= 1
    assert found["confusion"]["both"]["escape"] <= found["confusion"]["rules"]["escape"]
