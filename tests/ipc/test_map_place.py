"""Where a map lies, told by the host and read by anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.engine_queue import MAP_WORDS, MAPS_AT, VIEWS, Mailbox, MailboxView
from gonogo.ipc.map_place import MapPlace, place_of, tell_place

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = MapPlace((1 << 63) - 1, -12.5, 0.0, 140.25, 200.0, 15.5, 16.0)


@pytest.fixture
def ends(station: str) -> Iterator[tuple[Mailbox, MailboxView]]:
    """The host's, and that of anybody."""
    host = Mailbox.create(station, 0)
    view = MailboxView.attach(station, 0)
    yield host, view
    view.close()
    host.close()


def test_place_is_read_as_it_was_told(ends: tuple[Mailbox, MailboxView]) -> None:
    """Of the last view as well; the engine that came last counts."""
    host, view = ends
    last = VIEWS - 1
    assert place_of(view, last) is None
    tell_place(host, last, PLACE)
    assert place_of(view, last) == PLACE
    assert place_of(view, last - 1) is None
    tell_place(host, last, PLACE._replace(engine_id=5))
    assert place_of(view, last) == PLACE._replace(engine_id=5)


def test_place_of_an_engine_without_a_map_is_none(ends: tuple[Mailbox, MailboxView]) -> None:
    """Though the one before it had one."""
    host, view = ends
    tell_place(host, 0, PLACE)
    tell_place(host, 0, MapPlace(6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    assert place_of(view, 0) is None


def test_place_that_a_host_died_over_is_none_until_the_next_one_tells(
    ends: tuple[Mailbox, MailboxView],
) -> None:
    """Half of it may be another engine's."""
    host, view = ends
    tell_place(host, 1, PLACE)
    host.words[MAPS_AT + MAP_WORDS] += 1  # as it began to write
    assert place_of(view, 1) is None
    tell_place(host, 1, PLACE)
    assert place_of(view, 1) == PLACE
