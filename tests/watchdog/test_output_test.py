"""Requests to try outputs by hand, as the supervisor takes them or does not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import OutputRefused
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.output_test import TRIED_S, Output, OutputTestDesk
from gonogo.watchdog.output_test import OutputRequests

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER_NS = round(TRIED_S * 1e9) + 10**9


class Asked:
    """What can be asked, and the memory behind it."""

    def __init__(self, board: FaultBoard) -> None:
        self.desk = OutputTestDesk(board.segment)
        self.requests = OutputRequests(self.desk)

    def ask(self, do: str, **request: object) -> dict[str, Any]:
        """Its answer."""
        return self.requests.table[do](request)


@pytest.fixture
def board(station: str) -> Iterator[FaultBoard]:
    """Of the station."""
    made = FaultBoard.create(station)
    yield made
    made.close()


@pytest.fixture
def asked(board: FaultBoard) -> Asked:
    """Nothing is tried yet."""
    return Asked(board)


def test_an_output_is_forced_in_test_mode_alone(asked: Asked) -> None:
    """Begun, forced, ended; without it, GN508."""
    wanted = {"output": "eject", "on": True, "for_s": 5}
    with pytest.raises(OutputRefused, match="no test mode"):
        asked.ask("output-forced", **wanted)
    assert asked.ask("outputs-tried") == {"for_s": TRIED_S}
    asked.ask("output-forced", **wanted)
    found = asked.desk.forced(time.monotonic_ns())
    assert found is not None
    assert (found.output, found.on) == (Output.EJECT, True)
    asked.ask("outputs-over")
    assert asked.desk.forced(time.monotonic_ns()) is None
    with pytest.raises(OutputRefused):
        asked.ask("output-forced", **wanted)


@pytest.mark.parametrize(
    "changes",
    [
        {"output": "accept"}, {"output": "permit"}, {"output": None}, {"on": 1}, {"on": "on"},
        {"for_s": 0.5}, {"for_s": 61}, {"for_s": True}, {"for_s": "5"}, {"for_s": float("nan")},
        {"for_s": None},
    ],
)  # fmt: skip
def test_what_may_not_be_forced_is_refused(asked: Asked, changes: dict[str, object]) -> None:
    """And nothing is."""
    asked.ask("outputs-tried")
    with pytest.raises(OutputRefused, match="GN508"):
        asked.ask("output-forced", **{"output": "eject", "on": True, "for_s": 5, **changes})
    assert asked.desk.forced(time.monotonic_ns()) is None


def test_its_end_is_said_once(
    asked: Asked, board: FaultBoard, caplog: pytest.LogCaptureFixture
) -> None:
    """By the clock; also by a supervisor that has found it; asked for where there is none, not."""
    asked.ask("outputs-over")
    assert "test mode is over" not in caplog.text
    asked.ask("outputs-tried")
    after = Asked(board)
    for requests in (asked.requests, after.requests):
        requests.look(time.monotonic_ns())
        assert "nobody has gone on" not in caplog.text
    for requests in (asked.requests, after.requests):
        caplog.clear()
        for _ in range(2):
            requests.look(time.monotonic_ns() + LATER_NS)
        assert caplog.text.count("nobody has gone on with it") == 1
