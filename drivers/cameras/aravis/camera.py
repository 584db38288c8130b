"""A GigE Vision or USB3 Vision camera: each frame is held against what was ordered.

For the process of a camera alone (gonogo.drivers.cameras.process): a camera that has died blocks
a call for 2.5 s. Not late, though: what waits for frames ends at its deadline.
"""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import CameraError, CameraLinkError, FrameInvalid, FrameTimeout
from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras.aravis.binding import binding
from gonogo.drivers.cameras.aravis.clock import CameraClock, FrameCount
from gonogo.drivers.cameras.aravis.device import Device
from gonogo.drivers.cameras.aravis.features import EXPOSURE_STEP_US, near, order
from gonogo.drivers.cameras.aravis.pixels import converter, shifted, without_chunks
from gonogo.drivers.cameras.aravis.stream import Stream
from gonogo.drivers.cameras.camera import Exposure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.aravis.binding import Binding
    from gonogo.drivers.cameras.aravis.formats import Source
    from gonogo.drivers.cameras.aravis.pixels import Convert
    from gonogo.drivers.cameras.aravis.section import AravisSection
    from gonogo.drivers.cameras.aravis.stream import Frame

log = logging.getLogger(__name__)

_NS_PER_US, _NS_PER_MS = 1000, 1_000_000
SLACK_NS = 2 * _NS_PER_MS  # what two clocks part by within the window of the map, and more


