"""What a link shows of itself: each word of its state, as of now."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.plc.handshake.state import first_state
from gonogo.plc.link.handover import Handover
from gonogo.plc.link.view import LinkView
from gonogo.plc.register_map import CtrlBit, State


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


@pytest.mark.parametrize(
    ("change", "ctrl", "enabled"),
    [
        ({}, 3, True),
        ({}, 3 | CtrlBit.TEST_MODE, True),
        ({}, CtrlBit.ENABLE, False),
        ({}, CtrlBit.TRIGGER_ENABLE, False),
        ({"latched": 1}, 3, False),
        ({"synced": False}, 3, False),
        ({"ok": False}, 3, False),
    ],
)
def test_view_says_whether_parts_may_come(
    change: dict[str, Any], ctrl: int, *, enabled: bool
) -> None:
    """The PLC is there, follows us and lets them; whether they would pass is another question."""
    handover = Handover(first_state(500))
    state = handover.state
    state = state._replace(
        latched=change.get("latched", 0),
        peer=state.peer._replace(ok=change.get("ok", True), ctrl=ctrl),
        outbox=state.outbox._replace(synced=change.get("synced", True)),
    )
    handover.state = state
    assert LinkView(handover).enabled is enabled
    handover.close()
