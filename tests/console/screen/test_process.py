"""A station that runs, with its screen."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.config.screen import ScreenSection
from gonogo.console.screen.plan import ScreenPlan
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.ipc.process_table import TableView
from gonogo.launch.process_rows import row_numbers, supervisor_plan
from gonogo.launch.running_station import RunningStation
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.tests.stations import free_port, small_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.config.station import Station

WAIT_S = 40.0


def with_screen(folder: Path) -> Station:
    """It judges a part every 80 ms, whoever looks."""
    made = small_station(folder, trigger={"driver": "timer", "period_ms": 80})
    plc = ModbusServerSection(driver="modbus-server", host="127.0.0.1", port=free_port())
    screen = ScreenSection(port=free_port(), local_operator=True)
    return made.model_copy(update={"plc": plc, "screen": screen})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """One for all tests here: whatever they do to its screen, it runs on."""
    station = with_screen(tmp_path_factory.mktemp("station"))
    with RunningStation(station):
        yield station


def asked(station: Station, path: str, fields: object = None) -> tuple[int, Any, bytes]:
    """Status, JSON where it is some, and the bytes; 0 while nobody serves."""
    assert station.screen is not None
    ours = {"origin": f"http://127.0.0.1:{station.screen.port}"}
    with closing(HTTPConnection("127.0.0.1", station.screen.port, timeout=WAIT_S)) as server:
        try:
            method = "GET" if fields is None else "POST"
            server.request(method, path, json.dumps(fields) if fields else None, ours)
            answer = server.getresponse()
            body = answer.read()
        except OSError:
            return 0, None, b""
    is_json = answer.getheader("content-type") == "application/json"
    return answer.status, json.loads(body) if is_json else None, body


def shown(station: Station, least: int, after: int = 0) -> dict[str, Any]:
    """What is on the screen once so many have passed, with the picture of one after that one."""
    end_s = time.monotonic() + WAIT_S
    while True:
        status, now, _ = asked(station, "/now")
        enough = status == 200 and len(now["strip"]) >= least and now["part"]["serial"] > after
        if enough and now["part"]["views"][0]["pictured"]:
            found: dict[str, Any] = now
            return found
        assert time.monotonic() < end_s, now
        time.sleep(0.05)


def test_running_station_shows_its_parts_and_takes_a_word_on_one(running: Station) -> None:
    """Its picture, and a word on it, whatever has passed meanwhile."""
    now = shown(running, 5)
    part = now["part"]
    where = f"{part['run']}/{part['serial']}"
    status, _, jpeg = asked(running, f"/picture/{where}/0")
    assert (status, jpeg[:3]) == (200, b"\xff\xd8\xff")
    end_s = time.monotonic() + WAIT_S
    while (found := asked(running, f"/part/{where}"))[0] != 200:
        assert time.monotonic() < end_s, found
        time.sleep(0.05)
    asked_for = {
        "run": part["run"], "serial": part["serial"], "word": "confirmed",
        "seen": found[1]["seen"], "request_id": "one",
    }  # fmt: skip
    assert asked(running, "/override", asked_for)[:2] == (200, {"number": 1})
    _, about, _ = asked(running, f"/part/{where}")
    assert [(each["who"], each["word"]) for each in about["said"]] == [("screen", "confirmed")]
    assert shown(running, 6, after=part["serial"])["run"] == now["run"]
    shift = now["shift"]  # its PLC takes nothing
    assert sum(shift["counts"]) + shift["undelivered"] >= 5


def test_screen_that_is_stopped_or_killed_costs_the_line_nothing(running: Station) -> None:
    """It is begun anew, and shows the same run; the line was begun once."""
    before = shown(running, 3)
    name = running.station.name
    (row,) = row_numbers(supervisor_plan(running))["screen"]
    table, heart = TableView.attach(name), HeartbeatView.attach(name)
    try:
        pid, judged = table.rows[row].pid, heart.cycles
        os.kill(pid, signal.SIGSTOP)
        end_s = time.monotonic() + WAIT_S
        while heart.cycles < judged + 5:
            assert time.monotonic() < end_s
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        after = shown(running, 3, after=before["part"]["serial"])
        assert table.rows[row].pid != pid
        assert heart.takeovers == 1
        assert after["run"] == before["run"]
    finally:
        heart.close()
        table.close()


def test_screen_has_a_row_where_the_file_has_one(tmp_path: Path) -> None:
    """It is told where it is served, what it reads, and what people may say."""
    station = with_screen(tmp_path)
    rows = {row.name: row for row in supervisor_plan(station).rows}
    plan = ScreenPlan.model_validate_json(rows["screen"].argument)
    assert (plan.station, plan.screen) == (station.station.name, station.screen)
    assert plan.records == station.records.path
    assert [view.geometry for view in plan.views] == [station.view[0].camera.geometry]
    assert plan.dispositions == station.dispositions
    assert not plan.audited
    bare = station.model_copy(update={"screen": None})
    assert "screen" not in [row.name for row in supervisor_plan(bare).rows]
