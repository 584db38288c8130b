"""A real page: what it notes of its own paints, and what time it is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import NS_PER_MS
from gonogo.proving.bench.pixels import WATCH
from gonogo.proving.peers.chromium import Chromium, installed
from gonogo.tests.descriptors import nothing_left_open

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 30.0
PAGE = "data:text/html,<p id='part-line'>No part yet</p>"
SAY = "document.querySelector('#part-line').textContent = 'Part {}, {} s ago'"


@pytest.fixture(scope="module")
def page() -> Iterator[Chromium]:
    """One for both tests; skips where there is none."""
    program = installed()
    if program is None:
        pytest.skip("no chromium here: tests/peers/install.sh")
    with nothing_left_open(), Chromium(program) as made:
        yield made


def noted(page: Chromium, count: int) -> list[Any]:
    """What it has painted, once that is so much."""
    end_s = time.monotonic() + WAIT_S
    while len(found := page.ask("(window.gonogoNoted || { parts: [] }).parts")) < count:
        assert time.monotonic() < end_s
        time.sleep(0.02)
    assert isinstance(found, list)
    return found


def test_page_notes_when_each_part_was_painted(page: Chromium) -> None:
    """By its number, once, after it was changed; an age that changes is no part."""
    page.before(WATCH)
    page.open(PAGE)
    end_s = time.monotonic() + WAIT_S
    while not page.ask("!!document.querySelector('#part-line')"):
        assert time.monotonic() < end_s
    page.ask(SAY.format(7, 0))
    noted(page, 1)
    page.ask(SAY.format(7, 1))
    before_ns = time.monotonic_ns()
    page.ask(SAY.format(8, 0))
    (seven, _), (eight, painted_ms) = noted(page, 2)
    after_ns = time.monotonic_ns()
    assert (seven, eight) == (7, 8)
    clock = page.clock()
    off_ns = round((clock.off_ms + 1) * NS_PER_MS)  # a page tells tenths of a millisecond
    assert before_ns - off_ns <= clock.ns(painted_ms) <= after_ns + off_ns


def test_page_says_what_went_wrong(page: Chromium) -> None:
    """In the browser's words; the next question is answered."""
    with pytest.raises(RuntimeError, match="nothing is not defined"):
        page.ask("nothing.at.all")
    assert page.ask("1 + 1") == 2
