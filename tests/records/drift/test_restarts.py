"""Requests that wait beside the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import OutputError
from gonogo.records.drift.restarts import RestartRequest, ask, take

if TYPE_CHECKING:
    from pathlib import Path

FIRST = RestartRequest(view="top", who="a", why="new lamp", wall_s=1.0)
SECOND = RestartRequest(view="side", who="b", why="new lens", wall_s=2.0)


def test_restarts_are_taken_once_the_oldest_first(tmp_path: Path) -> None:
    """However many there are."""
    state = tmp_path / "records-drift.json"
    for each in (SECOND, FIRST):
        ask(state, each)
    assert take(state) == [FIRST, SECOND]
    assert take(state) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("raw", [b"", b"{", b'{"view": 5}', b"\xff\x00", b"x" * 10_000])
def test_restarts_that_are_none_are_dropped(tmp_path: Path, raw: bytes) -> None:
    """Whoever wrote them there: they are gone, and others are taken."""
    state = tmp_path / "records-drift.json"
    (tmp_path / "records-drift.restart-1.json").write_bytes(raw)
    ask(state, FIRST)
    assert take(state) == [FIRST]
    assert list(tmp_path.iterdir()) == []


def test_restarts_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    """To whoever asked."""
    with pytest.raises(OutputError, match="cannot be written"):
        ask(tmp_path / "absent" / "records-drift.json", FIRST)
