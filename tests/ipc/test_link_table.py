"""What the link tells people: every number comes back where it was put."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.heartbeat import Heartbeat, HeartbeatView
from gonogo.ipc.link_table import (
    D_WORDS,
    P_WORDS,
    REASON_BYTES,
    RECORD_WORDS,
    SINCES,
    LinkFacts,
    LinkFlag,
)

if TYPE_CHECKING:
    from gonogo.ipc.link_table import LinkTable


def counted(reason: str = "GN402: the PLC is silent") -> LinkFacts:
    """Every number another one."""
    numbers = iter(range(1, 1000))
    first = [next(numbers) for _ in range(10)]
    first[2] = LinkFlag.SYNCED
    spans = [
        tuple(next(numbers) for _ in range(count))
        for count in (P_WORDS, D_WORDS, RECORD_WORDS, SINCES)
    ]
    return LinkFacts._make((*first, *spans, reason))


@pytest.fixture
def table(station: str) -> LinkTable:
    """The line's own."""
    return Heartbeat.create(station).link


def test_link_table_has_nothing_before_a_link_told(table: LinkTable) -> None:
    """No line has begun yet."""
    assert table.look() is None


@pytest.mark.parametrize("reason", ["GN402: the PLC is silent", "", "kein Gerät"])
def test_link_table_gives_what_was_told(station: str, table: LinkTable, reason: str) -> None:
    """To whoever maps the heartbeat to read it."""
    table.tell(counted())
    table.tell(counted(reason))
    assert HeartbeatView.attach(station).link.look() == counted(reason)


def test_link_table_cuts_a_reason_that_is_too_long(table: LinkTable) -> None:
    """Also in the middle of a letter; the other numbers are as they were."""
    table.tell(counted("ä" * REASON_BYTES))
    found = table.look()
    assert found is not None
    assert found._replace(reason="") == counted("")
    assert found.reason == "ä" * (REASON_BYTES // 2)


def test_link_table_leaves_the_heartbeat_s_own_words_alone(station: str) -> None:
    """They lie in one segment."""
    heart = Heartbeat.create(station)
    before = heart.words.tolist()
    heart.link.tell(counted())
    assert heart.words.tolist() == before
    heart.begin(7, 8)
    assert heart.link.look() == counted()
