"""What a camera says of each frame behind its pixels: chunks, by the names of GenICam SFNC.

Read by the library, which knows from the camera's description where each of them lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.drivers.cameras.aravis.binding import ArvError

if TYPE_CHECKING:
    from gonogo.drivers.cameras.aravis.device import Device

EXPOSURE_TIME, FRAME_ID = "ExposureTime", "FrameID"


class ChunkValues(NamedTuple):
    """Of one frame."""

    exposure_us: float
    """How long its light really fell."""
    frame_id: int | None
    """The camera's own count, which does not wrap; None where it has none to say."""
    fault: str = ""
    """What was ordered and is not there."""


class Chunks:
    """Reads them from buffers of one camera, which was told to send them."""

    def __init__(self, device: Device) -> None:
        self._arv = device.arv
        self._parser: int = device.tell("camera_create_chunk_parser")
        self._counts = device.offers("ChunkSelector", FRAME_ID)

    def read(self, buffer: int) -> ChunkValues:
        """Of a whole one."""
        ask, of, name = self._arv.ask, (self._parser, buffer), EXPOSURE_TIME
        frame_id = None
        try:
            exposure_us = ask("chunk_parser_get_float_value", *of, b"ChunkExposureTime")
            if self._counts:
                name = FRAME_ID
                frame_id = ask("chunk_parser_get_integer_value", *of, b"ChunkFrameID")
        except ArvError as error:
            return ChunkValues(0.0, None, f"without its chunk {name}: {error}")
        return ChunkValues(exposure_us, frame_id)

    def close(self) -> None:
        """Let go of the description."""
        self._arv.unref(self._parser)
