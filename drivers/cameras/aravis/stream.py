"""The frames of one camera: one buffer at a time, on memory of ours.

The library's thread receives packets straight into the buffer that it has. It has one at most:
never are two pictures on their way. A buffer that was lent is the library's until it comes out at
the other end, whole or not; there is no way to have it back before.
"""

from __future__ import annotations

import time
from ctypes import byref, c_int, c_size_t
from typing import TYPE_CHECKING

from gonogo.base.errors import CameraError, CameraLinkError
from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras.aravis.chunks import Chunks
from gonogo.drivers.cameras.machine import Frame
from gonogo.drivers.cameras.network import grant_receive

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.aravis.chunks import ChunkValues
    from gonogo.drivers.cameras.aravis.device import Device
    from gonogo.drivers.cameras.aravis.section import AravisSection

_NS_PER_US, _US_PER_MS, _BYTES_PER_KB = 1000, 1000, 1024
STEP_NS = 2_000_000  # as much as a frame may seem older than it is (gonogo.drivers.camera_section)
LOOK_US = 10_000  # so often the two clocks are held together while a frame is waited for
SLEWED = 1000  # brought back slowly, a clock is off by a part in this: twice what adjtimex does
_NO_PACKET_SOCKET = 1  # ArvGvStreamOption: the other kind needs a privilege, and sizes nothing
_NO_ADJUSTMENT = 0  # ArvGvPacketSizeAdjustment: what was set and read back stays
_FIXED = 0  # ArvGvStreamSocketBuffer: the size is ours to choose
_ASK_AGAIN = 4  # missing packets are asked for that often while a frame is waited for
_STATUS = (
    "whole", "cleared", "timed out", "packets are missing", "a wrong packet", "of another size",
    "still filling", "given up", "of a kind that is no picture",
)  # fmt: skip


