"""The section of a V4L2 camera: what it takes, and what the line asks of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.v4l2.section import WAYS, V4l2Section
from gonogo.tests.drivers.cameras.v4l2.fake import HEIGHT_PX, WIDTH_PX, example, keys, section


def test_section_says_its_frames_and_that_it_holds_a_device() -> None:
    """A process of its own, that may be in a call for as long as opening it takes."""
    grey, colour = section(), section(pixel_format="bgr8")
    assert grey.geometry == FrameShape(HEIGHT_PX, WIDTH_PX, 1)
    assert colour.geometry == FrameShape(HEIGHT_PX, WIDTH_PX, 3)
    assert not grey.shareable
    assert not grey.needs_part
    assert grey.patience_s > 2.0
    assert section(exposure_us=1e6).patience_s > 4.0
    assert section(readout_ms=None).patience_s > 4.0
    for made in (grey, section(exposure_us=1e6), section(readout_ms=None)):
        assert made.blocks_s > WAYS * made.patience_s


def test_section_says_what_it_needs_of_the_box() -> None:
    """Whatever number the camera comes back under; and the network not at all."""
    made = section(device=Path("/dev/v4l/by-id/usb-x"))
    assert made.devices == (("char-video4linux", "rw"),)
    assert made.peers == ()


def test_document_shows_a_section_that_is_taken() -> None:
    """Every key of its example exists."""
    made = V4l2Section.model_validate(example("v4l2"))
    assert [each.name for each in made.control] == ["white_balance_temperature"]


@pytest.mark.parametrize(
    "changes",
    [
        {"pixel_format": "mono8", "source_format": "BGR24"},
        {"pixel_format": "bgr8", "source_format": "GREY"},
        {"source_format": "MJPG"},
        {"exposure_us": 0.0},
        {"control": ({"name": "", "value": 3},)},
        {"control": ({"name": "gain", "value": 1 << 31},)},
        {"source_format": "YUYV", "width_px": 321},
    ],
)
def test_section_refuses_what_no_camera_can_do(changes: dict[str, object]) -> None:
    """At the station file, before a camera is asked."""
    with pytest.raises(ValidationError, match=next(reversed(changes))):
        V4l2Section.model_validate(keys(**changes))


def test_section_takes_colour_and_grey_out_of_yuyv() -> None:
    """It has both."""
    for pixel_format in ("bgr8", "mono8"):
        assert section(pixel_format=pixel_format, source_format="YUYV").geometry
