"""A camera of GenICam, whichever library drives it: each frame is held against what was ordered.

For the process of a camera alone (gonogo.drivers.cameras.process): a camera that has died may
block a call for seconds. Not late, though: what waits for frames ends at its deadline. A library
brings two things, a `Device` and a `Stream`; what a frame must be to be a part's is said here.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.base.log.logger import get_logger
from gonogo.drivers.cameras.asked import refuse
from gonogo.drivers.cameras.camera import Exposure
from gonogo.drivers.cameras.clock import FrameCount
from gonogo.drivers.cameras.copying import taken_ms
from gonogo.drivers.cameras.pixels import converter, shifted, without_chunks
from gonogo.drivers.cameras.settings import EXPOSURE_STEP_US, near
from gonogo.drivers.cameras.whose import Whose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.formats import Source
    from gonogo.drivers.cameras.machine_section import MachineSection

log = get_logger(__name__)

_NS_PER_MS = 1_000_000


class Frame(NamedTuple):
    """What a library says of a buffer that has come out."""

    fault: str
    """Why the frame is not whole; "" where it is."""
    shown: tuple[int, int, int, int]
    """Width and height in px, pixel format, bytes."""
    frame_id: int
    camera_ns: int
    """By the camera's clock; 0: it has none."""
    seen_ns: int
    """CLOCK_MONOTONIC when its first packet was here, or soon after."""
    exposure_us: float | None = None
    """How long its light fell, by the camera; None where it was not asked."""


class Device(Protocol):
    """A camera under our control; what fails is a CameraError that names it."""

    name: str

    @property
    def ticks(self) -> bool:
        """Whether the stamps of its frames are times."""
        ...

    def refuse_lost(self) -> None:
        """CameraError where it is gone, CameraHeld where it is not ours any more."""
        ...

    def fire(self, deadline_ns: int) -> int:
        """Trigger it; the time just before. FrameTimeout: it was not ready by then."""
        ...

    def stop(self) -> None:
        """It exposes no more."""
        ...


class Stream(Protocol):
    """Its frames, one on its way at most."""

    lent: NDArray[np.uint8] | None
    """Where that one comes, while the library may write there."""

    def lend(self, pixels: NDArray[np.uint8]) -> None:
        """The next frame goes there, or where the stream itself says, where none is lent yet."""
        ...

    @property
    def back(self) -> bool:
        """Whether what was lent lies ready: the library does not write there any more."""
        ...

    def take(self, deadline_ns: int) -> Frame | None:
        """What was lent, with or without a whole frame; None at the deadline."""
        ...


