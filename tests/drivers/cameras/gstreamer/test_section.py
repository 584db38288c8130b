"""The section of a GStreamer camera: what it takes, and what the line asks of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.gstreamer.section import START_S, GstreamerSection
from gonogo.tests.drivers.cameras.gstreamer.live import HEIGHT_PX, WIDTH_PX, keys, section
from gonogo.tests.drivers.cameras.v4l2.fake import example


def test_section_says_its_frames_and_that_it_holds_a_device() -> None:
    """A process of its own, that may be in a call for as long as opening it takes."""
    assert section().geometry == FrameShape(HEIGHT_PX, WIDTH_PX, 1)
    assert section(pixel_format="bgr8").geometry == FrameShape(HEIGHT_PX, WIDTH_PX, 3)
    assert not section().shareable
    assert not section().needs_part
    assert section().blocks_s > START_S


def test_section_says_what_it_needs_of_the_box() -> None:
    """As the station file says: nobody can read it off a pipeline."""
    made = section(device=("/dev/video0", "/dev/nvmap"), peer=("10.0.0.7",))
    assert made.devices == (("/dev/video0", "rw"), ("/dev/nvmap", "rw"))
    assert made.peers == ("10.0.0.7",)
    assert (section().devices, section().peers) == ((), ())


def test_document_shows_a_section_that_is_taken() -> None:
    """Every key of its example exists."""
    made = GstreamerSection.model_validate(example("gstreamer"))
    assert made.pipeline.startswith("nvarguscamerasrc")


@pytest.mark.parametrize("changes", [{"pipeline": ""}, {"exposure_us": 0.0}, {"readout_ms": -1}])
def test_section_refuses_what_no_camera_can_do(changes: dict[str, object]) -> None:
    """At the station file, before a pipeline is made."""
    with pytest.raises(ValidationError, match=next(iter(changes))):
        GstreamerSection.model_validate(keys(**changes))
