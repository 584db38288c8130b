"""What the box does besides: which parts are compared, and that every load ends."""

from __future__ import annotations

import time

import pytest

from gonogo.base.realtime import may_schedule
from gonogo.proving.bench.load import (
    LIMIT,
    NAMES,
    SCRAPE_EVERY_S,
    SCRAPERS,
    Turn,
    Turns,
    busy_cores,
    loads,
    row_of,
    scrapers,
)
from gonogo.records.metrics.page import TEXT, Page
from gonogo.records.metrics.server import MetricsServer
from gonogo.tests.children import children

WAIT_S = 20.0


def test_row_compares_parts_of_its_own_turns_alone() -> None:
    """Those under its load with the calm ones next to it; what came between turns is neither."""
    turns = [
        Turn("load_cpu_p99", loaded=False, from_ns=0, to_ns=100),
        Turn("load_cpu_p99", loaded=True, from_ns=200, to_ns=300),
        Turn("load_clients_p99", loaded=True, from_ns=400, to_ns=500),
    ]
    times_ms = {50: 8.0, 60: 8.0, 150: 99.0, 250: 10.0, 450: 77.0}
    found = Turns(turns, times_ms, "note")
    row = row_of("load_cpu_p99", found, found.note)
    assert (row.value, row.control, row.limit) == (10.0, 8.0, LIMIT if may_schedule() else None)
    assert row.note == "note; here 1 loaded and 2 calm, p50 10.00 over 8.00"


def test_every_load_has_a_row() -> None:
    """By its name."""
    assert tuple(loads("x")) == NAMES


@pytest.mark.parametrize("fails", [False, True])
def test_busy_cores_are_left_alone_afterwards(fails: bool) -> None:  # noqa: FBT001 - a parameter
    """Whatever happens meanwhile."""
    before = children()
    if fails:
        with pytest.raises(RuntimeError), busy_cores():
            raise RuntimeError
    else:
        with busy_cores():
            assert children() != before
    assert children() == before


def test_scrapers_read_pages_and_end() -> None:
    """Where nobody serves them the figure would be of no load: that is an error."""
    served = MetricsServer(("127.0.0.1", 0), lambda _: Page(TEXT, b"x 1\n"))
    served.turn(0)
    end_s = time.monotonic() + WAIT_S
    with scrapers(served.port):
        while served.scrapes < SCRAPERS:
            assert time.monotonic() < end_s
            served.turn(0.05)
    port = served.port
    served.close()
    with pytest.raises(ConnectionRefusedError), scrapers(port):
        time.sleep(2 * SCRAPE_EVERY_S)
