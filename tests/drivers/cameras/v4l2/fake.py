"""A kernel with one scripted V4L2 camera, whose sensor runs by the clock, asked or not.

Import as `gonogo.tests.drivers.cameras.v4l2.fake`. Frame k is exposed from `k * period` on, then
read out into the buffer that was first in the queue when its read-out began; where there was none
the frame is lost, and counted all the same. Half of it is written when the read-out begins, the
rest when it ends: whoever uses a buffer that is still the kernel's sees it change.

Not simulated: memory that a real driver could not reach, rolling shutter, two queues.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import sys
import time
from collections import deque
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.drivers.cameras.v4l2 import layout
from gonogo.drivers.cameras.v4l2.camera import V4l2Camera
from gonogo.drivers.cameras.v4l2.controls import (
    EXPOSURE_AUTO,
    EXPOSURE_TIME,
    GAIN,
    GAIN_AUTO,
    WHITE_BALANCE_AUTO,
)
from gonogo.drivers.cameras.v4l2.section import V4l2Section
from gonogo.tests.house import ROOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 320, 240
NS_PER_MS = 1_000_000
BYTES = {"GREY": 1, "BGR3": 3, "RGB3": 3, "YUYV": 2}
STAMP_OF_EXPOSURE = 0x1_0000  # V4L2_BUF_FLAG_TSTAMP_SRC_SOE
STEP = 7  # by how much each frame is brighter than the one before


@dataclass
class FakeControl:
    """A number with a range, to which the kernel brings what it is told."""

    name: str
    value: int
    least: int = 0
    most: int = 1
    kind: int = 1
    flags: int = 0
    stuck: bool = False


class Queued(NamedTuple):
    """A buffer that is the kernel's."""

    place: int
    address: int


class Done(NamedTuple):
    """A buffer that is not any more, with frame `number` in it."""

    place: int
    number: int
    ended_ns: int


def usual_controls() -> dict[int, FakeControl]:
    """Of a UVC camera, all automatic."""
    return {
        WHITE_BALANCE_AUTO: FakeControl("White Balance, Automatic", 1, kind=2),
        GAIN_AUTO: FakeControl("Gain, Automatic", 1, kind=2),
        GAIN: FakeControl("Gain", 16, most=64),
        0x98091A: FakeControl("White Balance Temperature", 4000, 2800, 6500),
        EXPOSURE_AUTO: FakeControl("Auto Exposure", 3, most=3, kind=3),
        EXPOSURE_TIME: FakeControl("Exposure Time, Absolute", 250, 1, 5000),
    }


