"""The screen's process follows a line of memory alone."""

from __future__ import annotations

import os

from gonogo.base.runtime_dir import runtime_dir
from gonogo.proving.bench.followed import LOOKS, NAME, followed


def test_screen_follows_parts_and_shows_them_to_a_page() -> None:
    """All of them are counted, some are seen with their picture; nothing of the station is left."""
    found = followed(40 * LOOKS)
    assert found.counted == 40 * LOOKS
    assert len(found.own_mb) == LOOKS
    assert min(found.own_mb) > 1
    assert found.answers > 0
    assert list(runtime_dir().glob(f"{NAME}{os.getpid()}-*")) == []
