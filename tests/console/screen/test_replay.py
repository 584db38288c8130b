"""The page over many parts: what it holds does not grow with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.tests.console.screen.replay import WARM, begin, memory, play

if TYPE_CHECKING:
    from gonogo.tests.console.screen.browser import Browser
    from gonogo.tests.console.screen.scene import Scene
    from gonogo.tests.console.screen.served import Served

EVENTS = 1600
PER_EVENT = 100  # bytes: whatever is kept of an event, a text or an element, is more


def test_page_holds_no_more_after_thousands_of_parts(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Neither elements, nor listeners, nor memory of its scripts; five million are a command."""
    begin(tabs, scene, served)
    before = memory(tabs)
    play(tabs, EVENTS)
    after = memory(tabs)
    assert after.nodes <= before.nodes + 50
    assert after.listeners <= before.listeners + 5
    assert after.heap - before.heap < EVENTS * PER_EVENT
    # the last of them is on the page: it was drawn, not only asked for
    assert tabs("ask", page="a", js="window.replayed") == WARM + EVENTS
    assert tabs("ask", page="a", js="window.shown").startswith(f"Part {WARM + EVENTS}, ")
