"""The two engine places: which word is which, and who may write it."""

from __future__ import annotations

import pytest

from gonogo.base.errors import SegmentError
from gonogo.base.words import Reason
from gonogo.ipc.engine_slots import (
    Answer,
    EngineSlots,
    HostSlots,
    LineSlots,
    LoaderSlots,
    Order,
    OrderKind,
    SlotsView,
)
from gonogo.tests.ipc.layout import cannot_write, index_of

# read by processes of another start, and by a person with a debugger: never moved
WORDS = {
    "active": [0],
    "switches": [1],
    "switch_ns": [2],
    "shadowing": [7],
    "probation_parts": [8],
    "shadowed": [9],
    "no_window": [10],
    "probation_left": [11],
}


@pytest.mark.parametrize(("name", "at"), WORDS.items())
def test_slots_words_stand_where_the_docstring_says(station: str, name: str, at: list[int]) -> None:
    """Each name reads its own word, and no other."""
    slots = EngineSlots.create(station)
    assert index_of(SlotsView.attach(station), name, slots.segment.words(0, 64)) == at
    slots.close()


def test_slots_of_line_and_loader_write_where_the_docstring_says(station: str) -> None:
    """Every word once, with a number of its own."""
    slots = EngineSlots.create(station)
    line, loader = LineSlots.attach(station), LoaderSlots.attach(station)
    loader.command(OrderKind.BACK, 1)
    line.reply(Answer.SAME, Order(1, OrderKind.BACK, 1))
    line.switch(1, 102, 103)
    loader.shadowing = True
    loader.watch(108)
    line.count_shadow(window=True)
    line.count_shadow(window=False)
    line.count_shadow(window=False)
    line.probation_left = 111
    line.roll_back(Reason.ENGINE_SILENT)
    words = slots.segment.words(0, 16).tolist()
    order = 1 << 8 | 2 << 4 | 1
    assert words == [1, 1, 102, 103, order, order, 3, 1, 108, 1, 2, 111, 1, 12, 0, 0]
    assert slots.roll_backs == (1, Reason.ENGINE_SILENT)


def test_slots_order_is_pending_until_the_line_has_answered_it(station: str) -> None:
    """An order says its number, its kind and its place; its answer is none of the next one's."""
    EngineSlots.create(station).close()
    line, loader = LineSlots.attach(station), LoaderSlots.attach(station)
    assert (line.pending, loader.answer) == (None, Answer.NONE)
    assert loader.command(OrderKind.SWITCH, 1) == 1
    assert (line.pending, loader.answer) == (Order(1, OrderKind.SWITCH, 1), Answer.NONE)
    line.reply(Answer.DONE, Order(1, OrderKind.SWITCH, 1))
    assert (line.pending, loader.answer) == (None, Answer.DONE)
    assert loader.command(OrderKind.SWITCH, 1) == 2
    assert loader.answer is Answer.NONE


def test_slots_order_that_came_before_the_answer_is_not_answered(station: str) -> None:
    """The loader takes its switch back while the line is at it: that order is carried out, too."""
    EngineSlots.create(station).close()
    line, loader = LineSlots.attach(station), LoaderSlots.attach(station)
    loader.command(OrderKind.SWITCH, 1)
    order = line.pending
    assert order is not None
    loader.command(OrderKind.BACK, 0)
    line.reply(Answer.DONE, order)
    assert (line.pending, loader.answer) == (Order(2, OrderKind.BACK, 0), Answer.NONE)


def test_slots_views_write_what_is_theirs_and_nothing_else(station: str) -> None:
    """A reader and a host write no word of these; line and loader not those of each other."""
    EngineSlots.create(station).close()
    for view in (SlotsView.attach(station), HostSlots.attach(station)):
        cannot_write(view, WORDS, view.words)
    line, loader = LineSlots.attach(station), LoaderSlots.attach(station)
    with pytest.raises(AttributeError):
        setattr(line, "shadowing", True)  # noqa: B010 - the type checker forbids it
    with pytest.raises(AttributeError):
        setattr(loader, "probation_left", 1)  # noqa: B010 - the type checker forbids it
    assert not hasattr(line, "command")
    assert not hasattr(loader, "switch")
    with pytest.raises(TypeError):
        line.places[0].words[0] = 1
    HostSlots.attach(station).places[1].realtime = True
    assert [place.realtime for place in line.places] == [False, True]
    loader.places[0].raised = True
    assert [place.raised for place in line.places] == [True, False]


def test_slots_that_nobody_made_are_refused(station: str) -> None:
    """A station without engine places has none to be mapped."""
    with pytest.raises(SegmentError, match="slots"):
        SlotsView.attach(station)


def test_slots_closed_give_their_memory_back(station: str) -> None:
    """With the views of both places."""
    slots = EngineSlots.create(station)
    slots.close()
    assert slots.segment.map.closed