class MachineCamera:
    """What a library's camera inherits; `_stream` and `_undo` are its own to make.

    `copied` counts frames that were converted, or that came elsewhere than into their slot.
    """

    _stream: Stream
    _undo: contextlib.ExitStack
    _now_ns = staticmethod(time.monotonic_ns)

    def __init__(
        self,
        section: MachineSection,
        device: Device,
        source: Source,
        payload_bytes: int | None = None,
    ) -> None:
        """`payload_bytes`: of a frame with what the camera says of it behind the pixels."""
        self._section = section
        self._device: Device = device
        self._shape = section.geometry.shape
        self._count = FrameCount()
        self._whose = Whose(section, device.name, ticks=device.ticks)
        self._closed = False
        self.copied = 0
        size = source.size_bytes(section.geometry)
        payload = payload_bytes or size
        self._ordered = (section.width_px, section.height_px, source.code, payload)
        self._convert = converter(source, section.geometry, _pattern(device.name, section, source))
        if payload_bytes is not None:
            self._convert = without_chunks(self._convert, size)
        # frames that the line does not read as they are come through here
        self._raw = None if self._convert is None else np.zeros(payload, np.uint8)
        if self._convert is not None and self._raw is not None:
            took_ms = taken_ms(self._convert, self._raw.nbytes, self._shape)
            log.info(
                "camera_frame_converted",
                text=(
                    "%(view)s: each frame is converted from %(source)s to %(pixel_format)s, "
                    "%(took_ms).1f ms"
                ),
                view=device.name,
                source=source.name,
                pixel_format=section.pixel_format,
                took_ms=took_ms,
            )

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """The next frame may come there from now on; not of a camera that runs free."""
        self._refuse(pixels)
        if self._section.trigger != "free-run":
            self._lend(pixels)

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The frame that was exposed for this part: never one from before."""
        self._refuse(pixels)
        asked_ns = self._now_ns()
        if asked_ns >= deadline_ns:
            raise FrameTimeout(f"{self._device.name}: part {part_id}: no time left for a frame")
        self._device.refuse_lost()
        self._whose.wait_out(part_id, asked_ns)
        began_ns, passed = self._begin(pixels, asked_ns, deadline_ns), ""
        earliest_ns = self._whose.earliest_ns(began_ns)
        while True:
            lent = self._stream.lent
            frame = self._stream.take(deadline_ns)
            if frame is None or lent is None:
                self._whose.missed(part_id, began_ns)
                self._device.refuse_lost()
                raise self._none(part_id, passed)
            counter, exposure_ns, wrong = self._hold_against(frame)
            if not wrong and exposure_ns >= earliest_ns:
                self._whose.claim(part_id, frame.seen_ns, began_ns)
                break
            if wrong and self._section.trigger != "free-run":
                self._whose.came_broken(part_id, began_ns)
                raise self._none(part_id, wrong)
            # of a part before, or of none. Were it the last word, the frame of this part would
            # find the next part's buffer, and so on: one picture behind for ever. Running free,
            # one that was on its way when its buffer came lacks what had gone by
            before_ms = (earliest_ns - exposure_ns) / _NS_PER_MS
            passed = wrong or f"exposed {before_ms:.1f} ms before its trigger: of another part"
            self._lend(pixels)
        self._bring(lent, pixels)
        frame_ns = self._now_ns()
        if frame_ns >= deadline_ns:
            raise FrameTimeout(f"{self._device.name}: part {part_id}: its frame came too late")
        return Exposure(counter, exposure_ns, frame_ns)

    def _begin(self, pixels: NDArray[np.uint8], asked_ns: int, deadline_ns: int) -> int:
        """Whatever lets the frame come; when it was asked for, or triggered by us."""
        trigger = self._section.trigger
        if trigger != "hardware" and self._stream.lent is not None and self._stream.back:
            self._stream.take(asked_ns)  # there before it was asked for: of no part
            self._whose.has_come()
        self._lend(pixels)
        return self._device.fire(deadline_ns) if trigger == "software" else asked_ns

    def _lend(self, pixels: NDArray[np.uint8]) -> None:
        """Into the slot itself, where the line reads what the camera sends."""
        self._stream.lend(pixels if self._raw is None else self._raw)

    def _hold_against(self, frame: Frame) -> tuple[int, int, str]:
        """Its counter, when its light began to fall, and what is not as ordered; "": all is."""
        if frame.fault:
            return 0, 0, frame.fault
        if frame.shown != self._ordered:
            return (
                0,
                0,
                (
                    f"expected a frame of {_said(self._ordered)}, got {_said(frame.shown)}: "
                    "another client has changed the camera, or it restarted"
                ),
            )
        used_us, exposure_us = frame.exposure_us, self._section.exposure_us
        if used_us is not None and not near(used_us, exposure_us, EXPOSURE_STEP_US):
            return 0, 0, f"exposed for {used_us:g} us, expected {exposure_us:g}"
        try:
            counter = self._count.take(frame.frame_id)
            return counter, self._whose.date(frame.camera_ns, frame.seen_ns), ""
        except ValueError as error:
            raise CameraError(f"{self._device.name}: {error}: it has restarted") from error

    def _bring(self, lent: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> None:
        """Where the frame came elsewhere: converted, or into the slot of a part before."""
        if self._convert is not None:
            self._convert(lent, pixels)
        elif lent is not pixels:
            began_ns = time.perf_counter_ns()
            np.copyto(pixels, lent.reshape(self._shape))
            if not self.copied:
                took_ms = (time.perf_counter_ns() - began_ns) / _NS_PER_MS
                log.info(
                    "camera_frame_elsewhere",
                    text="%(view)s: frames that come elsewhere are copied, %(took_ms).2f ms",
                    view=self._device.name,
                    took_ms=took_ms,
                )
        else:
            return
        self.copied += 1

    def _none(self, part_id: int, passed: str) -> CameraError:
        """What to say of a part without a frame, or with one alone that cannot be its own."""
        about = f"{self._device.name}: part {part_id}"
        if passed:
            return FrameInvalid(f"{about}: its frame: {passed}")
        hint = {
            "hardware": f"does the photo-eye reach {self._section.trigger_source}?",
            "software": "was it ready for the trigger?",
            "free-run": "is rate_hz high enough for the budget?",
        }[self._section.trigger]
        return FrameTimeout(f"{about}: no frame; {hint}")

    def _refuse(self, pixels: NDArray[np.uint8]) -> None:
        refuse(self._device.name, pixels, self._shape, closed=self._closed)

    def holds(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether the library has that very slot, and no frame or half of one in it yet."""
        return not self._closed and self._stream.lent is pixels and not self._stream.back

    def close(self) -> None:
        """Stop, and release in turn; idempotent. Seconds, where the camera does not answer."""
        if self._closed:
            return
        self._closed = True
        with self._undo, contextlib.suppress(CameraError):
            self._device.refuse_lost()  # it would not listen, for five seconds
            self._device.stop()


def _pattern(name: str, section: MachineSection, source: Source) -> str:
    """The Bayer pattern as the region shows it; "" of any other format."""
    left, top = section.offset_x_px, section.offset_y_px
    even = left % 2 == top % 2 == 0
    if not source.bayer or even or section.bayer_origin == "image":
        return source.bayer
    if section.bayer_origin is None:
        raise CameraError(
            f"{name}: {source.name} with an odd offset: say by bayer_origin whether that "
            "names the first pixel of the image or of the sensor, or make the offsets even"
        )
    return shifted(source.bayer, left, top)


def _said(shown: tuple[int, int, int, int]) -> str:
    width_px, height_px, code, size = shown
    return f"{width_px}x{height_px} px, format {code:#010x}, {size} bytes"
