"""The pixel formats that a camera may send, by the names and codes of the standards.

GenICam Pixel Format Naming Convention (PFNC) 2.4: `...p` is packed from the lowest bit of the first
byte on. GigE Vision 2.0: `...Packed` has two pixels in three bytes, the low bits of both in the
middle one. The third and fourth digit of a code are the bits that a pixel takes on the wire.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gonogo.base.frame_shape import FrameShape

_BYTE = 8


class Source(NamedTuple):
    """A pixel format of the camera."""

    name: str
    code: int
    bits: int = 8
    """Significant bits of each value."""

    @property
    def bayer(self) -> str:
        """Its first two colours, RG and so on; "" where it has none."""
        return self.name[5:7] if self.name.startswith("Bayer") else ""

    @property
    def pixel_bits(self) -> int:
        """What a pixel takes on the wire."""
        return self.code >> 16 & 0xFF

    @property
    def packed(self) -> bool:
        """Whether a pixel shares bytes with others."""
        return self.pixel_bits % _BYTE != 0

    @property
    def group(self) -> int:
        """So many pixels take whole bytes; a row must be of whole groups."""
        return _BYTE // math.gcd(self.pixel_bits, _BYTE)

    def size_bytes(self, shape: FrameShape) -> int:
        """Of a whole frame, whose rows are of whole groups."""
        return shape.height_px * shape.width_px * self.pixel_bits // _BYTE


# in the order in which they are taken: the least work first
SOURCES = {
    "mono8": (
        Source("Mono8", 0x01080001),
        Source("Mono10", 0x01100003, 10),
        Source("Mono12", 0x01100005, 12),
        Source("Mono16", 0x01100007, 16),
        Source("Mono10Packed", 0x010C0004, 10),
        Source("Mono12Packed", 0x010C0006, 12),
        Source("Mono12p", 0x010C0047, 12),
        Source("Mono10p", 0x010A0046, 10),
    ),
    "bgr8": (
        Source("BGR8", 0x02180015),
        Source("RGB8", 0x02180014),
        Source("BayerRG8", 0x01080009),
        Source("BayerGB8", 0x0108000A),
        Source("BayerGR8", 0x01080008),
        Source("BayerBG8", 0x0108000B),
        Source("BayerRG10", 0x0110000D, 10),
        Source("BayerGB10", 0x0110000E, 10),
        Source("BayerGR10", 0x0110000C, 10),
        Source("BayerBG10", 0x0110000F, 10),
        Source("BayerRG12", 0x01100011, 12),
        Source("BayerGB12", 0x01100012, 12),
        Source("BayerGR12", 0x01100010, 12),
        Source("BayerBG12", 0x01100013, 12),
        Source("BayerRG10Packed", 0x010C0027, 10),
        Source("BayerGB10Packed", 0x010C0028, 10),
        Source("BayerGR10Packed", 0x010C0026, 10),
        Source("BayerBG10Packed", 0x010C0029, 10),
        Source("BayerRG12Packed", 0x010C002B, 12),
        Source("BayerGB12Packed", 0x010C002C, 12),
        Source("BayerGR12Packed", 0x010C002A, 12),
        Source("BayerBG12Packed", 0x010C002D, 12),
        Source("BayerRG12p", 0x010C0059, 12),
        Source("BayerGB12p", 0x010C0055, 12),
        Source("BayerGR12p", 0x010C0057, 12),
        Source("BayerBG12p", 0x010C0053, 12),
        Source("BayerRG10p", 0x010A0058, 10),
        Source("BayerGB10p", 0x010A0054, 10),
        Source("BayerGR10p", 0x010A0056, 10),
        Source("BayerBG10p", 0x010A0052, 10),
    ),
}
