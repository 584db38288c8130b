"""The latency sum of a station."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from gonogo.config.latency import OWN_P99_MS, captured_ms, latency_sum
from gonogo.config.station import Station, load_station
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.catalogue import TRANSPORTS
from gonogo.plc.transports.section import TransportSection

DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"


def with_line(**changes: object) -> Station:
    """The demo station with other keys in [station]."""
    demo = load_station(DEMO)
    return demo.model_copy(update={"station": demo.station.model_copy(update=changes)})


def with_serial_line(role: str, baud: int = 115200, **line: object) -> Station:
    """The demo station with its PLC on a serial line."""
    fields = {"device": "/dev/ttyUSB0", "timeout_ms": 5000, "baud": baud}
    adapter = TypeAdapter[TransportSection](Annotated[TransportSection, TRANSPORTS])
    plc = adapter.validate_python({"driver": f"modbus-rtu-{role}", **fields})
    return with_line(**line).model_copy(update={"plc": plc})


def test_latency_sum_adds_every_term_of_the_rule() -> None:
    """Capture, the longer of engine and rules, our own time, one poll and two scans."""
    station = load_station(DEMO)
    found = latency_sum(station, capture_ms=3, engine_ms=8, rules_ms=5)
    assert found.total_ms == 3 + 8 + OWN_P99_MS + station.plc.poll_ms + 2 * station.plc.scan_ms
    assert found.problems() == []


def test_latency_sum_counts_rules_when_they_take_longer_than_the_engine() -> None:
    """Rules run beside the engine: the longer of the two is on the path."""
    station = load_station(DEMO)
    slow = latency_sum(station, capture_ms=0, engine_ms=5, rules_ms=30)
    assert slow.total_ms == latency_sum(station, 0, 30, 5).total_ms


def test_latency_sum_refuses_a_budget_that_is_too_short() -> None:
    """A verdict that cannot be there in time is found before parts flow."""
    (problem,) = latency_sum(with_line(budget_ms=30.0), 2, 20, 1).problems()
    assert problem.startswith("station.budget_ms: expected at least 47.0 ms")


def test_latency_sum_refuses_a_decision_point_before_the_budget_ends() -> None:
    """The part must not be at the ejector while its verdict may still be on its way."""
    (problem,) = latency_sum(with_line(decision_distance_mm=10.0), 2, 8, 1).problems()
    assert problem.startswith("station.decision_distance_mm: the part is there after 50.0 ms")


def test_latency_sum_refuses_a_pitch_shorter_than_one_part_takes() -> None:
    """Parts that come faster than they can be judged would all be overrate."""
    problems = latency_sum(with_line(pitch_mm=2.0), 2, 8, 1).problems()
    assert any(problem.startswith("station.pitch_mm") for problem in problems)


def test_latency_sum_takes_the_window_of_our_own_ejector_as_the_decision_point() -> None:
    """It decides there, wherever a PLC would."""
    eject = EjectSection(distance_mm=100, window_mm=20, lead_ms=5)
    station = load_station(DEMO).model_copy(update={"eject": eject})
    found = latency_sum(station, 2, 20, 1)
    assert found.decision_ms == 1000 * 90 / station.station.speed_mm_s - 5


@pytest.mark.parametrize(
    ("plc", "trigger", "eject", "problem"),
    [
        ({"driver": "modbus-client"}, "timer", {}, "expected a plc.coil_base, got none"),
        ({"driver": "modbus-client", "coil_base": 0}, "plc", {}, ""),
        ({"driver": "modbus-server"}, "timer", {}, ""),
        ({"driver": "modbus-server"}, "timer", {"distance_mm": 20.0}, "no earlier than"),
        ({"driver": "modbus-io"}, "timer", None, "expected an [eject]"),
        ({"driver": "modbus-io"}, "plc", {}, "a module names no parts"),
        ({"driver": "modbus-io"}, "timer", {}, ""),
    ],
)
def test_station_with_an_ejector_of_its_own_is_complete_or_says_what_it_lacks(
    plc: dict[str, object], trigger: str, eject: dict[str, object] | None, problem: str
) -> None:
    """A coil to drive, a window behind the budget, and somebody who names the parts."""
    fields = load_station(DEMO).model_dump()
    fields["plc"] = {"host": "127.0.0.1", "port": 502} | plc
    fields["trigger"] = {"driver": trigger} | ({"period_ms": 100.0} if trigger == "timer" else {})
    fields["eject"] = None if eject is None else {"distance_mm": 200.0} | eject
    if problem:
        with pytest.raises(ValidationError, match=re.escape(problem)):
            Station.model_validate(fields)
    else:
        Station.model_validate(fields)


@pytest.mark.parametrize(
    ("baud", "poll_ms", "delivery_ms"), [(115200, 32.0, 52.6), (19200, 158.1, 273.0)]
)
def test_latency_sum_counts_the_wire_of_a_serial_line(
    baud: int, poll_ms: float, delivery_ms: float
) -> None:
    """262 bytes of 11 bits and four silences; a verdict may just have missed a read."""
    found = latency_sum(with_serial_line("server", baud), 0, 0, 0)
    assert found.poll_ms == pytest.approx(delivery_ms, abs=0.1)
    assert f"a poll of 96 + 20 words takes {poll_ms} ms at {baud} baud" in found.pace


def test_latency_sum_refuses_a_budget_that_the_baud_rate_cannot_keep() -> None:
    """The figures of the line stand in the message."""
    slow = with_serial_line("server", 9600)
    (problem,) = latency_sum(slow, 2, 8, 1).problems()
    assert problem.startswith("station.budget_ms: expected at least 579.0 ms")
    assert "a faster line: a poll of 96 + 20 words takes 316.2 ms at 9600 baud" in problem


def test_latency_sum_refuses_a_line_slower_than_the_heartbeat() -> None:
    """With every budget there is: the link would count as lost between two polls."""
    slow = with_serial_line("server", 4800, budget_ms=10_000.0)
    (problem,) = (each for each in latency_sum(slow, 2, 8, 1).problems() if "plc." in each)
    assert problem.startswith("plc.baud: PLC_HEART comes every 642 ms at best, expected at most")


def test_latency_sum_refuses_more_parts_than_a_master_of_a_serial_line_should_have() -> None:
    """Up to five a second; as server the same line will do."""
    client, server = (
        with_serial_line(role, pitch_mm=30.0, budget_ms=140.0) for role in ("client", "server")
    )
    (problem,) = latency_sum(client, 2, 8, 1).problems()
    assert problem.startswith("plc.driver: 6.7 parts a second, expected at most 5")
    assert latency_sum(server, 2, 8, 1).problems() == []


@pytest.mark.parametrize("role", ["client", "server"])
def test_station_that_ejects_itself_is_refused_on_a_serial_line(role: str) -> None:
    """Its coil would move late by as much as a bit waits for the wire."""
    fields = with_serial_line(role).model_dump() | {"eject": {"distance_mm": 200.0}}
    with pytest.raises(ValidationError, match="eject: on a serial line its coil would move"):
        Station.model_validate(fields)


def test_slow_scan_without_a_slow_wire_is_no_matter_of_baud() -> None:
    """A PLC over TCP that scans once in 0.6 s counts its heart in time, as far as the wire goes."""
    station = load_station(DEMO)
    slow = station.plc.model_copy(update={"scan_ms": 600.0})
    found = latency_sum(station.model_copy(update={"plc": slow}), 1.0, 1.0, 1.0)
    assert not [line for line in found.wire_problems if "baud" in line]


def test_captured_is_when_the_last_view_is_photographed() -> None:
    """Each once the part is there; one that takes long holds up those behind it."""
    demo = load_station(DEMO)
    (top,) = demo.view
    views = tuple(
        top.model_copy(update={"name": name, "offset_ms": ms})
        for name, ms in (("a", None), ("b", 20.0), ("c", 25.0))
    )
    station = demo.model_copy(update={"view": views})
    assert captured_ms(station, (3.0, 4.0, 5.0)) == 30.0
    assert captured_ms(station, (3.0, 10.0, 5.0)) == 35.0
    assert captured_ms(station, (30.0, 1.0, 1.0)) == 32.0