class Stream:
    """Owned by one thread; the library's own thread fills what is lent to it."""

    def __init__(self, device: Device, section: AravisSection) -> None:
        self._arv = device.arv
        if device.gige:
            device.tell("camera_gv_set_stream_options", _NO_PACKET_SOCKET)
            device.tell("camera_gv_set_packet_size_adjustment", _NO_ADJUSTMENT)
        self._chunks: Chunks | None = None
        self._stream: int = device.ask("camera_create_stream", None, None)
        self.lent: NDArray[np.uint8] | None = None  # kept alive while the library may write there
        self._clocks = clocks()  # when no frame had begun yet, last
        try:
            if device.gige:
                self._settle(device, section)
            if section.chunks:
                self._chunks = Chunks(device)
        except CameraError:
            self.close()
            raise

    def _settle(self, device: Device, section: AravisSection) -> None:
        """Its socket and its patience, read back."""
        wanted = section.socket_buffer_kb * _BYTES_PER_KB
        retention_us = round(section.frame_retention_ms * _US_PER_MS)
        properties = {
            "socket-buffer": _FIXED,
            "socket-buffer-size": wanted,
            "frame-retention": retention_us,
            "packet-timeout": retention_us // _ASK_AGAIN,
        }
        for name, value in properties.items():
            self._arv.set_property(self._stream, name, value)
        for name, value in properties.items():
            found = self._arv.get_property(self._stream, name)
            if found != value:
                raise CameraError(f"{device.name}: {name}: wanted {value}, found {found}")
        granted = grant_receive(self._arv.call("gv_stream_get_port", self._stream), wanted)
        if granted < wanted:
            most = HostNetwork().rmem_max()
            raise CameraLinkError(
                f"{device.name}: socket_buffer_kb = {section.socket_buffer_kb}: wanted {wanted} "
                f"bytes, found {granted}; net.core.rmem_max is {most}; as root: "
                f"sysctl -w net.core.rmem_max={wanted}, and a line in /etc/sysctl.d"
            )

    def lend(self, pixels: NDArray[np.uint8]) -> None:
        """The next frame goes there, where none is lent yet."""
        if self.lent is None:
            self.lent = pixels
            self._clocks = clocks()
            at: int = pixels.__array_interface__["data"][0]  # `.ctypes` leaves cycles behind
            buffer = self._arv.call("buffer_new", pixels.nbytes, at)
            self._arv.call("stream_push_buffer", self._stream, buffer)

    @property
    def back(self) -> bool:
        """Whether what was lent lies ready: the library does not write there any more."""
        return self._buffers()[1] > 0

    def take(self, deadline_ns: int) -> Frame | None:
        """What was lent, with or without a whole frame; None at the deadline."""
        buffer = 0
        while not buffer:
            self._compare_clocks()
            left_us = (deadline_ns - time.monotonic_ns()) // _NS_PER_US
            if left_us <= 0:
                buffer = self._arv.call("stream_try_pop_buffer", self._stream)
                break
            look_us = min(left_us, LOOK_US)
            buffer = self._arv.call("stream_timeout_pop_buffer", self._stream, look_us)
        if not buffer:
            return None
        frame = self._frame(buffer)
        self._arv.unref(buffer)
        self.lent = None
        return frame

    def _compare_clocks(self) -> None:
        """A frame that begins from now on is dated by the two clocks as they are now.

        The library takes a buffer out of its queue with the first packet, and stamps it then.
        """
        now = clocks()
        if self._buffers()[0] > 0:  # asked after the clocks were read
            self._clocks = now

    def _buffers(self) -> tuple[int, int]:
        """Those that no frame has begun to fill, and those that came out."""
        coming, ready = c_int(), c_int()
        self._arv.call("stream_get_n_buffers", self._stream, byref(coming), byref(ready))
        return coming.value, ready.value

    def _frame(self, buffer: int) -> Frame:
        call, size = self._arv.call, c_size_t()
        status = call("buffer_get_status", buffer)
        if status:  # what else it says is of no frame
            known = 0 < status < len(_STATUS)
            return Frame(_STATUS[status] if known else f"status {status}", (0, 0, 0, 0), 0, 0, 0)
        call("buffer_get_data", buffer, byref(size))
        shown = (
            call("buffer_get_image_width", buffer),
            call("buffer_get_image_height", buffer),
            call("buffer_get_image_pixel_format", buffer),
            size.value,
        )
        if stepped(self._clocks, clocks()):
            return Frame("the clock of this box was set meanwhile", shown, 0, 0, 0)
        seen_ns = monotonic_of(call("buffer_get_system_timestamp", buffer))
        camera_ns = call("buffer_get_timestamp", buffer)
        found = Frame("", shown, call("buffer_get_frame_id", buffer), camera_ns, seen_ns)
        return found if self._chunks is None else with_chunks(found, self._chunks.read(buffer))

    def close(self) -> None:
        """End the library's thread; after that it writes nowhere any more."""
        self._arv.unref(self._stream)
        if self._chunks is not None:
            self._chunks.close()
        self.lent = None


def with_chunks(frame: Frame, values: ChunkValues) -> Frame:
    """What the camera says of it besides; its own count, where it has one, is the better one."""
    frame_id = frame.frame_id if values.frame_id is None else values.frame_id
    return frame._replace(fault=values.fault, frame_id=frame_id, exposure_us=values.exposure_us)


def clocks() -> tuple[int, int]:
    """The wall clock and CLOCK_MONOTONIC, ns."""
    return time.time_ns(), time.monotonic_ns()


def stepped(before: tuple[int, int], now: tuple[int, int]) -> bool:
    """Whether the wall clock was set in between: not by the pace at which it is brought back."""
    passed_ns = now[1] - before[1]
    return abs(now[0] - before[0] - passed_ns) > STEP_NS + passed_ns // SLEWED


def monotonic_of(real_ns: int) -> int:
    """The library's own stamps are of the wall clock; never younger than now."""
    age_ns = max(time.time_ns() - real_ns, 0)
    return time.monotonic_ns() - age_ns
