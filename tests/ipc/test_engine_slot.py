"""One engine place: which word is which, who may write it, and what is read when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import SegmentError
from gonogo.base.shm import Segment, segment_path
from gonogo.ipc.engine_slot import (
    MESSAGE_BYTES,
    PLACE_BYTES,
    EngineSlot,
    HostSlot,
    LoaderSlot,
    Phase,
    PlaceLimits,
    SlotOrder,
    SlotView,
)
from gonogo.tests.ipc.layout import cannot_write, index_of

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = {
    "load": [0],
    "raised": [2],
    "error": [10],
    "realtime": [11],
    "resident_kb": [12],
    "load_ms": [13],
    "unsigned": [14],
}
LIMITS = PlaceLimits(0.25, 0.5, 77)


@pytest.fixture
def segment(station: str) -> Iterator[Segment]:
    """Room for one place."""
    made = Segment.create(segment_path(station, "x"), PLACE_BYTES)
    yield made
    made.close()


@pytest.mark.parametrize(("name", "at"), WORDS.items())
def test_slot_words_stand_where_the_docstring_says(
    segment: Segment, name: str, at: list[int]
) -> None:
    """Each name reads its own word, and no other."""
    assert index_of(SlotView(segment, 0), name, segment.words(0, 256)) == at


def test_slot_loader_and_host_write_where_the_docstring_says(segment: Segment) -> None:
    """Every word with a number of its own; the limits of a view four words further each."""
    loader, host = LoaderSlot(segment, 0), HostSlot(segment, 0)
    loader.order(SlotOrder(bundles={}))
    loader.raised = True
    host.begin(1)
    host.show_limits(1, LIMITS)
    host.show_cost(112, 113, unsigned=True)
    host.refuse("no", 210)
    host.realtime = True
    words, reals = segment.words(0, 256), segment.reals(0, 256)
    assert words[:3].tolist() == [1, 1, 1]
    assert words[8:15].tolist() == [1, Phase.REFUSED, 210, 1, 112, 113, 1]
    assert (words[36], words[39], reals[37], reals[38]) == (1, 77, 0.25, 0.5)
    assert bytes(segment.map[8 * 256 : 8 * 256 + 2]) == b'{"'
    assert bytes(segment.map[8 * 256 + 4096 :][:2]) == b"no"


def test_slot_place_two_begins_where_the_first_one_ends(station: str) -> None:
    """Nothing that is said of one is read of the other."""
    made = Segment.create(segment_path(station, "x"), 2 * PLACE_BYTES)
    first, second = EngineSlot(made, 0), EngineSlot(made, PLACE_BYTES)
    first.refuse("m" * MESSAGE_BYTES, 3)
    assert (second.error, second.message, second.load) == (0, "", 0)
    assert first.message == "m" * MESSAGE_BYTES


def test_slot_order_is_read_as_it_was_given(segment: Segment) -> None:
    """Its bundles; None again once nothing is to be held. Every order has its number."""
    loader, host = LoaderSlot(segment, 0), HostSlot(segment, 0)
    assert (host.ordered, host.load) == (None, 0)
    order = SlotOrder(bundles={"top": Path("/b/top.gob")})
    assert loader.order(order) == host.load == 1
    assert host.ordered == order
    assert loader.order(None) == host.load == 2
    assert host.ordered is None


def test_slot_phase_is_empty_until_a_host_has_begun_with_the_order(segment: Segment) -> None:
    """What is said of the order before it is nothing that can be said of this one."""
    loader, host = LoaderSlot(segment, 0), HostSlot(segment, 0)
    loader.order(None)
    host.begin(1)
    host.say(Phase.READY)
    assert (loader.acted, loader.phase) == (True, Phase.READY)
    loader.order(None)
    assert (loader.acted, loader.phase) == (False, Phase.EMPTY)


def test_slot_host_that_begins_forgets_what_the_last_one_said(segment: Segment) -> None:
    """Refusal, cost and limits are of a load, and go with it."""
    host = HostSlot(segment, 0)
    host.show_limits(0, LIMITS)
    host.show_cost(1, 2, unsigned=True)
    host.refuse("no", 3)
    assert (host.limits(0), host.limits(1)) == (LIMITS, None)
    host.begin(0)
    said = (host.error, host.message, host.resident_kb, host.load_ms, host.unsigned)
    assert said == (0, "", 0, 0, False)
    assert host.limits(0) is None
    assert host.phase is Phase.EMPTY


def test_slot_views_write_what_is_theirs_and_nothing_else(segment: Segment) -> None:
    """A reader nothing, the loader nothing of a host's, a host nothing of the loader's."""
    view, loader, host = SlotView(segment, 0), LoaderSlot(segment, 0), HostSlot(segment, 0)
    cannot_write(view, WORDS, view.words)
    with pytest.raises(AttributeError):
        setattr(loader, "realtime", True)  # noqa: B010 - the type checker forbids it
    with pytest.raises(AttributeError):
        setattr(host, "raised", True)  # noqa: B010 - the type checker forbids it
    assert not hasattr(host, "order")
    assert not hasattr(loader, "say")


def test_slot_text_that_does_not_fit_is_refused(segment: Segment) -> None:
    """A message is cut by whoever sends it, never here and without a word."""
    host = HostSlot(segment, 0)
    with pytest.raises(SegmentError, match=f"{MESSAGE_BYTES + 1} bytes, expected at most"):
        host.refuse("m" * (MESSAGE_BYTES + 1), 3)
    assert (host.error, host.message) == (0, "")
