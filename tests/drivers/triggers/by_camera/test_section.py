"""What a station file may say of a camera that finds the parts, and what follows of itself."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.base.frame_shape import FrameShape
from gonogo.tests.drivers.triggers.by_camera.gates import section


def test_section_takes_its_times_from_the_station() -> None:
    """80 % of its pitch from part to part, 40 % from look to look; what is said stays."""
    left_out = section().of_station("line-1", 100.0, 20.0)
    assert (left_out.min_pitch_ms, left_out.look_within_ms) == (80.0, 40.0)
    assert left_out.station == "line-1"
    assert section().station == ""
    said = section(min_pitch_ms=30.0, look_within_ms=9.0).of_station("line-1", 100.0, 20.0)
    assert (said.min_pitch_ms, said.look_within_ms) == (30.0, 9.0)
    assert section().least_pitch_ms(100.0) == 80.0
    assert said.least_pitch_ms(100.0) == 30.0


def test_section_of_two_stations_is_of_each() -> None:
    """The one that it is made from keeps no name."""
    plain = section()
    assert [plain.of_station(name, 100.0, 20.0).station for name in ("a", "b")] == ["a", "b"]
    assert plain.station == ""


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"on_pct": 20.0}, r"off_pct: expected less than on_pct \(20 %\), got 20 %"),
        ({"level": 0}, "level"),
        ({"level": 255}, "level"),
        ({"part_is": "white"}, "part_is"),
        ({"width_px": 0}, "width_px"),
        ({"min_pitch_ms": 0.0}, "min_pitch_ms"),
    ],
)
def test_section_refuses_a_gate_that_tells_nothing(keys: dict[str, Any], said: str) -> None:
    """With the key's name."""
    with pytest.raises(ValidationError, match=said):
        section(**keys)


@pytest.mark.parametrize(
    ("frame", "fits"), [((14, 18), True), ((13, 18), False), ((14, 17), False)]
)
def test_gate_lies_within_the_frame(frame: tuple[int, int], *, fits: bool) -> None:
    """Up to column 18 and row 14; beyond there would be nothing to look at."""
    problem = section().gate.problem(FrameShape(*frame, 1))
    assert (problem == "") is fits
    assert fits or "up to column 18 and row 14" in problem


def test_section_says_what_it_looks_for() -> None:
    """For whoever checks a station file."""
    said = section().of_station("line-1", 100.0, 20.0).in_words()
    assert said == (
        "50 % of 10 x 10 px at (8, 4) brighter than 100; a part every 80 ms at most, a look every "
        "40 ms at least"
    )