class AravisCamera:
    """Open, under our control, set and streaming; each step that fails undoes those before."""

    def __init__(self, section: AravisSection, view: str, lib: Binding | None = None) -> None:
        self._section = section
        self._shape = section.geometry.shape
        self._count = FrameCount()
        self._closed = False
        with contextlib.ExitStack() as undo:  # in turn: stop, stream, device
            self._device = Device(lib or binding(), view, section.address)
            undo.callback(self._device.close)
            self._clock = CameraClock(ticks=self._device.ticks)
            source = order(self._device, section)
            size = source.size_bytes(section.geometry)
            short = "" if self._device.gige else HostNetwork().usb_memory_short(size)
            if short:
                raise CameraLinkError(f"{self._device.name}: {short}")
            # with what the camera says of the frame behind it
            payload = self._device.ask("camera_get_payload") if section.chunks else size
            self._ordered = (section.width_px, section.height_px, source.code, payload)
            self._convert = converter(
                source, section.geometry, _pattern(self._device, section, source)
            )
            if section.chunks:
                self._convert = without_chunks(self._convert, size)
            # frames that the line does not read as they are come through here
            self._raw = None if self._convert is None else np.zeros(payload, np.uint8)
            if self._convert is not None and self._raw is not None:
                took_ms = _taken_ms(self._convert, self._raw, np.zeros(self._shape, np.uint8))
                log.info(
                    "%s: each frame is converted from %s to %s, %.1f ms",
                    self._device.name, source.name, section.pixel_format, took_ms,
                )  # fmt: skip
            self._stream = Stream(self._device, section)
            undo.callback(self._stream.close)
            self._device.ask("camera_start_acquisition")
            self._undo = undo.pop_all()

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """The next frame may come there from now on; not of a camera that runs free."""
        self._refuse(pixels)
        if self._section.trigger != "free-run":
            self._lend(pixels)

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The frame that was exposed for this part: never one from before."""
        self._refuse(pixels)
        asked_ns = time.monotonic_ns()
        if asked_ns >= deadline_ns:
            raise FrameTimeout(f"{self._device.name}: part {part_id}: no time left for a frame")
        self._device.refuse_lost()
        earliest_ns, passed = self._begin(pixels, asked_ns), ""
        while True:
            lent = self._stream.lent
            frame = self._stream.take(deadline_ns)
            if frame is None or lent is None:
                self._device.refuse_lost()
                raise self._none(part_id, passed)
            counter, exposure_ns, wrong = self._hold_against(frame)
            if not wrong and exposure_ns >= earliest_ns - SLACK_NS:
                break
            if wrong and self._section.trigger != "free-run":
                raise self._none(part_id, wrong)
            # of a part before, or of none. Were it the last word, the frame of this part would
            # find the next part's buffer, and so on: one picture behind for ever. Running free,
            # one that was on its way when its buffer came lacks what had gone by
            before_ms = (earliest_ns - exposure_ns) / _NS_PER_MS
            passed = wrong or f"exposed {before_ms:.1f} ms before its trigger: of another part"
            self._lend(pixels)
        self._bring(lent, pixels)
        frame_ns = time.monotonic_ns()
        if frame_ns >= deadline_ns:
            raise FrameTimeout(f"{self._device.name}: part {part_id}: its frame came too late")
        return Exposure(counter, min(max(exposure_ns, earliest_ns), frame_ns), frame_ns)

    def _begin(self, pixels: NDArray[np.uint8], asked_ns: int) -> int:
        """Whatever lets the frame come; no earlier than the returned time was it exposed."""
        section = self._section
        if section.trigger == "hardware":
            self._lend(pixels)
            return asked_ns - round(section.trigger_lead_ms * _NS_PER_MS)
        if self._stream.lent is not None and self._stream.back:
            self._stream.take(asked_ns)  # there before it was asked for: of no part
        self._lend(pixels)
        if section.trigger == "free-run":
            # the stamp may be that of the exposure's end
            return asked_ns + round(section.exposure_us * _NS_PER_US)
        fired_ns = time.monotonic_ns()
        self._device.ask("camera_software_trigger")
        return fired_ns

    def _lend(self, pixels: NDArray[np.uint8]) -> None:
        """Into the slot itself, where the line reads what the camera sends."""
        self._stream.lend(pixels if self._raw is None else self._raw)

    def _hold_against(self, frame: Frame) -> tuple[int, int, str]:
        """Its counter, when it was exposed, and what of it is not as ordered; "": all is."""
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
        exposure_us = self._section.exposure_us
        if frame.exposure_us is not None and not near(
            frame.exposure_us, exposure_us, EXPOSURE_STEP_US
        ):
            return 0, 0, f"exposed for {frame.exposure_us:g} us, expected {exposure_us:g}"
        try:
            counter = self._count.take(frame.frame_id)
            return counter, self._clock.date(frame.camera_ns, frame.seen_ns), ""
        except ValueError as error:
            raise CameraError(f"{self._device.name}: {error}: it has restarted") from error

    def _bring(self, lent: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> None:
        """Where the frame came elsewhere: converted, or into the slot of a part before."""
        if self._convert is not None:
            self._convert(lent, pixels)
        elif lent is not pixels:
            np.copyto(pixels, lent)

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
        if self._closed:
            raise CameraError(f"{self._device.name}: camera is closed; open it again")
        if pixels.shape != self._shape:
            raise CameraError(
                f"{self._device.name}: expected a frame slot of shape {self._shape}, "
                f"got {pixels.shape}; make the frame ring with this camera's geometry"
            )

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
            self._device.ask("camera_stop_acquisition")


def _pattern(device: Device, section: AravisSection, source: Source) -> str:
    """The Bayer pattern as the region shows it; "" of any other format."""
    left, top = section.offset_x_px, section.offset_y_px
    even = left % 2 == top % 2 == 0
    if not source.bayer or even or section.bayer_origin == "image":
        return source.bayer
    if section.bayer_origin is None:
        raise CameraError(
            f"{device.name}: {source.name} with an odd offset: say by bayer_origin whether that "
            "names the first pixel of the image or of the sensor, or make the offsets even"
        )
    return shifted(source.bayer, left, top)


def _taken_ms(convert: Convert, raw: NDArray[np.uint8], out: NDArray[np.uint8]) -> float:
    """What the conversion of a frame takes on this box."""
    convert(raw, out)  # the first time is that of a cold start
    began_ns = time.perf_counter_ns()
    convert(raw, out)
    return (time.perf_counter_ns() - began_ns) / _NS_PER_MS


def _said(shown: tuple[int, int, int, int]) -> str:
    width_px, height_px, code, size = shown
    return f"{width_px}x{height_px} px, format {code:#010x}, {size} bytes"
