"""Sections and edges for tests of the triggers by GPIO."""

from __future__ import annotations

from typing import Any

from gonogo.drivers.triggers.gpio.section import EncoderSection, GpioSection

MS = 1_000_000
MM_PER_EDGE = 0.5
QUARTERS = ((False, False), (True, False), (True, True), (False, True))


def gpio(**keys: Any) -> GpioSection:  # noqa: ANN401 - keys of a section
    """An eye at line 17, as a station of a part every 100 ms has it."""
    section = GpioSection.model_validate({"driver": "gpio", "chip": "eye", "line": "17"} | keys)
    return section.of_station("bolts", 100.0, 20.0)


def encoder(**keys: Any) -> EncoderSection:  # noqa: ANN401 - keys of a section
    """The same with an encoder of 0.5 mm, on a belt of 200 mm/s."""
    given = {
        "driver": "encoder",
        "chip": "eye",
        "line": "17",
        "line_a": "22",
        "line_b": "23",
        "mm_per_edge": MM_PER_EDGE,
        "speed_max_mm_s": 250.0,
    }
    return EncoderSection.model_validate(given | keys).of_station("bolts", 100.0, 20.0)
