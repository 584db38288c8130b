"""How a row stands, from the states of its places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.process_table import ProcessTable
from gonogo.watchdog.means import Means
from gonogo.watchdog.place import Place
from gonogo.watchdog.plan import RowPlan
from gonogo.watchdog.rowstate import RowState
from gonogo.watchdog.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OFF, STARTING, UP, HELD = RowState.OFF, RowState.STARTING, RowState.UP, RowState.HELD
BACKOFF, LATCHED, STOPPING = RowState.BACKOFF, RowState.LATCHED, RowState.STOPPING
PLAN = RowPlan(name="engine", module="none", argument="", limit_ms=100.0)


@pytest.fixture
def standing(station: str) -> Iterator[Callable[..., Standing]]:
    """Makes the standing of a row with places in these states, and these exit codes."""
    table = ProcessTable.create(station)

    def of(*states: RowState, codes: tuple[int | None, ...] = ()) -> Standing:
        places = [Place(PLAN, k, table.rows[k], Means(station, 2)) for k, _ in enumerate(states, 1)]
        for place, state in zip(places, states, strict=True):
            place.state = state
        for place, code in zip(places, codes, strict=False):
            place.last_code = code
        return Standing(places)

    yield of
    table.close()


@pytest.mark.parametrize(
    ("states", "untouched", "up", "runs", "latched"),
    [
        ((OFF,), True, False, False, False),
        ((OFF, OFF), True, False, False, False),
        ((STARTING, OFF), False, False, True, False),
        ((UP, OFF), False, True, True, False),
        ((BACKOFF, UP), False, True, True, False),
        ((BACKOFF, HELD), False, False, True, False),
        ((BACKOFF,), False, False, False, False),
        ((LATCHED, STARTING), False, False, True, False),
        ((LATCHED, LATCHED), False, False, False, True),
        ((STOPPING,), False, False, True, False),
    ],
)
def test_standing_follows_from_the_places(
    standing: Callable[..., Standing],
    states: tuple[RowState, ...],
    *,
    untouched: bool,
    up: bool,
    runs: bool,
    latched: bool,
) -> None:
    """One that is up does for the row; all must be given up before the row is."""
    found = standing(*states)
    assert (found.untouched, found.up) == (untouched, up)
    assert (found.runs, found.latched) == (runs, latched)


def test_standing_is_settled_when_nothing_more_is_to_be_waited_for(
    standing: Callable[..., Standing],
) -> None:
    """Up, ended once, or given up; not while the first one is still to come up."""
    assert not standing(OFF).settled
    assert not standing(STARTING).settled
    assert standing(UP).settled
    assert standing(LATCHED).settled
    assert standing(STARTING, codes=(1,)).settled
    assert standing(STARTING, codes=(0,)).settled


def test_standing_tells_the_exit_status_of_the_first_place_that_has_one(
    standing: Callable[..., Standing],
) -> None:
    """0 is one as well."""
    assert standing(UP, HELD).last_code is None
    assert standing(UP, STARTING, codes=(None, 3)).last_code == 3
    assert standing(STARTING, STARTING, codes=(0, 3)).last_code == 0
