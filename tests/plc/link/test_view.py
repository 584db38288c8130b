"""What a link shows of itself: each word of its state, as of now."""

from __future__ import annotations

from gonogo.plc.handshake.state import first_state
from gonogo.plc.link.handover import Handover
from gonogo.plc.link.view import LinkView
from gonogo.plc.register_map import State


def test_view_says_what_the_line_asks() -> None:
    """Each of the state's own words, also after the thread has replaced it."""
    handover = Handover(first_state(500))
    view = LinkView(handover)
    assert (view.state, view.permit, view.synced) == (State.BOOT, False, False)
    assert (view.recipe_wanted, view.clears, view.session, view.faults) == (0, 0, 500, 0)
    state = handover.state
    handover.state = state._replace(
        state=State.RUNNING, permit=True, recipe_wanted=7, clears=2, faults=0x12,
        counters=state.counters._replace(inspected=3),
        outbox=state.outbox._replace(synced=True, session=815),
    )  # fmt: skip
    assert (view.state, view.permit, view.synced) == (State.RUNNING, True, True)
    assert (view.recipe_wanted, view.clears, view.session, view.faults) == (7, 2, 815, 0x12)
    assert view.counters.inspected == 3
    handover.close()
