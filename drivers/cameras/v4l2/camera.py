"""A camera of the kernel's own interface: each frame is held against what was ordered.

For the process of a camera alone (gonogo.drivers.cameras.process): to stop a USB camera may block
for a second. It runs free, and what was exposed before its part was asked for is passed over.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS
from gonogo.drivers.cameras.asked import refuse
from gonogo.drivers.cameras.camera import Exposure
from gonogo.drivers.cameras.copying import taken_ms
from gonogo.drivers.cameras.free_run import Light, Stamps, Wait
from gonogo.drivers.cameras.v4l2.controls import set_controls
from gonogo.drivers.cameras.v4l2.device import Device, order, pace
from gonogo.drivers.cameras.v4l2.frame_count import FrameCount
from gonogo.drivers.cameras.v4l2.kernel import Linux
from gonogo.drivers.cameras.v4l2.layout import USER_POINTER
from gonogo.drivers.cameras.v4l2.pixels import converter
from gonogo.drivers.cameras.v4l2.stream import start

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.v4l2.device import Picture
    from gonogo.drivers.cameras.v4l2.kernel import Kernel
    from gonogo.drivers.cameras.v4l2.section import V4l2Section
    from gonogo.drivers.cameras.v4l2.stream import Frame

log = get_logger(__name__)

_NS_PER_US = 1000


class V4l2Camera:
    """Open, set and streaming; each step that fails undoes those before."""

    def __init__(
        self,
        section: V4l2Section,
        view: str,
        kernel: Kernel | None = None,
        patience_s: float | None = None,
    ) -> None:
        self._shape = section.geometry.shape
        self._count = FrameCount()
        self._closed = False
        with contextlib.ExitStack() as undo:
            self._device = Device(kernel or Linux(), view, section.device)
            undo.callback(self._device.close)
            picture = order(self._device, section)
            interval_ns = pace(self._device, section.rate_hz)
            unset = set_controls(self._device, section)
            self._light = _light(self._device, section, interval_ns)
            self._convert = converter(picture.source, section.geometry, picture.row_bytes)
            self._stream = start(
                self._device,
                picture,
                direct=picture.source.plain and picture.size_bytes == section.geometry.nbytes,
                patience_s=section.patience_s if patience_s is None else patience_s,
            )
            self._stamps = Stamps(self._device.name)
            undo.callback(self._stop)
            self._say(picture, taken_ms(self._convert, picture.size_bytes, self._shape))
            if unset:
                log.warning(
                    "camera_exposure_unset",
                    text="%(view)s: %(why)s: exposure_us = %(exposure_us)g is taken as said",
                    view=self._device.name,
                    why=unset,
                    exposure_us=section.exposure_us,
                )
            self._undo = undo.pop_all()

    def _say(self, picture: Picture, took_ms: float) -> None:
        """Once: where the time of a frame goes."""
        direct = self._stream.memory == USER_POINTER
        work = "" if direct else f" as {picture.source.name}, {took_ms:.1f} ms"
        log.info(
            "camera_frame_made",
            text="%(view)s (%(card)s): each frame is %(how)s%(work)s",
            view=self._device.name,
            card=self._device.card,
            how=self._stream.how,
            work=work,
        )

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """Not before a part is asked for: the camera runs free, and would fill it at once."""
        self._refuse(pixels)

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The first frame whose light began to fall after the call: never one from before."""
        self._refuse(pixels)
        asked_ns = time.monotonic_ns()
        if asked_ns >= deadline_ns:
            raise FrameTimeout(f"{self._device.name}: part {part_id}: no time left for a frame")
        wait, passed = Wait(self._light, asked_ns, deadline_ns), ""
        while True:
            self._lend(pixels)
            frame = wait.next(self._stream.take)
            if frame is None:
                raise self._none(part_id, passed)
            began_ns = self._began_ns(wait, frame)
            if began_ns >= asked_ns:
                break
            before_ms = (asked_ns - began_ns) / NS_PER_MS
            passed = f"may have been exposed {before_ms:.1f} ms before its part was asked for"
        if frame.fault:
            raise FrameInvalid(f"{self._device.name}: part {part_id}: its frame: {frame.fault}")
        counter = self._counted(frame)
        if frame.raw is not pixels:
            self._convert(frame.raw, pixels)
        frame_ns = time.monotonic_ns()
        if frame_ns >= deadline_ns:
            raise FrameTimeout(f"{self._device.name}: part {part_id}: its frame came too late")
        return Exposure(counter, began_ns, frame_ns)

    def _lend(self, pixels: NDArray[np.uint8]) -> None:
        try:
            self._stream.lend(pixels)
        except OSError as error:
            raise self._device.failure("QBUF", error) from error

    def _began_ns(self, wait: Wait, frame: Frame) -> int:
        """When its light began to fall, at the earliest; a broken frame's stamp says nothing."""
        stamp_ns = None
        if not frame.fault:
            stamp_ns = self._stamps.believed(frame.stamp_ns, frame.seen_ns)
        return wait.began_ns(stamp_ns)

    def _counted(self, frame: Frame) -> int:
        try:
            return self._count.take(frame.sequence)
        except ValueError as error:
            raise CameraError(
                f"{self._device.name}: {error}: it has restarted, or does not count its frames"
            ) from error

    def _none(self, part_id: int, passed: str) -> CameraError:
        """What to say of a part without a frame, or with such alone that cannot be its own."""
        about = f"{self._device.name}: part {part_id}"
        if passed:
            return FrameInvalid(f"{about}: its frame: {passed}")
        return FrameTimeout(f"{about}: no frame; is rate_hz high enough for the budget?")

    def _refuse(self, pixels: NDArray[np.uint8]) -> None:
        refuse(self._device.name, pixels, self._shape, closed=self._closed)

    def holds(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether the kernel has that very slot, and no frame or half of one in it yet."""
        return not self._closed and self._stream.holds(pixels)

    def _stop(self) -> None:
        with contextlib.suppress(OSError):  # of one that has gone
            self._stream.close()

    def close(self) -> None:
        """Have all buffers back, and release the device; idempotent."""
        if not self._closed:
            self._closed = True
            self._undo.close()


def _light(device: Device, section: V4l2Section, interval_ns: int) -> Light:
    readout_ns = interval_ns
    if section.readout_ms is not None:
        readout_ns = round(section.readout_ms * NS_PER_MS)
    elif not interval_ns:
        raise CameraError(
            f"{device.name}: it does not say how long it is from frame to frame: expected "
            "readout_ms, the longest from the end of an exposure until its frame is here"
        )
    return Light(round(section.exposure_us * _NS_PER_US), readout_ns)
