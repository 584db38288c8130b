"""A frame ring long enough for pictures: a number that follows from the station and the box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.config.picture_room import IN_USE, in_words, slots_needed, warning
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("budget_ms", "copy_ms", "needed"),
    [
        (150.0, 10.0, 1 + IN_USE),  # a part every 160 ms: the next one begins as this is copied
        (150.0, 10.1, 2 + IN_USE),
        (1600.0, 0.0, 10 + IN_USE),
    ],
)
def test_slots_last_from_the_trigger_until_a_frame_is_copied(
    tmp_path: Path, budget_ms: float, copy_ms: float, needed: int
) -> None:
    """And one for the camera to write into, one in its hands."""
    station = small_station(tmp_path, budget_ms=budget_ms)
    assert slots_needed(station, copy_ms) == needed


def test_slots_are_proposed_only_where_there_are_too_few(tmp_path: Path) -> None:
    """With the number that would do."""
    station = small_station(tmp_path, frame_slots=4)
    assert warning(station, 10.0) is None
    found = warning(station, 10.0 + 2 * 160.0)
    assert found is not None
    assert str(found).startswith("GN622: station.frame_slots: expected at least 5 for pictures")


def test_words_say_how_many_rejects_in_a_row_have_their_picture(tmp_path: Path) -> None:
    """Where writing takes longer than the pitch; else nothing of it."""
    station = small_station(tmp_path)
    assert in_words(station, 10.0, 160.0) == (
        "pictures: copied within 10.0 ms of a verdict, 3 of 8 frame_slots are needed for that; "
        "written in 160.0 ms a part"
    )
    # 64 MiB of 57 600 bytes are 1165 frames; each second part adds one to them
    said = in_words(station, 10.0, 320.0)
    assert said.endswith("come: of more than some 2330 rejects in a row some have none")
