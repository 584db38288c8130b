"""What the section of every camera says, whatever the device."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Literal

from gonogo.base.section import Section

if TYPE_CHECKING:
    from gonogo.base.frame_shape import FrameShape


class CameraSection(Section):
    """The part of `[view.camera]` that the line asks for; a driver's own section adds its keys."""

    # each driver narrows it to a Literal, by which the catalogue tells the sections apart
    driver: str

    @property
    @abstractmethod
    def geometry(self) -> FrameShape:
        """The frames that the camera brings; known before it is opened."""

    @property
    def live(self) -> bool:
        """Whether no two frames are alike to the bit, as noise sees to: then a copy is a fault."""
        # the safe guess: a real sensor never shows the same bits twice, so a copy is a frame that
        # was not taken
        return True

    @property
    def shareable(self) -> bool:
        """Whether it holds no device: a warm spare may open it, too."""
        # the safe guess: most devices give themselves to one process, and the spare runs beside the
        # line
        return False

    def in_words(self) -> str:
        """For whoever checks a station file: what it is, and its frames."""
        height_px, width_px, channels = self.geometry
        pixel_format = "bgr8" if channels > 1 else "mono8"
        return f"{self.driver} camera, {width_px} x {height_px} px {pixel_format}"

    def image_fit(self) -> Literal["exact", "resize"]:
        """How image files of good parts are brought to the frame's size."""
        return "exact"
