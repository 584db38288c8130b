"""From a verdict to its pixels: which parts count, and how the two clocks come together."""

from __future__ import annotations

import socket

import pytest

from gonogo.proving.bench.pixels import (
    LEAST,
    LIMIT_MS,
    NAMES,
    SETTLE,
    delays_ms,
    not_run,
    row,
    until_served,
)
from gonogo.proving.peers.chromium import PageClock
from gonogo.tests.stations import free_port

MS = 1_000_000


def test_delay_is_from_the_verdict_to_the_paint_on_one_clock() -> None:
    """Of parts that were shown; the first ones, and what no part is known of, do not count."""
    clock = PageClock(5000 * MS, 0.1)
    painted_ms = {part: 100.0 * part for part in range(1, SETTLE + 4)} | {999: 1.0}
    verdicts_ns = {part: (5000 + 100 * part - 30 - part) * MS for part in range(1, 100)}
    assert delays_ms(painted_ms, verdicts_ns, clock) == [30.0 + SETTLE + k for k in (1, 2, 3)]


def test_row_has_the_worst_but_one_in_a_hundred() -> None:
    """Beside what it may take; the one of pictures has no limit."""
    found = row(NAMES[0], [50.0] * (2 * LEAST) + [400.0], LIMIT_MS, "note")
    assert (found.value, found.control, found.met) == (50.0, LIMIT_MS, True)
    assert "max 400 ms; note" in found.note
    assert not row(NAMES[0], [LIMIT_MS + 1] * LEAST, LIMIT_MS, "note").met
    assert row(NAMES[1], [LIMIT_MS + 1] * LEAST, None, "note").met


def test_row_of_too_few_parts_is_not_run() -> None:
    """Neither is any without a browser; both say why."""
    few = row(NAMES[0], [1.0] * (LEAST - 1), LIMIT_MS, "note")
    assert (few.value, few.met) == (None, True)
    assert few.note.startswith(f"not run: {LEAST - 1} parts were shown")
    assert [each.note for each in not_run("needs one")] == ["not run: needs one"] * 2


def test_page_is_opened_as_soon_as_somebody_serves_it() -> None:
    """Nobody at all is an error."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        until_served(server.getsockname())
    with pytest.raises(TimeoutError, match="nobody serves"):
        until_served(("127.0.0.1", free_port()), within_s=0.1)
