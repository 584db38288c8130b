"""The settings of a camera by the names of its features (GenICam SFNC), for any node map.

Cameras from before SFNC 2.0 have some of them under other names; the first that is there is it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from gonogo.base.errors import CameraError, FrameTimeout
from gonogo.drivers.cameras.settings import (
    EXPOSURE_STEP_US,
    GAIN_STEP_DB,
    NEAR_PCT,
    Setting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.drivers.cameras.formats import Source
    from gonogo.drivers.cameras.machine_section import MachineSection

EXPOSURE = ("ExposureTime", "ExposureTimeAbs")
GAIN = ("Gain", "GainRaw")
RATE = ("AcquisitionFrameRate", "AcquisitionFrameRateAbs")
# in the order in which they are written
BY_HAND = {
    "ExposureAuto": "Off", "ExposureMode": "Timed", "GainAuto": "Off", "BalanceWhiteAuto": "Off",
}  # fmt: skip
_EACH_FRAME, _PACED = "FrameStart", "AcquisitionFrameRateEnable"
_LOOK_S = 0.0005
# as they were called before the names of today
_OLD_NAMES = {"BGR8": "BGR8Packed", "RGB8": "RGB8Packed"}


class Features(Protocol):
    """A camera's node map; what fails is a CameraError with the camera's and the feature's name."""

    name: str

    def has(self, feature: str) -> bool:
        """Whether there is one of that name, and it can be read or written now."""
        ...

    def writable(self, feature: str) -> bool:
        """Whether it can be written now."""
        ...

    def values(self, feature: str) -> Sequence[str]:
        """What an enumeration may be set to now."""
        ...

    def read(self, feature: str) -> str | float:
        """What it is, from the camera itself."""
        ...

    def write(self, feature: str, value: str | float) -> None:
        """Set it; a whole number where it takes no other."""
        ...

    def bounds(self, feature: str) -> tuple[float, float]:
        """Between what a number may be set now, in the unit of the feature."""
        ...


def choose(device: Features, section: MachineSection) -> tuple[Source, str]:
    """What the camera is to send, and what it calls that."""
    offered = device.values("PixelFormat")
    for source in section.sources:
        for called in (source.name, _OLD_NAMES.get(source.name, "")):
            if called in offered:
                return source, called
    raise CameraError(
        f"{device.name}: {section.needs}, which it does not offer (it does: {', '.join(offered)})"
    )


def picture(device: Features, section: MachineSection, called: str) -> list[Setting]:
    """Pixel format and region; without an end. All of it is locked while the camera streams."""
    left, top = section.offset_x_px, section.offset_y_px
    width, height = section.width_px, section.height_px
    # a camera without offsets reads out all of its sensor: then they are 0
    there = [name for name in ("OffsetX", "OffsetY") if device.has(name)]

    def write_region() -> None:
        for name in there:
            device.write(name, 0)  # else the region may not fit beside an old offset
        device.write("Width", width)
        device.write("Height", height)
        for name, value in (("OffsetX", left), ("OffsetY", top)):
            if name in there or value:
                device.write(name, value)

    def read_region() -> tuple[float | str, ...]:
        offsets = (device.read(name) if name in there else 0 for name in ("OffsetX", "OffsetY"))
        return (*offsets, device.read("Width"), device.read("Height"))

    wanted = (left, top, width, height)
    return [
        setting(device, "AcquisitionMode", "Continuous"),
        setting(device, "PixelFormat", called),
        Setting("region", wanted, write_region, read_region),
        *_as_found(device, {"ReverseX": False, "ReverseY": False}),
    ]


def light(device: Features, section: MachineSection, lacks: Sequence[str] = ()) -> list[Setting]:
    """Exposure and gain, each by hand."""
    found = _as_found(device, BY_HAND)
    if _wanted(device, EXPOSURE, lacks):
        exposure = _first(device, EXPOSURE)
        found.append(
            setting(device, exposure, section.exposure_us, EXPOSURE_STEP_US, "exposure_us")
        )
    if section.gain_db or any(device.has(name) for name in GAIN):
        found.append(
            setting(device, _first(device, GAIN), section.gain_db, GAIN_STEP_DB, "gain_db")
        )
    return found


