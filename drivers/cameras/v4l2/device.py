"""One device file: ours before all others, with a format and a pace that were read back."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraError, CameraHeld
from gonogo.drivers.cameras.v4l2 import layout
from gonogo.drivers.cameras.v4l2.layout import code_of, fourcc, told
from gonogo.drivers.cameras.v4l2.pixels import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.drivers.cameras.v4l2.kernel import Kernel
    from gonogo.drivers.cameras.v4l2.pixels import Source
    from gonogo.drivers.cameras.v4l2.section import V4l2Section

NEAR_PCT = 1.0  # what a camera may round a pace by
_NS_PER_S = 1e9
_PACE_UNIT = 1000  # seconds, for so many frames: a rate may have a fraction
_HINTS = {
    errno.ENOENT: "list what there is with `ls /dev/v4l/by-id`; check cable and power",
    errno.EACCES: "put this user into the group of the device file, mostly video",
    errno.EPERM: "put this user into the group of the device file, mostly video",
    errno.ENOTTY: "expected a V4L2 camera: list what there is with `ls /dev/v4l/by-id`",
    errno.ENODEV: "it has gone: check cable and power",
    errno.ENOSPC: "its bus has no room left: another port, a lower rate_hz, or a smaller frame",
}


class Picture(NamedTuple):
    """What was ordered of each frame."""

    source: Source
    row_bytes: int
    """As they lie in memory: a row may be padded."""
    used_bytes: int
    """Of a whole frame."""
    size_bytes: int
    """Of its buffer: some drivers want more."""


class Device:
    """Open; every failure is an error that names it."""

    def __init__(self, kernel: Kernel, view: str, path: Path) -> None:
        self.name = f"view '{view}': camera {path}"
        self._kernel = kernel
        try:
            self._fd = kernel.open(str(path))
        except OSError as error:
            raise self.failure("open", error) from error
        try:
            self._refuse_other()
            self._come_first()
        except CameraError:
            self.close()
            raise

    def _refuse_other(self) -> None:
        block = told(layout.CAPABILITY)
        self.ask("QUERYCAP", layout.QUERYCAP, block)
        _, card, _, _, can, node = layout.CAPABILITY.unpack(block)
        can = node if can & layout.NODE_CAPABILITIES else can
        self.card = layout.text_of(card)
        if can & layout.CAN_CAPTURE and can & layout.CAN_STREAM:
            return
        planes = can & layout.CAN_CAPTURE_PLANES
        what = "frames of several planes alone, which are not read" if planes else "no frames"
        raise CameraError(
            f"{self.name} ({self.card}) gives {what} (capabilities {can:#x}); another /dev/video "
            "may be its picture: `ls -l /dev/v4l/by-id`"
        )

    def _come_first(self) -> None:
        """Nobody else may change format or controls meanwhile, where the driver knows of it."""
        with contextlib.suppress(CameraError):
            self.ask("S_PRIORITY", layout.S_PRIORITY, told(layout.WORD, layout.RECORD))

    def tell(self, request: int, block: bytearray) -> None:
        """One request; OSError as the kernel says it."""
        self._kernel.ioctl(self._fd, request, block)

    def ask(self, what: str, request: int, block: bytearray) -> None:
        """One request; CameraError, CameraHeld where another program has the camera."""
        try:
            self._kernel.ioctl(self._fd, request, block)
        except OSError as error:
            raise self.failure(what, error) from error

    def failure(self, what: str, error: OSError) -> CameraError:
        """As an error of ours."""
        if error.errno == errno.EBUSY:
            return CameraHeld(
                f"{self.name}: {what}: held by another program: `fuser -v` names it; "
                "it is free once that one has ended"
            )
        hint = _HINTS.get(error.errno or 0, "")
        return CameraError(f"{self.name}: {what}: {error.strerror}{'; ' if hint else ''}{hint}")

    def poll(self, timeout_s: float) -> bool:
        """Whether a buffer is ready by then, or an error."""
        try:
            return self._kernel.poll(self._fd, timeout_s)
        except OSError as error:
            raise self.failure("poll", error) from error

    def map(self, length: int, offset: int) -> memoryview:
        """One of the kernel's buffers."""
        try:
            return self._kernel.map(self._fd, length, offset)
        except OSError as error:
            raise self.failure("mmap", error) from error

    def close(self) -> None:
        """Once."""
        with contextlib.suppress(OSError):  # of one that has gone
            self._kernel.close(self._fd)


