"""The table of a supervised process: every pair of state and event, and what must never follow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gonogo.watchdog.rowstate import RUNNING, TABLE, RowAction, RowEvent, RowState, advance


def test_table_names_only_states_that_can_be_reached() -> None:
    """From OFF, by events alone."""
    reached = {RowState.OFF}
    while more := {TABLE[s, e][0] for s, e in TABLE if s in reached} - reached:
        reached |= more
    assert reached == set(RowState)


@given(st.lists(st.sampled_from(RowEvent), max_size=40))
def test_table_starts_a_process_only_where_none_runs(events: list[RowEvent]) -> None:
    """Two processes in one row would write into one memory."""
    state = RowState.OFF
    for event in events:
        was = state
        state, action = advance(state, event)
        if action is RowAction.SPAWN:
            assert was not in RUNNING
            assert state is RowState.STARTING


@given(st.lists(st.sampled_from(RowEvent), max_size=40))
def test_table_never_leaves_a_latch_but_by_a_person(events: list[RowEvent]) -> None:
    """Acknowledged or stopped; nothing else starts what ended too often."""
    state = RowState.LATCHED
    for event in events:
        if event in {RowEvent.ACKNOWLEDGED, RowEvent.STOP}:
            break
        state, action = advance(state, event)
        assert (state, action) == (RowState.LATCHED, RowAction.NONE)


def test_table_stops_from_every_state() -> None:
    """Whatever it does: asked to stop, and ended, it is off."""
    for first in RowState:
        state, _ = advance(first, RowEvent.STOP)
        state, _ = advance(state, RowEvent.ENDED)
        assert state is RowState.OFF
