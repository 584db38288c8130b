"""What the kernel is told and says (linux/videodev2.h), as bytes: no device is touched here.

The layout is that of 64-bit machines, x86-64 and aarch64 alike; a test holds it against the
header. `x` are bytes that are nought, or that nobody here reads.

    capability     driver 16, card 32, bus 32, version, capabilities, of this node, 12 x
    format         type, 4 x, width, height, fourcc, field, bytes of a row, of a frame, 176 x
    description    index, type, flags, text 32, fourcc, 16 x
    request        count, type, memory, capabilities, 4 x
    buffer         index, type, bytes used, flags, field, 4 x, seconds, microseconds, 16 x,
                   sequence, memory, offset or address, length, 12 x
    parameters     type, capability, mode, numerator, denominator, 184 x
    query          id, kind, name 32, least, most, step, default, flags, 8 x
    control        id, value
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

CAPABILITY = Struct("=16s32s32sIII12x")
FORMAT = Struct("=I4xIIIIII176x")
DESCRIPTION = Struct("=III32sI16x")
REQUEST = Struct("=IIII4x")
BUFFER = Struct("=IIIII4xqq16xIIQI12x")
PARAMETERS = Struct("=IIIII184x")
QUERY = Struct("=II32siiiiI8x")
CONTROL = Struct("=Ii")
WORD = Struct("=I")

_OUT, _IN, _BOTH = 1, 2, 3  # to the kernel, from it


def _request(direction: int, number: int, layout: Struct) -> int:
    """The number of a request, as _IOR, _IOW and _IOWR of asm-generic/ioctl.h make it."""
    return direction << 30 | layout.size << 16 | ord("V") << 8 | number


QUERYCAP = _request(_IN, 0, CAPABILITY)
ENUM_FMT = _request(_BOTH, 2, DESCRIPTION)
G_FMT, S_FMT = _request(_BOTH, 4, FORMAT), _request(_BOTH, 5, FORMAT)
REQBUFS, QUERYBUF = _request(_BOTH, 8, REQUEST), _request(_BOTH, 9, BUFFER)
QBUF, DQBUF = _request(_BOTH, 15, BUFFER), _request(_BOTH, 17, BUFFER)
STREAMON, STREAMOFF = _request(_OUT, 18, WORD), _request(_OUT, 19, WORD)
G_PARM, S_PARM = _request(_BOTH, 21, PARAMETERS), _request(_BOTH, 22, PARAMETERS)
G_CTRL, S_CTRL = _request(_BOTH, 27, CONTROL), _request(_BOTH, 28, CONTROL)
QUERYCTRL = _request(_BOTH, 36, QUERY)
S_PRIORITY = _request(_OUT, 68, WORD)

CAPTURE = 1  # v4l2_buf_type: frames of one plane, from the camera
NO_FIELDS = 1  # v4l2_field: a whole frame at a time
MAPPED, USER_POINTER = 1, 2  # v4l2_memory
RECORD = 3  # v4l2_priority: above that of every program that does not ask for one

CAN_CAPTURE, CAN_CAPTURE_PLANES, CAN_STREAM = 0x1, 0x1000, 0x0400_0000
NODE_CAPABILITIES = 0x8000_0000  # those of this node are said, too
BROKEN = 0x40  # V4L2_BUF_FLAG_ERROR
STAMP_MASK, STAMP_MONOTONIC = 0xE000, 0x2000
CAN_PACE = 0x1000  # V4L2_CAP_TIMEPERFRAME

NEXT_CONTROL = 0x8000_0000
DISABLED, READ_ONLY, WRITE_ONLY = 0x1, 0x4, 0x40
SETTABLE = {1: "integer", 2: "boolean", 3: "menu", 8: "bitmask", 9: "integer menu"}

_NS_PER_S, _NS_PER_US = 1_000_000_000, 1000


class Buffer(NamedTuple):
    """A buffer that the kernel gives back."""

    number: int
    """Which of the buffers, from 0 on."""
    used_bytes: int
    flags: int
    stamp_ns: int
    sequence: int


def told(layout: Struct, *values: object) -> bytearray:
    """What the kernel reads, and writes its answer into; what is left out at the end is nought."""
    block = bytearray(layout.size)
    whole = [*values]
    empty = layout.unpack(block)
    layout.pack_into(block, 0, *whole, *empty[len(whole) :])
    return block


def buffer_of(block: bytearray) -> Buffer:
    """What the kernel said of a buffer."""
    index, _, used, flags, _, seconds, micros, sequence, *_ = BUFFER.unpack_from(block)
    return Buffer(index, used, flags, seconds * _NS_PER_S + micros * _NS_PER_US, sequence)


def fourcc(code: str) -> int:
    """A pixel format as a number."""
    number: int = WORD.unpack(code.encode("ascii"))[0]
    return number


def code_of(number: int) -> str:
    """And as four letters."""
    return WORD.pack(number).decode("latin-1")


def text_of(field: bytes) -> str:
    """A text that ends with a nought."""
    return field.partition(b"\0")[0].decode(errors="replace")
