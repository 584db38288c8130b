"""What the line makes of a watched box, and of nobody watching it."""

from __future__ import annotations

import logging
import time

import pytest

from gonogo.ipc.board_health import (
    HOLD_NS,
    STALE_NS,
    BoardView,
    BoardWriter,
    Heat,
    make_board_health,
)
from gonogo.runtime.board_heat import BoardHeat


@pytest.fixture
def board(station: str) -> BoardWriter:
    """As the process that watches has it."""
    make_board_health(station)
    return BoardWriter.attach(station)


def heat_of(station: str) -> BoardHeat:
    """A line that has just begun."""
    return BoardHeat(BoardView.attach(station), time.monotonic_ns())


@pytest.mark.parametrize("heat", list(Heat))
def test_heat_sheds_at_hot_alone(station: str, board: BoardWriter, heat: Heat) -> None:
    """Warm is a warning; unknown is no reason."""
    its = heat_of(station)
    board.say(heat, None, slowed=False)
    its.look(board.said_ns)
    assert (its.hot, its.silent) == (heat is Heat.HOT, False)


def test_heat_comes_back_when_it_is_said(station: str, board: BoardWriter) -> None:
    """With the next look."""
    its = heat_of(station)
    for heat, hot in ((Heat.HOT, True), (Heat.WARM, False), (Heat.HOT, True), (Heat.COOL, False)):
        board.say(heat, None, slowed=False)
        its.look(board.said_ns)
        assert its.hot is hot


@pytest.mark.parametrize("heat", [Heat.HOT, Heat.WARM, Heat.COOL])
def test_heat_of_a_silent_process_holds_for_a_minute(
    station: str, board: BoardWriter, heat: Heat
) -> None:
    """Silence neither brings the engine back at once, nor sheds it, nor sheds it for ever."""
    its = heat_of(station)
    board.say(heat, None, slowed=False)
    its.look(board.said_ns)
    for age_ns, hot, silent in (
        (STALE_NS, heat is Heat.HOT, False),
        (STALE_NS + 1, heat is Heat.HOT, True),
        (HOLD_NS, heat is Heat.HOT, True),
        (HOLD_NS + 1, False, True),
        (10 * HOLD_NS, False, True),
    ):
        its.look(board.said_ns + age_ns)
        assert (age_ns, its.hot, its.silent) == (age_ns, hot, silent)


def test_heat_that_speaks_again_after_its_hold_is_believed(
    station: str, board: BoardWriter, caplog: pytest.LogCaptureFixture
) -> None:
    """Said again that it is hot, the engine rests again; each change is told once."""
    caplog.set_level(logging.INFO)
    its = heat_of(station)
    board.say(Heat.HOT, None, slowed=False)
    for _ in range(3):
        its.look(board.said_ns + HOLD_NS + 1)
    assert not its.hot
    board.say(Heat.HOT, None, slowed=False)
    for _ in range(3):
        its.look(board.said_ns)
    assert (its.hot, its.silent) == (True, False)
    assert [message.split(" box ")[1].split(":")[0] for message in caplog.messages] == [
        "is silent",
        "says again how hot it is",
    ]


def test_heat_of_a_process_that_never_begins_is_silent(station: str, board: BoardWriter) -> None:
    """Counted from the line's own start."""
    began_ns = time.monotonic_ns()
    its = BoardHeat(BoardView.attach(station), began_ns)
    its.look(began_ns + STALE_NS)
    assert (board.said_ns, its.silent, its.hot) == (0, False, False)
    its.look(began_ns + STALE_NS + 1)
    assert (its.silent, its.hot) == (True, False)


def test_heat_is_taken_over_by_the_next_line(station: str, board: BoardWriter) -> None:
    """A line that was killed while the engine rested is followed by one that lets it rest."""
    for heat in Heat:
        board.say(heat, None, slowed=False)
        assert heat_of(station).hot is (heat is Heat.HOT)


def test_heat_of_a_box_that_nobody_watches_is_neither() -> None:
    """Without [board] all is as ever."""
    its = BoardHeat(None, 0)
    its.look(10 * HOLD_NS)
    assert (its.hot, its.silent) == (False, False)
