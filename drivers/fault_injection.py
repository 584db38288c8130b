"""A camera and a trigger that show the faults of the board; without one they only pass on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.drivers.cameras.camera import Exposure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.words import TriggerEvent
    from gonogo.drivers.cameras.camera import Camera
    from gonogo.drivers.triggers.trigger import Trigger
    from gonogo.ipc.fault_table import FaultsToShow


STUCK = 20  # pixels of a dirty camera, every other one black, the others white
GRAIN_PX, GRAIN_SHARE, GRAIN_AT = 24, 0.3, (0.6, 0.3)  # across; of the light; of height and width
# spread evenly, and far from any grid
_ROWS, _COLUMNS = (np.arange(1, STUCK + 1) * step % 1.0 for step in (0.754877, 0.56984))


def soil(pixels: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Stuck pixels and a soft grain, always in the same places; rows and columns of the pixels."""
    height, width = pixels.shape[:2]
    middle, half = [round(GRAIN_AT[0] * height), round(GRAIN_AT[1] * width)], GRAIN_PX
    rows, columns = (slice(max(0, at - half), at + half) for at in middle)
    y, x = np.ogrid[rows.start : min(rows.stop, height), columns.start : min(columns.stop, width)]
    off = np.hypot(y - middle[0], x - middle[1]) / (GRAIN_PX / 2)
    kept = 1 - GRAIN_SHARE * np.exp(-(off**4))
    grain = pixels[rows, columns]
    grain[...] = grain * (kept if grain.ndim == kept.ndim else kept[:, :, None])
    at = (_ROWS * height).astype(int), (_COLUMNS * width).astype(int)
    pixels[at[0][::2], at[1][::2]], pixels[at[0][1::2], at[1][1::2]] = 0, 255
    return [(int(row), int(column)) for row, column in zip(*at, strict=True)]


class FaultyCamera:
    """The camera inside, unless the board says otherwise.

    A frame can come again only from the second frame of a fault on: the first one is kept.
    """

    def __init__(self, inner: Camera, board: FaultsToShow) -> None:
        self._inner = inner
        self._board = board
        # a copy, made while a fault is shown only: in ordinary service nothing is allocated here
        self._kept: NDArray[np.uint8] | None = None
        self._last = Exposure(0, 0, 0)

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """As the camera inside."""
        self._inner.queue(pixels)

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The frame of the camera inside, and what the board makes of it."""
        board = self._board
        # before the camera is asked: a camera that is gone takes no time
        if board.show("camera-lost"):
            raise CameraError(f"part {part_id}: no frame (a fault that was asked for)")
        exposure = self._inner.grab(part_id, pixels, deadline_ns)
        # after it, from here on: the camera has done its work, and its counter goes on
        if board.show("camera-torn"):
            raise FrameInvalid(f"part {part_id}: missing packets (a fault that was asked for)")
        if board.show("camera-black"):
            pixels.fill(0)
        if board.show("camera-dirty"):
            soil(pixels)
        # only when there was a frame to repeat the number of
        if board.show("camera-counter") and self._last.counter:
            return exposure._replace(counter=self._last.counter)
        if board.active("camera-late"):
            return self._late(part_id, pixels, exposure)
        # `active` does not count: the first frame of the fault is still a right one
        frozen, duplicate = board.active("camera-frozen"), board.active("camera-duplicate")
        if not (frozen or duplicate):
            self._kept, self._last = None, exposure
            return exposure
        if self._kept is None:
            self._kept, self._last = pixels.copy(), exposure
            return exposure
        np.copyto(pixels, self._kept)
        board.shown("camera-frozen" if frozen else "camera-duplicate")
        # frozen: nothing moves; duplicate: the camera counts on and shows the old pixels, which
        # only their comparison finds
        return exposure._replace(counter=self._last.counter) if frozen else exposure

    def _late(self, part_id: int, pixels: NDArray[np.uint8], exposure: Exposure) -> Exposure:
        """The picture of the part before; of the first part none, as its own comes next."""
        kept, last = self._kept, self._last
        self._kept, self._last = pixels.copy(), exposure
        self._board.shown("camera-late")
        if kept is None:
            raise FrameTimeout(f"part {part_id}: its picture is late (a fault that was asked for)")
        np.copyto(pixels, kept)
        # exposed when it was, and there only now
        return last._replace(frame_ns=exposure.frame_ns)

    def close(self) -> None:
        """Release the camera inside."""
        self._inner.close()


class BouncingTrigger:
    """The trigger inside; while the board says so, every pulse comes twice."""

    def __init__(self, inner: Trigger, board: FaultsToShow) -> None:
        self._inner = inner
        self._board = board
        self._again: TriggerEvent | None = None

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The next pulse, or the bounce of the last one."""
        if self._again is not None:
            # with its old time stamp: a bouncing photo-eye sends the same part again at once
            again, self._again = self._again, None
            return again
        pulse = self._inner.wait(until_ns)
        if pulse is not None and self._board.show("trigger-double"):
            self._again = pulse
        return pulse

    def close(self) -> None:
        """Release the trigger inside."""
        self._again = None
        self._inner.close()
