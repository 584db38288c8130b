"""What a camera is to the line.

A camera writes a frame straight into a ring slot's pixels; it returns when the
frame is whole or raises. Its constructor opens the device and checks everything
that can be checked before the first part; `grab` allocates nothing that grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Exposure(NamedTuple):
    """What a camera says of a frame: its own counter (strictly increasing) and times in ns.

    Both times are CLOCK_MONOTONIC; `frame_ns` is when the last pixel was written, `exposure_ns`
    when the light began to fall, 0 where nobody knows. The line refuses one from before its
    trigger.
    """

    # the line holds it against the last one: one that stands still is a frame of an earlier part
    counter: int
    exposure_ns: int
    frame_ns: int


# retries, timeouts over several frames and the trust in a frame are the line's
# (runtime/frame_trust.py), not the driver's
class Camera(Protocol):
    """One camera. `grab` raises FrameTimeout, FrameInvalid or CameraError, never returns late."""

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """Between two parts: the next frame goes into `pixels`, which nobody reads until then.

        Where the device writes by itself (DMA), this hands it the buffer. Optional: a
        `grab` into other pixels still works.
        """
        ...

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """Write the frame of this part into `pixels` before `deadline_ns` (absolute monotonic).

        `pixels` is uint8, C-contiguous, (height, width, 3) in blue-green-red order or
        (height, width) grey. Simulated cameras derive what they show from `part_id`
        (gonogo.drivers.scene.order); real ones ignore it.
        """
        ...

    def close(self) -> None:
        """Release the device; idempotent."""
        ...


@runtime_checkable
class DeviceCamera(Camera, Protocol):
    """A camera whose device may go on writing after `grab` has given up.

    A network camera keeps the buffer of a frame with missing packets until it has waited for
    them, say. Any other camera promises that nothing is written once `grab` has ended.
    """

    def holds(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether the device may still write there; looks only, never waits."""
        ...


@runtime_checkable
class RestingCamera(Camera, Protocol):
    """A camera with something to see to while no frame is asked for."""

    def rest(self) -> None:
        """A moment at most, between two parts; CameraError where the device has failed."""
        ...


@runtime_checkable
class BindingCamera(DeviceCamera, Protocol):
    """A camera whose library has to know all slots of the ring before its first frame.

    Without `bind` it works, by a copy of each frame.
    """

    def bind(self, slots: Sequence[NDArray[np.uint8]]) -> None:
        """The pixels of every slot, which stay mapped until `close`; once, before the first grab.

        CameraError where the device fails.
        """
        ...


@runtime_checkable
class BoundedCamera(Camera, Protocol):
    """A camera that says what its light may be set to."""

    def bounds(self, key: str) -> tuple[float, float] | None:
        """Least and most of `exposure_us` or `gain_db` now; None where it does not have it.

        CameraError where the device does not say.
        """
        ...
