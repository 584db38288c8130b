"""The size of a frame: height, width and channels, in pixels."""

from __future__ import annotations

import math
from typing import NamedTuple


class FrameShape(NamedTuple):
    """Geometry of a view's frames: uint8, C-contiguous, (height, width) or (height, width, 3)."""

    height_px: int
    width_px: int
    channels: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The numpy shape of a frame."""
        size = (self.height_px, self.width_px)
        return size if self.channels == 1 else (*size, self.channels)

    @property
    def nbytes(self) -> int:
        """Bytes of one frame."""
        return math.prod(self.shape)
