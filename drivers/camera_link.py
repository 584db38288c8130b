"""What the frames of a camera ask of the way to this box: bytes, packets, milliseconds.

Said by the camera's section before anything is opened. Packets are those of GigE Vision 2.0 over
IPv4 and Ethernet (IEEE 802.3, untagged).
"""

from __future__ import annotations

from typing import NamedTuple

HEADERS_BYTES = 36  # in each packet: IPv4 20, UDP 8, GVSP 8
ETHERNET_BYTES = 38  # around each packet: preamble 8, header 14, checksum 4, gap 12
# a leader of 72 bytes and a trailer, which the wire pads to 46, each in its Ethernet frame
LEADER_AND_TRAILER_BYTES = 72 + 46 + 2 * ETHERNET_BYTES
JUMBO_BYTES = 9000  # as switches pass them: the most that is taken unasked
PLAIN_BYTES = 1500  # as every interface passes them

_BITS, _US_PER_MS = 8, 1000.0


class CameraLink(NamedTuple):
    """One camera's frames, on their way."""

    address: str
    """Its IPv4 address; "" where it is named otherwise, and may be on USB."""
    frame_bytes: int
    exposure_ms: float
    rate_hz: float | None = None
    """Of one that runs free; None: a frame for each part."""
    packet_bytes: int | None = None
    """As IPv4 has them; None: as large as the interface allows, JUMBO_BYTES at most."""
    packet_delay_us: float = 0.0
    socket_buffer_kb: int = 0
    """What the socket asks for; 0: what the kernel gives unasked."""
    readout_ms: float = 0.0
    """What the sensor takes, whatever the link does; 0: not known."""
    may_be_usb: bool = True
    """Without an address; False: by another wire as well, which nobody tells us."""
    mbit_s: float | None = None
    """How fast the station file says that the link is; None: it does not."""

    @property
    def planned_ms(self) -> float:
        """From its trigger until a frame is here, over a link as the station file says it."""
        transfer_ms = self.transfer_ms(PLAIN_BYTES, self.mbit_s) if self.mbit_s else 0.0
        return self.exposure_ms + max(self.readout_ms, transfer_ms)

    def interval_ms(self, pitch_ms: float) -> float:
        """From one frame to the next."""
        return pitch_ms if self.rate_hz is None else 1000.0 / self.rate_hz

    def packet(self, mtu_bytes: int) -> int:
        """Bytes of a packet over an interface of that MTU."""
        return self.packet_bytes or min(JUMBO_BYTES, mtu_bytes)

    def packets(self, mtu_bytes: int) -> int:
        """How many a frame takes, leader and trailer apart."""
        return -(-self.frame_bytes // (self.packet(mtu_bytes) - HEADERS_BYTES))

    def wire_bytes(self, mtu_bytes: int) -> int:
        """What a frame takes of the wire, with all that is around its pixels."""
        around = self.packets(mtu_bytes) * (HEADERS_BYTES + ETHERNET_BYTES)
        return self.frame_bytes + around + LEADER_AND_TRAILER_BYTES

    def load_mbit_s(self, mtu_bytes: int, pitch_ms: float) -> float:
        """What its frames take of the link, on an average."""
        bits = self.wire_bytes(mtu_bytes) * _BITS
        return bits / self.interval_ms(pitch_ms) / 1000

    def transfer_ms(self, mtu_bytes: int, speed_mbit_s: float) -> float:
        """How long a frame is on the wire, where it has the link for itself."""
        on_wire_ms = self.wire_bytes(mtu_bytes) * _BITS / speed_mbit_s / 1000
        return on_wire_ms + self.packets(mtu_bytes) * self.packet_delay_us / _US_PER_MS