# -- the picture -----------------------------------------------------------------------------


def order(device: Device, section: V4l2Section) -> Picture:
    """Set the format, and read it back."""
    source = choose(device, section)
    wanted = (section.width_px, section.height_px, fourcc(source.code), layout.NO_FIELDS)
    block = told(layout.FORMAT, layout.CAPTURE, *wanted)
    device.ask("S_FMT", layout.S_FMT, block)
    block = told(layout.FORMAT, layout.CAPTURE)
    device.ask("G_FMT", layout.G_FMT, block)
    _, width, height, code, field, row_bytes, size_bytes = layout.FORMAT.unpack(block)
    if (width, height, code, field) != wanted:
        raise CameraError(
            f"{device.name}: wanted {_said(*wanted)}, found {_said(width, height, code, field)}; "
            f"`v4l2-ctl -d {section.device} --list-formats-ext` lists what it offers"
        )
    least = section.width_px * source.pixel_bytes
    row_bytes = row_bytes or least  # nought: not padded
    used_bytes = row_bytes * section.height_px
    if row_bytes < least or size_bytes < used_bytes:
        raise CameraError(
            f"{device.name}: expected rows of {least} bytes at least, {section.height_px} of them "
            f"in a frame, got rows of {row_bytes} and a frame of {size_bytes}"
        )
    return Picture(source, row_bytes, used_bytes, size_bytes)


def choose(device: Device, section: V4l2Section) -> Source:
    """What the camera is to send: of what it offers, the least work."""
    offered = formats(device)
    able = SOURCES[section.pixel_format]
    for source in able:
        if section.source_format in {None, source.name} and source.code in offered:
            return source
    expected = section.source_format or " or ".join(source.name for source in able)
    raise CameraError(
        f'{device.name}: pixel_format = "{section.pixel_format}" needs {expected}; it offers '
        f"{', '.join(offered) or 'none'}"
    )


def formats(device: Device) -> list[str]:
    """The formats that it offers, each by its four letters."""
    found: list[str] = []
    while True:
        block = told(layout.DESCRIPTION, len(found), layout.CAPTURE)
        try:
            device.tell(layout.ENUM_FMT, block)
        except OSError as error:
            if error.errno == errno.EINVAL:  # the end of the list
                return found
            raise device.failure("ENUM_FMT", error) from error
        found.append(code_of(layout.DESCRIPTION.unpack(block)[4]))


def _said(width: int, height: int, code: int, field: int) -> str:
    fields = "" if field == layout.NO_FIELDS else f" in fields ({field})"
    return f"{width}x{height} px {code_of(code)}{fields}"


# -- the pace --------------------------------------------------------------------------------


def pace(device: Device, rate_hz: float | None) -> int:
    """Set it where it is said; from frame to frame in ns as the camera has it, 0: it says none."""
    if rate_hz is not None:
        block = told(
            layout.PARAMETERS, layout.CAPTURE, 0, 0, _PACE_UNIT, round(rate_hz * _PACE_UNIT)
        )
        device.ask("S_PARM", layout.S_PARM, block)
    found_ns = _interval_ns(device)
    found_hz = _NS_PER_S / found_ns if found_ns else 0.0
    if rate_hz is not None and abs(found_hz - rate_hz) > rate_hz * NEAR_PCT / 100:
        raise CameraError(f"{device.name}: rate_hz: wanted {rate_hz:g}, found {found_hz:g}")
    return found_ns


def _interval_ns(device: Device) -> int:
    block = told(layout.PARAMETERS, layout.CAPTURE)
    try:
        device.tell(layout.G_PARM, block)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.ENOTTY}:  # a camera without a pace of its own
            return 0
        raise device.failure("G_PARM", error) from error
    _, can, _, numerator, denominator = layout.PARAMETERS.unpack(block)
    if not can & layout.CAN_PACE or not numerator or not denominator:
        return 0
    interval_ns: int = round(_NS_PER_S * numerator / denominator)
    return interval_ns
