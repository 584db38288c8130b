"""A camera behind a GenTL producer: each frame comes into the library's buffer, and is copied."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras import genapi
from gonogo.drivers.cameras.genicam.device import Device
from gonogo.drivers.cameras.genicam.stream import LOCK, Stream
from gonogo.drivers.cameras.machine import MachineCamera
from gonogo.drivers.cameras.settings import carry_out

if TYPE_CHECKING:
    from gonogo.drivers.cameras.formats import Source
    from gonogo.drivers.cameras.genicam.section import GenicamSection
    from gonogo.drivers.cameras.settings import Setting

_CHUNKS, _PARTS = "ChunkModeActive", "GenDCStreamingMode"


class GenicamCamera(MachineCamera):
    """Open, under our control, set and streaming; each step that fails undoes those before."""

    _device: Device
    _stream: Stream

    def __init__(self, section: GenicamSection, view: str) -> None:
        with contextlib.ExitStack() as undo:  # in turn: stop, stream, device
            device = Device(view, section)
            undo.callback(device.close)
            source = order(device, section)
            super().__init__(section, device, source)
            self._stream = Stream(device, source.size_bytes(section.geometry))
            undo.callback(self._stream.close)
            self._stream.start()
            self._undo = undo.pop_all()

    def bounds(self, key: str) -> tuple[float, float] | None:
        """As of any camera of which it is known (gonogo.drivers.cameras.camera)."""
        return genapi.bounds_of(self._device, key)


def order(device: Device, section: GenicamSection) -> Source:
    """Write all, then read all back."""
    # a client that was killed has left it streaming, with its settings locked
    with contextlib.suppress(CameraError):
        device.stop()
    if device.writable(LOCK):
        device.write(LOCK, 0)
    source, called = genapi.choose(device, section)
    carry_out(
        device.name,
        [
            *_plain_frames(device),
            *genapi.picture(device, section, called),
            *genapi.light(device, section, section.lacks),
            *genapi.trigger(device, section, section.lacks),
            *_network(device, section),
        ],
    )
    return source


def _plain_frames(device: Device) -> list[Setting]:
    """Pictures and nothing else: what else a camera may put into a buffer is switched off."""
    found = []
    if device.has(_CHUNKS):
        found.append(genapi.setting(device, _CHUNKS, value=False))
    if device.has(_PARTS):
        found.append(genapi.setting(device, _PARTS, "Off"))
    return found


def _network(device: Device, section: GenicamSection) -> list[Setting]:
    wanted = {
        "GevSCPSPacketSize": section.packet_bytes,
        "GevHeartbeatTimeout": section.heartbeat_ms,
    }
    return [
        genapi.setting(device, name, value) for name, value in wanted.items() if value is not None
    ]
