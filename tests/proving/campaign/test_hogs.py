"""Processes that eat processor time: there while they are wanted, and gone afterwards."""

from __future__ import annotations

import contextlib
import os

import pytest

from gonogo.base.realtime import may_schedule
from gonogo.proving.campaign.hogs import hogs
from gonogo.tests.children import begun_since, children


def test_hogs_eat_until_they_are_not_wanted() -> None:
    """Each a process of its own, whatever ends the block."""
    before = children()
    with contextlib.suppress(RuntimeError), hogs(2):
        assert len(children()) == len(before) + 2
        raise RuntimeError
    assert children() == before


def test_hog_of_a_rank_has_it_or_says_that_it_may_not() -> None:
    """SCHED_FIFO, or PermissionError; in both cases nothing is left."""
    before = children()
    if may_schedule():
        with hogs(1, priority=1):
            eater = begun_since(before)
            assert os.sched_getscheduler(eater) == os.SCHED_FIFO
            assert os.sched_getparam(eater).sched_priority == 1
    else:
        with pytest.raises(PermissionError), hogs(1, priority=1):
            pass
    assert children() == before
