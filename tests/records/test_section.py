"""What the station file may say of the records."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gonogo.records.section import RecordsSection


def test_section_needs_a_path_and_reads_the_journal_twenty_times_a_second() -> None:
    """Left out, every 50 ms."""
    assert RecordsSection(path=Path("r.db")).poll_ms == 50
    with pytest.raises(ValidationError, match="path"):
        RecordsSection.model_validate({})


@pytest.mark.parametrize(("poll_ms", "taken"), [(4, False), (5, True), (5000, True), (5001, False)])
def test_section_bounds_how_often_the_journal_is_read(poll_ms: int, *, taken: bool) -> None:
    """Not in a busy loop, and often enough for the heartbeat of its process."""
    if taken:
        assert RecordsSection(path=Path("r.db"), poll_ms=poll_ms).poll_ms == poll_ms
        return
    with pytest.raises(ValidationError, match="poll_ms"):
        RecordsSection(path=Path("r.db"), poll_ms=poll_ms)
