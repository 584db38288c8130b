"""What the section of every camera says, whatever the device."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Literal

from gonogo.base.section import Section

if TYPE_CHECKING:
    from gonogo.base.frame_shape import FrameShape


class CameraSection(Section):
    """The part of `[view.camera]` that the line asks for; a driver's own section adds its keys."""

    driver: str

    @property
    @abstractmethod
    def geometry(self) -> FrameShape:
        """The frames that the camera brings; known before it is opened."""

    @property
    def live(self) -> bool:
        """Whether no two frames are alike to the bit, as noise sees to: then a copy is a fault."""
        return True

    @property
    def shareable(self) -> bool:
        """Whether it holds no device: the line opens it itself, and a warm spare may, too.

        Any other has a process of its own (gonogo.drivers.cameras.process).
        """
        return False

    @property
    def blocks_s(self) -> float:
        """How long a call into the device may take at worst, before its process counts as hung."""
        return 2.0

    def image_fit(self) -> Literal["exact", "resize"]:
        """How image files of good parts are brought to the frame's size."""
        return "exact"
