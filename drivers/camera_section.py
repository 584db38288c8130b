"""What the section of every camera says, whatever the device."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Literal

from gonogo.base.section import Section

LEAD_MS = 2.0  # what a camera's clock may be off by, where it is dated by ours

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.drivers.camera_link import CameraLink


class CameraSection(Section):
    """The part of `[view.camera]` that the line asks for; a driver's own section adds its keys.

    More than a dozen properties: all that can be known of a camera before it is open.
    """

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
        """Whether it holds no device: the line opens it itself, and a warm spare may, too.

        Any other has a process of its own (gonogo.drivers.cameras.process).
        """
        # the safe guess: most devices give themselves to one process, and the spare runs beside the
        # line
        return False

    @property
    def light_keys(self) -> tuple[str, ...]:
        """Of exposure_us and gain_db those that are written into the device and read back.

        They may be others while the station runs (gonogo.config.live_light).
        """
        return ()

    @property
    def blocks_s(self) -> float:
        """How long a call into the device may take at worst, before its process counts as hung."""
        return 2.0

    @property
    def needs_part(self) -> bool:
        """Whether it brings a frame for a part alone: without one nothing is tried, nor checked."""
        return False

    @property
    def looks(self) -> bool:
        """Whether it brings frames between parts, too, and says when the light of each fell."""
        return False

    @property
    def alone(self) -> bool:
        """Whether it takes what comes once it is asked: then only the first view can be of it."""
        return False

    @property
    def lead_ms(self) -> float:
        """How long before a part's trigger its light may have fallen; below the pitch."""
        return LEAD_MS

    @property
    def before_ms(self) -> float:
        """How long before a part's trigger the light of a frame fell, that may pass for its own.

        Below the pitch. More than `lead_ms` where frames may be dated later than their light.
        """
        return self.lead_ms

    @property
    def peers(self) -> tuple[str, ...] | None:
        """Addresses that it speaks with; None: whoever has it in the network."""
        return ()

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """What systemd's DeviceAllow= must name for it, and how it is used (r, w)."""
        return ()

    @property
    def writes(self) -> tuple[Path, ...]:
        """Folders in which it changes files."""
        return ()

    @property
    def link(self) -> CameraLink | None:
        """What its frames ask of a network or of USB; None: they come by neither."""
        return None

    def in_words(self) -> str:
        """For whoever checks a station file: what it is, and its frames."""
        height_px, width_px, channels = self.geometry
        pixel_format = "bgr8" if channels > 1 else "mono8"
        return f"{self.driver} camera, {width_px} x {height_px} px {pixel_format}"

    def image_fit(self) -> Literal["exact", "resize"]:
        """How image files of good parts are brought to the frame's size."""
        return "exact"
