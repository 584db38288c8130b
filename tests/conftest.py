"""Fixtures for all tests: a station name of one's own, whose shared memory is gone afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("shared machine", deadline=None)  # no assertion on absolute times
settings.load_profile("shared machine")


@pytest.fixture
def station() -> Iterator[str]:
    """A station name that no other test uses."""
    with scratch_station() as name:
        yield name
