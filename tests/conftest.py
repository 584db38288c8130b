"""Fixtures for all tests: a station name of one's own, whose shared memory is gone afterwards."""

from __future__ import annotations

import logging
import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from gonogo.base.runtime_dir import runtime_dir
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("shared machine", deadline=None)  # no assertion on absolute times
settings.load_profile("shared machine")
# a shell that runs us in the background has Ctrl-C ignored, and whom we start inherits that
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def station() -> Iterator[str]:
    """A station name that no other test uses."""
    with scratch_station() as name:
        yield name


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """How much is logged a test may set, and no test after it finds changed."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """A test that leaves its station's memory behind fails the run, not a test after it."""
    yield
    ours = (f"t{os.getpid()}.", f"test{os.getpid()}.")  # tests/stations.py, tests/fakes.py
    left = sorted(path.name for path in runtime_dir().iterdir() if path.name.startswith(ours))
    assert left == []
