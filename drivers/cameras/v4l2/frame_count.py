"""A camera's count of its frames as one that never wraps."""

from __future__ import annotations

_ROUND = 1 << 32  # v4l2_buffer.sequence


class FrameCount:
    """Frames for which the camera had no buffer count, too: a gap is no fault."""

    def __init__(self) -> None:
        self._base = 0
        self._last = -1

    def take(self, sequence: int) -> int:
        """The number of the next frame, from 1 on; ValueError when it has not gone on."""
        last = self._last
        if sequence <= last:
            # forward across the end of 32 bits, by less than half a round; else it is no wrap
            if sequence + _ROUND - last > _ROUND // 2:
                raise ValueError(f"frame {sequence} came after frame {last}")
            self._base += _ROUND
        self._last = sequence
        return self._base + sequence + 1
