"""Both wirings of the simulated PLC, each against the other: one serves, one polls."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.proving.plcsim.client import Client
from gonogo.proving.plcsim.lateness import untold
from gonogo.proving.plcsim.plan import Plan
from gonogo.proving.plcsim.sides import Polled, Served
from gonogo.proving.plcsim.wire import D_RES_SEQ, D_WORDS, P_PART_ID, P_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 10.0


class Told:
    """What was told, by its kind."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []

    def __call__(self, event: str, _t_ns: int, **keys: Any) -> None:  # noqa: ANN401 - any key
        """The diary's side."""
        self.events.append((event, keys.get("what", keys.get("part_id"))))

    def wait_for(self, event: str, what: object) -> None:
        """Until that was told."""
        end_s = time.monotonic() + WAIT_S
        while (event, what) not in self.events:
            assert time.monotonic() < end_s, self.events
            time.sleep(0.001)


def plan(**keys: Any) -> Plan:  # noqa: ANN401 - whatever a plan takes
    """A PLC on loopback; D at 0, P at 100, and coils."""
    return Plan.model_validate(
        {"journal": Path("unused"), "parts": 1, "coil_base": 0, "poll_timeout_ms": 5000} | keys
    )


@pytest.fixture
def told() -> Told:
    """What the served side tells."""
    return Told()


@pytest.fixture
def served(told: Told) -> Iterator[Served]:
    """A PLC that serves on a free port."""
    made = Served(plan(), told, untold())
    yield made
    made.close()


def words(part_id: int) -> list[int]:
    """P words that bear this id."""
    out = [0] * P_WORDS
    out[P_PART_ID] = part_id
    return out


def test_served_plc_shows_the_scan_what_the_station_wrote(served: Served, told: Told) -> None:
    """And the station what the scan wrote; it tells when a part id was first read."""
    station = Client("127.0.0.1", served.port, 1, WAIT_S)
    served.write(words(7))
    station.write_words(D_RES_SEQ, [1])
    for _ in range(2):
        assert station.read_words(100 + P_PART_ID, 1) == [7]
    told.wait_for("heard", 7)
    station.close()
    told.wait_for("link", "disconnected")
    seen = served.read()
    assert seen is not None
    assert (seen.words[D_RES_SEQ], seen.bits) == (1, [False] * 7)
    assert seen.arrivals[1] > 0
    assert told.events.count(("heard", 7)) == 1


def test_served_plc_that_is_restarted_shows_nothing_of_before(served: Served) -> None:
    """All registers are cleared once nobody is connected."""
    station = Client("127.0.0.1", served.port, 1, WAIT_S)
    station.write_words(0, [5])
    served.drop(10**12, clear=True)
    seen = served.read()
    assert seen is not None
    assert not any(seen.words)
    station.close()


def test_polling_plc_reads_and_writes_a_station(served: Served) -> None:
    """The station here is another simulated PLC: it has the same registers."""
    heard = Told()
    polled = Polled(plan(station="server", port=served.port), heard, untold())
    for _ in range(2):
        seen = polled.read()
        assert seen is not None
        assert seen.words == [0] * D_WORDS
    polled.close()
    assert heard.events == [("link", "connected")]


def test_polling_plc_says_once_that_a_station_is_not_there(served: Served) -> None:
    """However often it tries; it scans on without an image."""
    port = served.port
    served.close()
    heard = Told()
    polled = Polled(plan(station="server", port=port), heard, untold())
    end_s = time.monotonic() + 0.25
    while time.monotonic() < end_s:
        assert polled.read() is None
        polled.write(words(3))
    assert heard.events == [("link", "unreachable")]


def test_polling_plc_hangs_up_for_as_long_as_it_is_told(served: Served) -> None:
    """No image meanwhile, and nothing is heard of a part."""
    heard = Told()
    polled = Polled(plan(station="server", port=served.port), heard, untold())
    assert polled.read() is not None
    polled.drop(10**12, clear=True)
    assert polled.read() is None
    polled.write(words(3))
    assert heard.events == [("link", "connected"), ("link", "refusing")]
