"""Candidates in pairs and in turns: who wins, who is left out, and what a process dies of."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    AcceleratorLost,
    BackendError,
    EngineTimeout,
    MissingExtra,
    ModelError,
)
from gonogo.engines.backends.choose import WARM_UPS
from gonogo.engines.backends.contest import (
    BLOCK,
    MIN_TURNS,
    RUN_LIMIT_NS,
    SHORT_NS,
    TURNS,
    WORTH_IT,
    Contest,
)
from gonogo.ipc.engine_choices import Candidate
from gonogo.tests.engines.backends.scripted import FRAME, MS, Box, Fault, Notes, engine

if TYPE_CHECKING:
    from gonogo.engines.backends.backend import Backend

ONE, TWO = Candidate("one", 1), Candidate("two", 1)
FASTER = {ONE: 10.0, TWO: 5.0}
ERRORS = [
    MissingExtra("no driver"),
    ModelError("not this file"),
    BackendError("device 0: no answer"),
    AcceleratorLost("gone"),
    EngineTimeout("late"),
    OSError("libcudart.so: cannot open"),
    RuntimeError("\n status 719 \n and more"),
    MemoryError(),
]


def contest(box: Box, *proven: str) -> Contest:
    """On that box."""
    return Contest(engine(*(proven or ("one", "two"))), FRAME, Notes(box), box.tools)


def test_contest_takes_turns_in_blocks() -> None:
    """After the warm-ups they run alternately, so that load slows all alike."""
    box = Box(FASTER)
    assert contest(box).winner([ONE, TWO]) == TWO
    ran = [(who, len(list(runs))) for who, runs in itertools.groupby(box.runs)]
    assert ran == [(ONE, WARM_UPS), (TWO, WARM_UPS), *[(ONE, BLOCK), (TWO, BLOCK)] * TURNS]


def test_contest_counts_no_first_run_of_a_block() -> None:
    """The other one has had the caches: what it then takes longer is nobody's fault."""
    box = Box(FASTER)

    def switched(threads: int) -> None:
        assert threads == 1
        box.next_run_also_ms = 1000.0

    tools = box.tools._replace(spread=switched)
    found = Contest(engine("one", "two"), FRAME, Notes(box), tools)
    assert found.winner([ONE, TWO]) == TWO
    assert (found.tried[0].median_ms, found.tried[0].beside_ms) == (5.0, 10.0)


def test_contest_says_how_fast_each_was_and_beside_whom() -> None:
    """The medians of a row were measured in the same second."""
    found = contest(Box(FASTER))
    found.winner([ONE, TWO])
    (row,) = found.tried
    assert row[:4] == (TWO, 5.0, ONE, 10.0)
    assert row.in_words() == "two, 1 thread: 5.00 ms, in turns with one, 1 thread: 10.00 ms"


def test_contest_has_two_loaded_at_the_most_and_closes_all() -> None:
    """However many candidates there are: a box has little memory."""
    many = [Candidate("one", n) for n in range(1, 6)] + [Candidate("two", n) for n in (1, 2)]
    box = Box({each: 10.0 / each.threads for each in many})
    assert contest(box).winner(many) == Candidate("one", 5)
    assert (box.opened, box.most_loaded, box.loaded) == (many, 2, 0)


def test_contest_brings_frames_to_size_on_as_many_threads_as_the_candidate_has() -> None:
    """It is measured as it would serve: from frame to score."""
    four, chip = Candidate("one", 4), Candidate("chip", 0)
    box = Box({four: 3.0, chip: 1.0})
    assert contest(box, "one", "chip").winner([four, chip]) == chip
    assert box.spread == [4, 1] * TURNS


@pytest.mark.parametrize(
    ("one_thread_ms", "winner"),
    [(10.0, 1), (10.0 * WORTH_IT - 0.01, 1), (10.0 * WORTH_IT + 0.01, 2)],
)
@pytest.mark.parametrize("first", [1, 2])
def test_contest_takes_more_threads_only_where_they_are_worth_it(
    one_thread_ms: float, winner: int, first: int
) -> None:
    """What they gain here they take from others; whichever was there first."""
    box = Box({ONE: one_thread_ms, Candidate("one", 2): 10.0})
    order = [Candidate("one", n) for n in (first, 3 - first)]
    assert contest(box).winner(order).threads == winner  # type: ignore[union-attr]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("at", ["open", "bind", 1, WARM_UPS + 2])
@pytest.mark.parametrize("who", ["one", "two"])
def test_contest_leaves_out_who_fails(who: str, at: str | int, error: Exception) -> None:
    """At whatever call, of either of the two; with its reason, and without further threads."""
    box = Box(FASTER | {Candidate(who, 2): 1.0}, **{who: Fault(at, error)})
    found = contest(box)
    other = TWO if who == "one" else ONE
    assert found.winner([ONE, TWO, Candidate(who, 2)]) == other
    (row,) = [row for row in found.tried if row.left_out]
    assert row.candidate == Candidate(who, 1)
    assert (str(error).strip().splitlines() or [type(error).__name__])[0] in row.left_out
    assert Candidate(who, 2) not in box.opened
    assert (box.loaded, box.calling) == (0, "")


def test_contest_leaves_out_who_is_not_itself() -> None:
    """How fast a wrong score comes is of no interest."""

    def prove(name: str, _backend: Backend) -> None:
        if name == "two":
            raise BackendError("self-test: no")

    box = Box(FASTER)
    found = Contest(engine("one", "two")._replace(prove=prove), FRAME, Notes(box), box.tools)
    assert found.winner([ONE, TWO]) == ONE
    assert "self-test: no" in found.tried[0].left_out or "self-test: no" in found.tried[1].left_out
    assert box.loaded == 0


def test_contest_has_no_winner_where_all_fail() -> None:
    """Each with its own reason."""
    box = Box({}, one=Fault("open", OSError("first")), two=Fault("bind", OSError("second")))
    found = contest(box)
    assert found.winner([ONE, TWO]) is None
    assert [row.left_out for row in found.tried] == ["OSError: first", "OSError: second"]


def test_contest_survives_a_backend_that_cannot_be_closed() -> None:
    """It has lost already."""
    box = Box(FASTER, one=Fault("close", RuntimeError("busy")))
    assert contest(box).winner([ONE, TWO]) == TWO


def test_contest_is_short_where_a_run_takes_long() -> None:
    """A station waits for it: fewer turns, and no fewer than two."""
    slow_ms = SHORT_NS / MS
    box = Box({ONE: slow_ms, TWO: slow_ms / 2})
    assert contest(box).winner([ONE, TWO]) == TWO
    assert box.runs.count(ONE) == WARM_UPS + MIN_TURNS * BLOCK


def test_contest_tells_a_device_when_it_gives_up() -> None:
    """Each run has its own deadline, and one behind the other."""
    box = Box(FASTER)
    contest(box).winner([ONE, TWO])
    assert len(box.deadlines_ns) == len(box.runs)
    assert box.deadlines_ns == sorted(box.deadlines_ns)
    assert min(box.deadlines_ns) > RUN_LIMIT_NS
