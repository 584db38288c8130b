"""A GigE Vision or USB3 Vision camera, by the library Aravis.

A camera that has died blocks a call for 2.5 s.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import CameraLinkError
from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras.aravis.binding import binding
from gonogo.drivers.cameras.aravis.device import Device
from gonogo.drivers.cameras.aravis.features import bounds_of, order
from gonogo.drivers.cameras.aravis.stream import Stream
from gonogo.drivers.cameras.machine import MachineCamera

if TYPE_CHECKING:
    from gonogo.drivers.cameras.aravis.binding import Binding
    from gonogo.drivers.cameras.aravis.section import AravisSection


class AravisCamera(MachineCamera):
    """Open, under our control, set and streaming; each step that fails undoes those before."""

    _device: Device
    _stream: Stream

    def __init__(self, section: AravisSection, view: str, lib: Binding | None = None) -> None:
        with contextlib.ExitStack() as undo:  # in turn: stop, stream, device
            device = Device(lib or binding(), view, section.address)
            undo.callback(device.close)
            source = order(device, section)
            size = source.size_bytes(section.geometry)
            short = "" if device.gige else HostNetwork().usb_memory_short(size)
            if short:
                raise CameraLinkError(f"{device.name}: {short}")
            # with what the camera says of the frame behind it
            payload = device.ask("camera_get_payload") if section.chunks else None
            super().__init__(section, device, source, payload)
            self._stream = Stream(device, section)
            undo.callback(self._stream.close)
            device.ask("camera_start_acquisition")
            self._undo = undo.pop_all()

    def bounds(self, key: str) -> tuple[float, float] | None:
        """As of any camera of which it is known (gonogo.drivers.cameras.camera)."""
        return bounds_of(self._device, key)
