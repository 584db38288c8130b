"""The rows of network cameras: what is compared with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.drivers.scene.section import SyntheticSection
from gonogo.proving.bench.cameras import (
    Waits,
    camera_section,
    measure_waits,
    part_station,
    slot_row,
)
from gonogo.proving.peers.network_camera import fake_camera
from gonogo.tests.drivers.cameras.aravis.fake import needs_fake, section

if TYPE_CHECKING:
    from pathlib import Path


def test_slot_row_is_what_the_line_waits_longer_than_the_library() -> None:
    """Of the medians, against what it may be."""
    row = slot_row(Waits([1.0, 2.0, 30.0], [2.1, 2.1, 40.0]))
    assert row.value == pytest.approx(0.1)
    assert row.met
    assert not slot_row(Waits([1.0], [1.25])).met


@needs_fake
def test_waits_are_measured_on_both_sides() -> None:
    """The library in this process, then a camera's process as a station has it."""
    with fake_camera():
        found = measure_waits(section(), 3, 1)
    assert len(found.bare_ms) == len(found.line_ms) == 3
    assert min(*found.bare_ms, *found.line_ms) > 0


def test_part_station_differs_in_its_camera_alone(tmp_path: Path) -> None:
    """The judge knows the parts of the simulated one, whichever takes the pictures."""
    network, sections = part_station(tmp_path, lambda _: camera_section().model_dump())
    simulated, same = part_station(tmp_path, lambda made: made | {"exposure_ms": 3.0})
    assert network.view[0].camera.driver == "aravis"
    assert network.view[0].camera.geometry == simulated.view[0].camera.geometry
    assert network.view[0].rule == simulated.view[0].rule
    assert isinstance(simulated.view[0].camera, SyntheticSection)
    assert simulated.view[0].camera.exposure_ms == 3.0
    assert [each["driver"] for each in sections] == ["synthetic"]
    assert sections == same
