"""The metrics process: counts each part once, and serves a station that runs."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import CountedJournal, Journal
from gonogo.launch.running_station import RunningStation
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.records.metrics.figures import Served
from gonogo.records.metrics.process import LOOK_S, Figuring, MetricsPlan
from gonogo.records.metrics.section import MetricsSection
from gonogo.records.metrics.standing import StationMemory
from gonogo.tests.fakes import entry_of, put
from gonogo.tests.prometheus import families
from gonogo.tests.stations import free_port, small_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT_S = 40.0
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"


@pytest.fixture
def journal(station: str) -> Iterator[Journal]:
    """Of a station that has just begun."""
    Heartbeat.create(station).close()
    made = Journal.create(station, 8)
    yield made
    made.close()


def figuring(station: str, tmp_path: Path) -> tuple[Figuring, list[CountedJournal | StationMemory]]:
    """As a process that has just begun."""
    plan = MetricsPlan(
        station=station, metrics=MetricsSection(), records=tmp_path / "r.sqlite", budget_ms=200.0,
        views=("top",), engines={}, rows={},
    )  # fmt: skip
    journal, memory = CountedJournal.attach(station), StationMemory(station, plan.records, {})
    return Figuring(plan, journal, memory), [journal, memory]


def served() -> Served:
    """Nothing yet."""
    return Served()


def test_figuring_goes_on_where_the_process_before_it_ended(
    station: str, journal: Journal, tmp_path: Path
) -> None:
    """Counters begin with 0, and no part is counted by both."""
    for serial in range(3):
        put(journal, entry_of(serial))
    one, mapped = figuring(station, tmp_path)
    one.catch_up(0.0)
    one.catch_up(0.1)
    assert sum(one.counts.parts.values()) == 3
    put(journal, entry_of(3))
    other, more = figuring(station, tmp_path)
    other.catch_up(0.0)
    assert sum(other.counts.parts.values()) == 1
    for each in (*mapped, *more):
        each.close()


def test_figuring_says_what_was_overwritten_before_it_came(
    station: str, journal: Journal, tmp_path: Path
) -> None:
    """Not counted as a part, and not kept quiet."""
    for serial in range(journal.records + 3):
        put(journal, entry_of(serial))
    one, mapped = figuring(station, tmp_path)
    one.catch_up(0.0)
    assert (one.lost, sum(one.counts.parts.values())) == (3, journal.records)
    for each in mapped:
        each.close()


def test_figuring_makes_a_page_once_a_look_however_many_ask(
    station: str, journal: Journal, tmp_path: Path
) -> None:
    """The same bytes until the next look, in each format."""
    one, mapped = figuring(station, tmp_path)
    one.catch_up(1.0)
    page = one.page("", served)
    put(journal, entry_of(1))
    one.catch_up(1.0 + LOOK_S / 2)
    assert one.page("", served) is page
    assert one.page(OPENMETRICS, served) is not page
    one.catch_up(1.0 + LOOK_S)
    assert one.page("", served).body != page.body
    for each in mapped:
        each.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Name and port of a station that judges a part every 80 ms, whoever listens."""
    made = small_station(tmp_path, trigger={"driver": "timer", "period_ms": 80})
    plc = ModbusServerSection(driver="modbus-server", host="127.0.0.1", port=free_port())
    port = free_port()
    metrics = MetricsSection(port=port)
    with RunningStation(made.model_copy(update={"plc": plc, "metrics": metrics})):
        yield made.station.name, port


def scraped(port: int) -> dict[tuple[str, str], float]:
    """Values by name and labels; none while nobody serves."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=WAIT_S)) as server:
        try:
            server.request("GET", "/metrics", headers={"Accept": OPENMETRICS})
            text = server.getresponse().read().decode()
        except OSError:
            return {}
    return {
        (s.name, " ".join(sorted(s.labels.values()))): s.value
        for f in families(text)
        for s in f.samples
    }


def test_running_station_serves_its_figures_to_a_hundred_readers(
    running: tuple[str, int],
) -> None:
    """All at once and whole; parts go on, and status names the process and what is wrong."""
    station, port = running
    end_s, accepted = time.monotonic() + WAIT_S, ("gonogo_parts_total", "accept full ok")
    while (found := scraped(port)).get(accepted, 0) < 3:
        assert time.monotonic() < end_s, found
        time.sleep(0.1)
    assert found["gonogo_process_up", "metrics"] == found["gonogo_process_up", "records"] == 1
    assert found["gonogo_stage_seconds_count", "reported"] >= 3
    assert found["gonogo_line_broken_cycles_total", ""] == 0
    pages: list[dict[tuple[str, str], float]] = []
    readers = [threading.Thread(target=lambda: pages.append(scraped(port))) for _ in range(100)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len([page for page in pages if page.get(accepted, 0) >= 3]) == 100
    while scraped(port)[accepted] < found[accepted] + 10:
        assert time.monotonic() < end_s
        time.sleep(0.1)
    said = CliRunner().invoke(main, ["status", "--station", station]).output
    assert "metrics      up" in said
    assert "critical: there is no PLC on the link (GonogoLinkDown)" in said
