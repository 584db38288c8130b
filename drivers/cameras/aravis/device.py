"""One camera as the library has it: ours to control, and its features written and read back."""

from __future__ import annotations

import ipaddress
import time
from ctypes import byref, c_uint32
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import CameraError, CameraHeld
from gonogo.drivers.cameras.aravis.binding import ArvError
from gonogo.drivers.cameras.network import way_to

if TYPE_CHECKING:
    from gonogo.drivers.cameras.aravis.binding import Binding


class Device:
    """Opened and under our control; CameraError says which camera, and what it refused."""

    def __init__(self, arv: Binding, view: str, address: str) -> None:
        self.arv = arv
        self.name = f"view '{view}': camera {address}"
        self._camera = _opened(arv, self.name, address)
        self._device: int = arv.call("camera_get_device", self._camera)
        self.gige = bool(arv.call("camera_is_gv_device", self._camera))
        try:
            self.refuse_lost()
            # whether the stamps of its frames are times: GigE Vision says by a register how fast
            self.ticks = not self.gige or self.ask("gv_device_get_timestamp_tick_frequency") > 0
        except CameraError:
            self.close()
            raise

    def refuse_lost(self) -> None:
        """CameraHeld when another client has it, or has had it since: the library says nothing."""
        if self.gige and not self.arv.call("gv_device_is_controller", self._device):
            raise CameraHeld(
                f"{self.name}: held by another client, or no longer held by us; "
                "it is free once that one has ended and its heartbeat time is over"
            )

    def fire(self, _deadline_ns: int) -> int:
        """Trigger it by software; the time just before. The library knows of no readiness."""
        fired_ns = time.monotonic_ns()
        self.ask("camera_software_trigger")
        return fired_ns

    def stop(self) -> None:
        """End the acquisition; what is on its way comes to its end."""
        self.ask("camera_stop_acquisition")

    def ask(self, name: str, *args: Any) -> Any:  # noqa: ANN401 - C's arguments and values
        """Of the library's camera_* or (gv_)device_* functions, one that can fail."""
        thing = self._camera if name.startswith("camera_") else self._device
        try:
            return self.arv.ask(name, thing, *args)
        except ArvError as error:
            told = " ".join(a.decode() if isinstance(a, bytes) else str(a) for a in args)
            raise CameraError(f"{self.name}: {name} {told}: {error}") from error

    def tell(self, name: str, *args: Any) -> Any:  # noqa: ANN401 - C's arguments and values
        """Of the library's camera_* functions, one that cannot fail."""
        return self.arv.call(name, self._camera, *args)

    def has(self, feature: str) -> bool:
        """Whether the camera knows a feature of that name, and has it now."""
        return bool(self.ask("device_is_feature_available", feature.encode()))

    def offers(self, feature: str, value: str) -> bool:
        """Whether it knows that value of an enumeration."""
        return bool(
            self.ask("device_is_enumeration_entry_available", feature.encode(), value.encode())
        )

    def text(self, feature: str) -> str:
        """The value of an enumeration."""
        value: bytes = self.ask("device_get_string_feature_value", feature.encode())
        return value.decode(errors="replace")

    def register(self, at: int) -> int:
        """One register of the device itself, whatever its description names."""
        value = c_uint32()
        self.ask("device_read_register", at, byref(value))
        return value.value

    @property
    def host(self) -> str:
        """Its own address in the network."""
        return self.arv.address_of(self._device)

    def close(self) -> None:
        """Leave the control; once."""
        self.arv.unref(self._camera)


def _opened(arv: Binding, name: str, address: str) -> int:
    try:
        camera: int = arv.ask("camera_new", address.encode())
    except ArvError as error:
        raise CameraError(f"{name}: {error}; {_whereabouts(address)}") from error
    return camera


def _whereabouts(address: str) -> str:
    """Why a camera may not answer, with both addresses where there are two."""
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        return "list what there is with `arv-tool-0.8` (aravis-tools-cli); check cable and power"
    try:
        ours = way_to(address).ours
    except OSError as error:
        return f"this box has no way there ({error.strerror}): give it an address of that subnet"
    return (
        f"this box would reach it from {ours}: both must be of one subnet "
        "(`ip address`, `arv-tool-0.8`); check cable and power"
    )
