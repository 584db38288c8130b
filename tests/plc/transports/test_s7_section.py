"""Where an S7 PLC is, as a station file says it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from gonogo.plc.transports.s7_section import S7Section


def test_section_refuses_areas_that_overlap() -> None:
    """What we write must not lie on what the PLC writes; the message proposes a place."""
    with pytest.raises(ValidationError, match=r"overlap; .*p_offset = 242"):
        S7Section(driver="s7", host="plc", db=1, d_offset=50, p_offset=200)


@pytest.mark.parametrize(
    "wrong", [{"timeout_ms": 49}, {"timeout_ms": 1001}, {"d_offset": 3}, {"db": 0}, {"rack": 8}]
)
def test_section_bounds(wrong: dict[str, int]) -> None:
    """A timeout beyond a part's budget, half a word, or a place that no rack has."""
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        S7Section.model_validate({"driver": "s7", "host": "plc", "db": 1} | wrong)


def test_section_says_how_long_the_block_must_be() -> None:
    """232 bytes where the two areas touch."""
    assert S7Section(driver="s7", host="plc", db=1).block_bytes == 232
    assert S7Section(driver="s7", host="plc", db=1, d_offset=40, p_offset=0).block_bytes == 232


def test_stations_without_s7_do_not_load_its_library() -> None:
    """Every process of a station reads the station file; the library costs each of them."""
    code = "import sys, gonogo.config.station; sys.exit('snap7' in sys.modules)"
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0