def bounds_of(device: Features, key: str) -> tuple[float, float] | None:
    """What `exposure_us` or `gain_db` may be now; None where the camera does not have it."""
    names = EXPOSURE if key == "exposure_us" else GAIN
    found = next((name for name in names if device.has(name)), None)
    return None if found is None else device.bounds(found)


def trigger(device: Features, section: MachineSection, lacks: Sequence[str] = ()) -> list[Setting]:
    """Which of them, and no other."""
    if not _wanted(device, ("TriggerMode",), lacks):
        return _rate(device, section)
    others = Setting("triggers that are on", [], lambda: _off(device), lambda: _on(device))
    if section.trigger == "free-run":
        return [others, setting(device, "TriggerMode", "Off"), *_rate(device, section)]
    source = "Software" if section.trigger == "software" else section.trigger_source
    found = [others, setting(device, "TriggerSource", source)]
    if device.has(_PACED):  # a pace of its own would hold up what the trigger asks for
        found.append(setting(device, _PACED, value=False))
    if section.trigger == "hardware":
        found.append(setting(device, "TriggerActivation", section.trigger_activation))
    found += _as_found(device, {"TriggerDelay": 0.0, "TriggerDelayAbs": 0.0})
    return [*found, setting(device, "TriggerMode", "On")]


def _rate(device: Features, section: MachineSection) -> list[Setting]:
    if section.rate_hz is None:
        return []
    step_hz = section.rate_hz * NEAR_PCT / 100
    found = [setting(device, _PACED, value=True)] if device.has(_PACED) else []
    return [*found, setting(device, _first(device, RATE), section.rate_hz, step_hz, "rate_hz")]


def _selectors(device: Features) -> list[str]:
    """The triggers besides that of each frame, which is left selected afterwards."""
    if not device.has("TriggerSelector"):
        return []
    return [each for each in device.values("TriggerSelector") if each != _EACH_FRAME]


def _off(device: Features) -> None:
    for each in _selectors(device):
        device.write("TriggerSelector", each)
        if device.writable("TriggerMode"):
            device.write("TriggerMode", "Off")
    _select_frame(device)


def _on(device: Features) -> list[str]:
    on = []
    for each in _selectors(device):
        device.write("TriggerSelector", each)
        if device.has("TriggerMode") and device.read("TriggerMode") != "Off":
            on.append(each)
    _select_frame(device)
    return on


def _select_frame(device: Features) -> None:
    if device.has("TriggerSelector"):
        device.write("TriggerSelector", _EACH_FRAME)


def _wanted(device: Features, names: Sequence[str], lacks: Sequence[str]) -> bool:
    """Whether it is to be set; CameraError where the station file is wrong about what lacks."""
    if names[0] not in lacks:
        return True
    there = [name for name in names if device.has(name)]
    if there:
        raise CameraError(f"{device.name}: it has {there[0]}: take {names[0]} out of `lacks`")
    return False


def _first(device: Features, names: Sequence[str]) -> str:
    for name in names:
        if device.has(name):
            return name
    raise CameraError(f"{device.name}: expected one of its features to be {' or '.join(names)}")


def setting(
    device: Features, feature: str, value: str | float, step: float = 0.0, name: str = ""
) -> Setting:
    """One feature, with `name` for messages. What cannot be written has to be so already."""

    def write() -> None:
        if device.writable(feature):
            device.write(feature, value)

    return Setting(name or feature, value, write, lambda: device.read(feature), step)


def _as_found(device: Features, wanted: Mapping[str, str | float]) -> list[Setting]:
    """Those that the camera has: it may have come up with others, from a user set of its own."""
    return [setting(device, name, value) for name, value in wanted.items() if device.has(name)]


def await_ready(device: Features, deadline_ns: int) -> None:
    """Until it takes a trigger, as far as it says so; FrameTimeout: not by `deadline_ns`."""
    if not device.has("AcquisitionStatus"):
        return
    if device.has("AcquisitionStatusSelector"):
        device.write("AcquisitionStatusSelector", "FrameTriggerWait")
    while not device.read("AcquisitionStatus"):
        if time.monotonic_ns() >= deadline_ns:
            raise FrameTimeout(
                f"{device.name}: not ready for the trigger in time; exposure and read-out must "
                "be shorter than the time between two parts"
            )
        time.sleep(_LOOK_S)
