"""A camera of Basler's: its frames come into the slots of the ring themselves."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import CameraLinkError
from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras import genapi
from gonogo.drivers.cameras.basler.device import Device
from gonogo.drivers.cameras.basler.features import order
from gonogo.drivers.cameras.basler.stream import Stream
from gonogo.drivers.cameras.machine import MachineCamera
from gonogo.drivers.cameras.settings import carry_out, check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.basler.section import BaslerSection


class BaslerCamera(MachineCamera):
    """Open, under our control, set and streaming; each step that fails undoes those before."""

    _section: BaslerSection
    _device: Device
    _stream: Stream

    def __init__(
        self, section: BaslerSection, view: str, opens: Callable[..., Device] = Device
    ) -> None:
        with contextlib.ExitStack() as undo:  # in turn: stop, stream, device
            device = opens(view, section)
            undo.callback(device.close)
            source, self._told = order(device, section)
            super().__init__(section, device, source)
            size = source.size_bytes(section.geometry)
            short = HostNetwork().usb_memory_short(size) if device.raw.IsUsb() else ""
            if short:
                raise CameraLinkError(f"{device.name}: {short}")
            spare = np.zeros(size, np.uint8) if self._raw is None else self._raw
            self._stream = Stream(device, spare)
            undo.callback(self._stream.close)
            self._begin_with(())
            self._undo = undo.pop_all()

    def bind(self, slots: Sequence[NDArray[np.uint8]]) -> None:
        """Where frames are to come without a copy; once, before the first one."""
        if self._convert is None:
            for pixels in slots:
                self._refuse(pixels)
            self._begin_with(slots)

    def bounds(self, key: str) -> tuple[float, float] | None:
        """As of any camera of which it is known (gonogo.drivers.cameras.camera)."""
        return genapi.bounds_of(self._device, key)

    def _begin_with(self, slots: Sequence[NDArray[np.uint8]]) -> None:
        """By triggers of ours at first, then as the station file says."""
        section, device = self._section, self._device
        device.stop()
        self._stream.close()  # what is set is locked while it runs
        first = section.model_copy(update={"trigger": "software"})
        carry_out(device.name, [*self._told, *genapi.trigger(device, first)])
        self._stream.fill(slots, section.exposure_us)
        triggers = genapi.trigger(device, section)
        carry_out(device.name, triggers)
        check(device.name, self._told)
        self._stream.listen()
        device.start()
