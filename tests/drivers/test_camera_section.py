"""What every camera's section says, unless its driver says otherwise."""

from __future__ import annotations

import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.camera_section import CameraSection


class PlainSection(CameraSection):
    """A driver that says no more than it must."""

    channels: int = 3

    @property
    def geometry(self) -> FrameShape:
        """Of its frames."""
        return FrameShape(480, 640, self.channels)


def test_camera_is_live_and_alone_at_its_device_unless_it_says_otherwise() -> None:
    """The safe guess: a frame that comes again is a fault, and no spare opens the device, too."""
    section = PlainSection(driver="plain")
    assert (section.live, section.shareable, section.image_fit()) == (True, False, "exact")


@pytest.mark.parametrize(("channels", "word"), [(3, "bgr8"), (1, "mono8")])
def test_camera_says_itself_in_words(channels: int, word: str) -> None:
    """For whoever checks a station file: driver, size, pixels."""
    section = PlainSection(driver="plain", channels=channels)
    assert section.in_words() == f"plain camera, 640 x 480 px {word}"


def test_camera_must_say_which_frames_it_brings() -> None:
    """Rings are made for them before it is opened."""
    with pytest.raises(TypeError, match="geometry"):
        CameraSection(driver="bare")  # type: ignore[abstract]  # that is what is tried
