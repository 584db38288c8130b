"""The table of faults: whole, bounded, and carried by the board without loss."""

from __future__ import annotations

import math
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.base.errors import FaultError
from gonogo.ipc.fault_kinds import FAULTS, NUMBERS, amount_of, fault
from gonogo.ipc.fault_table import FaultBoard
from gonogo.launch.process_rows import supervisor_plan
from gonogo.launch.refused_faults import unsupported
from gonogo.tests.engines.serving.places import bolt, install, section
from gonogo.tests.stations import DIAMETER, bundled_station, small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHERES = {"process", "engine", "camera", "trigger", "plc", "records", "board"}
KINDS = st.sampled_from(sorted(FAULTS))
BOUNDED = [kind for kind, known in FAULTS.items() if known.amount is not None]
PLAIN = [kind for kind, known in FAULTS.items() if known.amount is None]


@pytest.fixture
def board(station: str) -> Iterator[FaultBoard]:
    """A board on which nothing is to be shown."""
    made = FaultBoard.create(station)
    yield made
    made.close()


@pytest.mark.parametrize("kind", FAULTS)
def test_fault_names_who_shows_it_and_how(kind: str) -> None:
    """A process fault has a row and a signal, every other one has neither."""
    known = fault(kind)
    assert known.what
    assert known.where in WHERES
    assert bool(known.row) is (known.where == "process")
    expected = {"process": {signal.SIGKILL, signal.SIGSTOP, signal.SIGABRT}}
    assert known.number in expected.get(known.where, {0})


def test_process_faults_name_rows_that_a_station_has(tmp_path: Path) -> None:
    """A row renamed in the process table would leave its faults without a process."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    view = {"name": "top", "camera": synthetic(own_process=True), "rule": (DIAMETER,)}
    stations = bundled_station(tmp_path, engines), small_station(tmp_path, view, board={})
    rows = {row.name for station in stations for row in supervisor_plan(station).rows}
    named = {known.row for known in FAULTS.values() if known.row}
    assert named - {"camera"} <= rows
    assert "camera top" in rows, "the first that begins with its word"


@pytest.mark.parametrize("kind", BOUNDED)
def test_amount_has_a_default_within_its_range(kind: str) -> None:
    """Both ends are allowed, and what lies beyond them is refused with the range."""
    amount = fault(kind).amount
    assert amount is not None
    for value in (amount.low, amount_of(kind, None), amount.high):
        assert amount_of(kind, value) == value
    for value in (amount.low - 1, amount.high * 2, math.nan, math.inf, -math.inf):
        with pytest.raises(FaultError, match=f"{kind}: {amount.name}: expected "):
            amount_of(kind, value)


@pytest.mark.parametrize("kind", PLAIN)
def test_amount_of_a_fault_without_one_is_refused(kind: str) -> None:
    """It says so rather than leave it out silently."""
    assert amount_of(kind, None) == 0.0
    with pytest.raises(FaultError, match=f"{kind}: takes no amount, got 3; leave it out"):
        amount_of(kind, 3.0)


@given(kind=KINDS, at=st.integers(0, 30))
def test_fault_with_a_letter_missing_is_answered_with_a_kind_that_exists(
    kind: str, at: int
) -> None:
    """A slip of the finger never injects anything, and gets a hint that is a real name."""
    at %= len(kind)
    slip = kind[:at] + kind[at + 1 :]
    with pytest.raises(FaultError, match="did you mean") as caught:
        fault(slip)
    hint = str(caught.value).rsplit("did you mean ", 1)[1].rstrip("?")
    assert hint in FAULTS


def test_engine_faults_have_a_meaning_where_any_view_is_judged(tmp_path: Path) -> None:
    """One view with an engine is enough; the trigger of the PLC is refused all the same."""
    model = tiny_engine(tmp_path / "top.onnx")
    judged = {"name": "top", "camera": synthetic(), "engine": {"model": model}}
    station = small_station(tmp_path, judged)
    refused = {"trigger-double", "engine-b-kill", "engine-b-stop", "loader-kill", "loader-stop"}
    refused |= {"camera-kill", "camera-stop", "board-hot", "board-kill", "board-stop"}
    assert {kind for kind in FAULTS if unsupported(kind, station)} == refused


def test_place_b_has_no_process_to_kill_where_both_are_in_one(tmp_path: Path) -> None:
    """What befalls it befalls engine A's process."""
    station = bundled_station(tmp_path, section(tmp_path))
    assert "in one process" in unsupported("engine-b-kill", station, in_one=True)
    assert unsupported("engine-b-kill", station) == ""
    assert unsupported("loader-kill", station, in_one=True) == ""


def test_camera_s_process_can_be_killed_where_it_has_one(tmp_path: Path) -> None:
    """A camera that lives in the line dies with the line."""
    for own in (True, False):
        view = {"name": "top", "camera": synthetic(own_process=own), "rule": (DIAMETER,)}
        refusal = unsupported("camera-kill", small_station(tmp_path, view))
        assert bool(refusal) is not own


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=KINDS, amount=st.floats(allow_nan=False, allow_infinity=False))
def test_board_carries_an_amount_to_the_bit_and_touches_no_other_row(
    board: FaultBoard, kind: str, amount: float
) -> None:
    """Of every row, only the one that was set is active."""
    board.clear()
    others = {other: board.amount(other) for other in FAULTS if other != kind}
    board.set(kind, None, amount)
    assert board.amount(kind) == amount
    assert [other for other in FAULTS if board.active(other)] == [kind]
    assert {other: board.amount(other) for other in others} == others


def test_board_keeps_its_counts_for_whoever_attaches_next(station: str, board: FaultBoard) -> None:
    """A process that was killed by a fault does not take the count of it away."""
    for number, kind in enumerate(FAULTS, 1):
        for _ in range(number):
            board.set(kind, None, 0.0)
        first = FaultBoard.attach(station)
        assert [first.show(kind) for _ in range(2)] == [True, True]
        first.close()
        board.clear()
    heir = FaultBoard.attach(station)
    expected = {kind: (number + 1, 2) for kind, number in NUMBERS.items()}
    assert {kind: heir.counts(kind) for kind in FAULTS} == expected
    heir.close()
