"""The settings of a camera of Basler's: those of any camera, and its way through the network."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import CameraError, CameraLinkError
from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras import genapi
from gonogo.drivers.cameras.network import packet_bytes
from gonogo.drivers.cameras.settings import DELAY_STEP_US, Setting

if TYPE_CHECKING:
    from gonogo.drivers.cameras.basler.device import Device
    from gonogo.drivers.cameras.basler.section import BaslerSection
    from gonogo.drivers.cameras.formats import Source

_US_PER_S, _BYTES_PER_KB = 1_000_000, 1024
_PACKET, _DELAY = "GevSCPSPacketSize", "GevSCPD"


def order(device: Device, section: BaslerSection) -> tuple[Source, list[Setting]]:
    """What the camera is to send, and all that it is told; nothing is written yet."""
    # a client that was killed has left it streaming, with its settings locked
    with suppress(CameraError):
        device.stop()
    source, called = genapi.choose(device, section)
    settings = [
        *genapi.picture(device, section, called),
        _size(device, source.size_bytes(section.geometry)),
        *genapi.light(device, section),
        *_network(device, section),
    ]
    return source, settings


def _size(device: Device, size: int) -> Setting:
    return Setting(
        "bytes of a frame (are chunks off?)", size, lambda: None, lambda: device.read("PayloadSize")
    )


def _network(device: Device, section: BaslerSection) -> list[Setting]:
    if not device.has(_PACKET):  # on USB
        return []
    found = [_delay(device, section.packet_delay_us)]
    size = section.packet_bytes
    if section.by_address:
        size = packet_bytes(device.name, section.address, size)
        found += _host(device, section)
    return found if size is None else [genapi.setting(device, _PACKET, size), *found]


def _delay(device: Device, delay_us: float) -> Setting:
    """The camera counts it in ticks of its clock."""
    tick_hz = max(device.tick_hz, 1)
    return Setting(
        "packet_delay_us",
        delay_us,
        lambda: device.write(_DELAY, delay_us * tick_hz / _US_PER_S),
        lambda: float(device.read(_DELAY)) * _US_PER_S / tick_hz,
        DELAY_STEP_US if delay_us else 0.0,
    )


def _host(device: Device, section: BaslerSection) -> list[Setting]:
    """What the library keeps on this side."""
    wanted = section.socket_buffer_kb * _BYTES_PER_KB
    if 0 < (limit := HostNetwork().rmem_max()) < wanted:  # 0: nothing says it
        raise CameraLinkError(
            f"{device.name}: socket_buffer_kb = {section.socket_buffer_kb}: wanted {wanted} "
            f"bytes; net.core.rmem_max is {limit}; as root: "
            f"sysctl -w net.core.rmem_max={wanted}, and a line in /etc/sysctl.d"
        )
    stream, layer = device.raw.GetStreamGrabberNodeMap(), device.raw.GetTLNodeMap()
    nodes = {
        "SocketBufferSize": (stream, section.socket_buffer_kb),
        "FrameRetention": (stream, round(section.frame_retention_ms)),
        "HeartbeatTimeout": (layer, section.heartbeat_ms),
    }
    return [
        _node(device, node, name, value)
        for name, (where, value) in nodes.items()
        if (node := where.GetNode(name)).IsValid()
    ]


def _node(device: Device, node: Any, name: str, value: int) -> Setting:  # noqa: ANN401 - of the library
    """One of the library's own, not the camera's."""

    def write() -> None:
        with device.saying(f"{name} {value}"):
            node.SetValue(value)

    def read() -> int:
        with device.saying(name):
            return int(node.GetValue())

    return Setting(name, value, write, read)