@dataclass
class FakeKernel:
    """What the camera is like; tests change it while it runs."""

    codes: tuple[str, ...] = ("GREY",)
    size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)
    interlaced: bool = False
    padding_bytes: int = 0
    more_bytes: int = 0
    user_pointers: bool = True
    least_buffers: int = 1
    begins_with: int = 0
    period_ms: float = 4.0
    exposure_ms: float = 1.0
    readout_ms: float = 1.0
    stamp_flags: int = layout.STAMP_MONOTONIC | STAMP_OF_EXPOSURE
    stamp_shift_ms: float = 0.0
    first_sequence: int = 0
    capabilities: int = layout.CAN_CAPTURE | layout.CAN_STREAM
    paced: bool = True
    start_fails: int = 0
    dark: bool = False
    broken: bool = False
    short_bytes: int = 0
    gone: int = 0
    controls: dict[int, FakeControl] = field(default_factory=usual_controls)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fds: set[int] = set()
        self.owner = 0
        self.first_fd = 0  # with S_PRIORITY
        self.streaming, self.begun = False, False
        self.memory: list[bytearray] = []
        self.granted = 0
        self.queue: deque[Queued] = deque()
        self.filling: Queued | None = None
        self.done: deque[Done] = deque()
        self.code = self.codes[0] if self.codes else "GREY"
        self.wanted = (WIDTH_PX, HEIGHT_PX)
        self.zero_ns = time.monotonic_ns()
        self.half = 0  # of how many frames the read-out has begun, or ended: two each
        self.picture = np.zeros(0, np.uint8)
        self.requests = {
            layout.QUERYCAP: self.querycap, layout.ENUM_FMT: self.enum_fmt,
            layout.S_FMT: self.s_fmt, layout.G_FMT: self.g_fmt, layout.S_PARM: self.s_parm,
            layout.G_PARM: self.g_parm, layout.QUERYCTRL: self.queryctrl,
            layout.S_CTRL: self.s_ctrl, layout.G_CTRL: self.g_ctrl,
            layout.S_PRIORITY: self.s_priority, layout.REQBUFS: self.reqbufs,
            layout.QUERYBUF: self.querybuf, layout.QBUF: self.qbuf, layout.DQBUF: self.dqbuf,
            layout.STREAMON: self.streamon, layout.STREAMOFF: self.streamoff,
        }  # fmt: skip

    # -- what a program sees -------------------------------------------------------------

    def open(self, path: str) -> int:
        """Any number of programs may."""
        if self.gone:
            raise oserror(errno.ENOENT)
        assert path.startswith("/dev/")
        fd = 1000 + len(self.calls)
        self.calls.append("open")
        self.fds.add(fd)
        return fd

    def ioctl(self, fd: int, request: int, block: bytearray) -> None:
        """One request, by its number."""
        assert fd in self.fds
        if self.gone:
            raise oserror(self.gone)
        self.advance()
        work = self.requests[request]
        self.calls.append(work.__name__)
        del self.calls[:-500]
        work(fd, block)

    def poll(self, fd: int, timeout_s: float) -> bool:
        """Ready, or failed; a queue that waits for nothing has failed."""
        assert fd in self.fds
        end_ns = time.monotonic_ns() + round(timeout_s * 1e9)
        while True:
            self.advance()
            if self.gone or self.done or not self.streaming:
                return True
            left_ns = end_ns - time.monotonic_ns()
            if left_ns <= 0:
                return False
            time.sleep(min(left_ns, 200_000) / 1e9)

    def map(self, fd: int, length: int, offset: int) -> memoryview:
        """Of the buffer that begins there."""
        assert fd in self.fds
        memory = self.memory[offset // 0x10000]
        assert len(memory) == length
        return memoryview(memory)

    def close(self, fd: int) -> None:
        """As if it had stopped before."""
        self.fds.remove(fd)
        if fd == self.owner:
            self.stop()
            self.owner, self.granted = 0, 0
        if fd == self.first_fd:
            self.first_fd = 0

    # -- the sensor ----------------------------------------------------------------------

    def at_ns(self, half: int) -> int:
        """When the read-out of a frame begins (even), or ends (odd)."""
        number, ended = divmod(half, 2)
        past_ms = number * self.period_ms + self.exposure_ms + ended * self.readout_ms
        return self.zero_ns + round(past_ms * NS_PER_MS)

    def advance(self) -> None:
        """Whatever has happened until now."""
        now_ns = time.monotonic_ns()
        while self.at_ns(self.half) <= now_ns:
            if self.streaming and not self.dark and not self.gone:
                self.happen()
            self.half += 1

    def happen(self) -> None:
        """A read-out begins, or ends."""
        number, ended = divmod(self.half, 2)
        self.begun = self.begun or len(self.queue) >= self.begins_with
        if not ended and self.queue and self.begun:
            self.filling = self.queue.popleft()
            self.write(self.filling, number, 0, self.frame_bytes // 2)
        elif ended and self.filling is not None:
            whole = self.frame_bytes - self.short_bytes
            self.write(self.filling, number, self.frame_bytes // 2, whole)
            self.done.append(Done(self.filling.place, number, self.at_ns(self.half)))
            self.filling = None

    def write(self, into: Queued, number: int, begin: int, end: int) -> None:
        """The bytes of that frame from `begin` to `end`: a picture, brighter with each frame."""
        at: int = self.picture.__array_interface__["data"][0]  # `.ctypes` leaves cycles behind
        source = at + STEP * number % 256 + begin
        ctypes.memmove(into.address + begin, source, max(end - begin, 0))

    @property
    def row_bytes(self) -> int:
        """As they lie in memory."""
        return self.wanted[0] * BYTES[self.code] + self.padding_bytes

    @property
    def frame_bytes(self) -> int:
        """Of a whole frame."""
        return self.row_bytes * self.wanted[1]

    def shown(self, pixels: NDArray[np.uint8]) -> int | None:
        """Which frame (of 256) a slot shows, whole; None: none of this camera's, or two halves."""
        step = int(pixels.reshape(-1)[0])
        want = self.picture[step:][: self.frame_bytes].reshape(self.wanted[1], self.row_bytes)
        line = want[:, : self.wanted[0] * BYTES[self.code]].reshape(pixels.shape)
        return step if (line == pixels).all() else None

    # -- requests ------------------------------------------------------------------------

    def querycap(self, _: int, block: bytearray) -> None:
        """What it is."""
        layout.CAPABILITY.pack_into(
            block, 0, b"fake", b"Fake Camera", b"usb-1", 0x60100,
            self.capabilities | layout.NODE_CAPABILITIES, self.capabilities,
        )  # fmt: skip

    def enum_fmt(self, _: int, block: bytearray) -> None:
        """One of the formats that it offers."""
        index, kind, *_rest = layout.DESCRIPTION.unpack(block)
        if index >= len(self.codes):
            raise oserror(errno.EINVAL)
        code = layout.fourcc(self.codes[index])
        layout.DESCRIPTION.pack_into(block, 0, index, kind, 0, b"", code)

    def s_fmt(self, fd: int, block: bytearray) -> None:
        """What it does not have becomes what it has, without a word."""
        self.refuse_held(fd)
        _, width, height, code, *_ = layout.FORMAT.unpack(block)
        fits = (width, height) == self.size
        self.wanted = (width, height) if fits else self.size
        letters = layout.code_of(code)
        self.code = letters if letters in self.codes else self.codes[0]
        self.picture = (np.arange(self.frame_bytes + 256) % 256).astype(np.uint8)

    def g_fmt(self, _: int, block: bytearray) -> None:
        """What its frames are now."""
        field_ = 4 if self.interlaced else layout.NO_FIELDS
        layout.FORMAT.pack_into(
            block, 0, layout.CAPTURE, *self.wanted, layout.fourcc(self.code), field_,
            self.row_bytes, self.frame_bytes + self.more_bytes,
        )  # fmt: skip

    def s_parm(self, _: int, block: bytearray) -> None:
        """Paces of whole frames a second alone."""
        *_rest, above, below = layout.PARAMETERS.unpack(block)
        self.period_ms = 1000 / round(below / above)

    def g_parm(self, _: int, block: bytearray) -> None:
        """From frame to frame, where it says so."""
        if not self.paced:
            raise oserror(errno.ENOTTY)
        layout.PARAMETERS.pack_into(
            block, 0, layout.CAPTURE, layout.CAN_PACE, 0, round(self.period_ms * 1000), 1_000_000
        )

    def queryctrl(self, _: int, block: bytearray) -> None:
        """The next one."""
        after = layout.QUERY.unpack(block)[0] & ~layout.NEXT_CONTROL
        number = min((each for each in self.controls if each > after), default=0)
        if not number:
            raise oserror(errno.EINVAL)
        it = self.controls[number]
        layout.QUERY.pack_into(
            block, 0, number, it.kind, it.name.encode(), it.least, it.most, 1, it.value, it.flags
        )

    def s_ctrl(self, fd: int, block: bytearray) -> None:
        """Brought into its range without a word; refused while another program comes first."""
        if self.first_fd not in {0, fd}:
            raise oserror(errno.EBUSY)
        number, value = layout.CONTROL.unpack(block)
        it, automatic = self.controls[number], self.controls.get(EXPOSURE_AUTO)
        if number == EXPOSURE_TIME and automatic is not None and automatic.value == 3:
            return  # not taken
        if not it.stuck:
            it.value = min(max(value, it.least), it.most)

    def g_ctrl(self, _: int, block: bytearray) -> None:
        """What it is now."""
        number, _value = layout.CONTROL.unpack(block)
        layout.CONTROL.pack_into(block, 0, number, self.controls[number].value)

    def s_priority(self, fd: int, _: bytearray) -> None:
        """One alone may come first."""
        if self.first_fd not in {0, fd}:
            raise oserror(errno.EBUSY)
        self.first_fd = fd

    def reqbufs(self, fd: int, block: bytearray) -> None:
        """So many, or as many as the driver wants at least."""
        self.refuse_held(fd)
        count, kind, memory, *_ = layout.REQUEST.unpack(block)
        if memory == layout.USER_POINTER and not self.user_pointers:
            raise oserror(errno.EINVAL)
        self.stop()
        self.granted = max(count, self.least_buffers) if count else 0
        self.owner = fd if count else 0
        size = self.frame_bytes + self.more_bytes
        self.memory = [bytearray(size) for _ in range(self.granted)]
        layout.REQUEST.pack_into(block, 0, self.granted, kind, memory, 0)

    def querybuf(self, _: int, block: bytearray) -> None:
        """Where it can be mapped."""
        index = layout.BUFFER.unpack(block)[0]
        size = len(self.memory[index])
        layout.BUFFER.pack_into(block, 0, index, 1, 0, 0, 1, 0, 0, 0, 1, index * 0x10000, size)

    def qbuf(self, _: int, block: bytearray) -> None:
        """Ours from now on, unless it is already."""
        index, *_rest, memory, address, size = layout.BUFFER.unpack(block)
        busy = {each.place for each in self.queue} | {each.place for each in self.done}
        if self.filling is not None:
            busy.add(self.filling.place)
        if index >= self.granted or index in busy:
            raise oserror(errno.EINVAL)
        if memory == layout.MAPPED:
            address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory[index]))
        elif size < self.frame_bytes + self.more_bytes:
            raise oserror(errno.EINVAL)
        self.queue.append(Queued(index, address))

    def dqbuf(self, _: int, block: bytearray) -> None:
        """The one that was done first."""
        if not self.done:
            raise oserror(errno.EAGAIN if self.streaming else errno.EINVAL)
        index, number, ended_ns = self.done.popleft()
        begun_ms = self.exposure_ms + self.readout_ms
        of_exposure = self.stamp_flags & STAMP_OF_EXPOSURE
        stamp_ns = ended_ns - round(begun_ms * NS_PER_MS if of_exposure else 0)
        stamp_us = (stamp_ns + round(self.stamp_shift_ms * NS_PER_MS)) // 1000
        flags = self.stamp_flags | (layout.BROKEN if self.broken else 0)
        sequence = (self.first_sequence + number) % (1 << 32)
        used = self.frame_bytes - self.short_bytes
        layout.BUFFER.pack_into(
            block, 0, index, 1, used, flags, 1, *divmod(stamp_us, 1_000_000), sequence, 0, 0, 0
        )

    def streamon(self, _: int, __: bytearray) -> None:
        """Once there are buffers enough, and room on its bus."""
        if self.start_fails:
            raise oserror(self.start_fails)
        self.streaming = True

    def streamoff(self, _: int, __: bytearray) -> None:
        """Whatever is on its way."""
        self.stop()

    def stop(self) -> None:
        """Everything is given back."""
        self.streaming, self.begun, self.filling = False, False, None
        self.queue.clear()
        self.done.clear()

    def refuse_held(self, fd: int) -> None:
        """While another program has buffers."""
        if self.owner not in {0, fd}:
            raise oserror(errno.EBUSY)


def oserror(number: int) -> OSError:
    """As the kernel says it."""
    return OSError(number, os.strerror(number))


def keys(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """Of a small grey camera."""
    return {
        "driver": "v4l2",
        "device": Path("/dev/video7"),
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "pixel_format": "mono8",
        "exposure_us": 1000.0,
        "readout_ms": 1.0,
        **changes,
    }


def section(**changes: Any) -> V4l2Section:  # noqa: ANN401 - keys of the section
    """The same, checked."""
    return V4l2Section.model_validate(keys(**changes))


def example(driver: str) -> dict[str, Any]:
    """What docs/cameras.md shows of that driver."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    text = (ROOT / "docs" / "cameras.md").read_text(encoding="utf-8")
    (found,) = [
        each for each in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if f'"{driver}"' in each
    ]
    camera: dict[str, Any] = toml.loads(found)["view"]["camera"]
    return camera


def opened(kernel: FakeKernel, **changes: Any) -> closing[V4l2Camera]:  # noqa: ANN401 - keys
    """A camera of that section, closed after the test."""
    # where a driver wants several buffers, the ways before it are waited for in vain
    patience_s = 0.3 if kernel.begins_with > 1 else None
    return closing(V4l2Camera(section(**changes), "top", kernel, patience_s))


def slot(fill: int = 0, channels: int = 1) -> NDArray[np.uint8]:
    """Pixels of a frame, every byte `fill`."""
    shape = (HEIGHT_PX, WIDTH_PX, 3) if channels == 3 else (HEIGHT_PX, WIDTH_PX)
    return np.full(shape, fill, np.uint8)
