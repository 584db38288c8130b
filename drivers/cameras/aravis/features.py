"""The settings of a camera, by the library's own functions and the device's registers."""

from __future__ import annotations

from contextlib import suppress
from ctypes import byref, c_double, c_int
from typing import TYPE_CHECKING

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.aravis.chunks import EXPOSURE_TIME, FRAME_ID
from gonogo.drivers.cameras.genapi import BY_HAND
from gonogo.drivers.cameras.network import packet_bytes
from gonogo.drivers.cameras.settings import (
    DELAY_STEP_US,
    EXPOSURE_STEP_US,
    GAIN_STEP_DB,
    NEAR_PCT,
    Setting,
    carry_out,
)

if TYPE_CHECKING:
    from gonogo.drivers.cameras.aravis.device import Device
    from gonogo.drivers.cameras.aravis.section import AravisSection
    from gonogo.drivers.cameras.formats import Source

_NS_PER_US = 1000
_NO_LIMIT = 1 << 62
# GigE Vision 2.0, bootstrap registers, which every camera has: in ms; in ticks, of stream 0
_HEARTBEAT, _PACKET_DELAY = 0x0938, 0x0D08
_BOUNDS = {"exposure_us": "camera_get_exposure_time_bounds", "gain_db": "camera_get_gain_bounds"}


def order(device: Device, section: AravisSection) -> Source:
    """Write all, then read all back: what is written late may change what came before."""
    # a client that was killed has left it streaming: to a port that is no more, and with its
    # settings locked. One that does not stream may say no to that
    with suppress(CameraError):
        device.ask("camera_stop_acquisition")
    source = choose(device, section)
    settings = [
        *_picture(device, section, source),
        *_light(device, section),
        *_trigger(device, section),
        *_chunks(device, section),
        *(_network(device, section) if device.gige else ()),
    ]
    carry_out(device.name, settings)
    return source


def choose(device: Device, section: AravisSection) -> Source:
    """What the camera is to send."""
    for source in section.sources:
        if device.offers("PixelFormat", source.name):
            return source
    raise CameraError(
        f"{device.name}: {section.needs}, which it does not offer "
        "(`arv-tool-0.8 values PixelFormat`)"
    )


def _picture(device: Device, section: AravisSection, source: Source) -> list[Setting]:
    left, top = section.offset_x_px, section.offset_y_px
    width, height = section.width_px, section.height_px

    most = source.size_bytes(section.geometry) if section.chunks else _NO_LIMIT

    def write_region() -> None:
        device.ask("camera_set_region", 0, 0, width, height)  # else it may not fit beside an old
        device.ask("camera_set_region", left, top, width, height)  # offset

    return [
        _named(device, "PixelFormat", source.name),
        Setting("region", (left, top, width, height), write_region, lambda: region_of(device)),
        Setting(
            "bytes of a frame",
            source.size_bytes(section.geometry),
            lambda: None,
            # with chunks behind them there are more, by as many as the camera likes
            lambda: min(device.ask("camera_get_payload"), most),
        ),
        *_as_found(device, "boolean", ("ReverseX", "ReverseY")),
    ]


def region_of(device: Device) -> tuple[int, int, int, int]:
    """Left, top, width and height, in px."""
    left, top, width, height = (c_int() for _ in range(4))
    device.ask("camera_get_region", byref(left), byref(top), byref(width), byref(height))
    return left.value, top.value, width.value, height.value


def bounds_of(device: Device, key: str) -> tuple[float, float] | None:
    """What `exposure_us` or `gain_db` may be now; None where the camera does not have it."""
    if key == "gain_db" and not device.ask("camera_is_gain_available"):
        return None
    low, high = c_double(), c_double()
    device.ask(_BOUNDS[key], byref(low), byref(high))
    return low.value, high.value


def _light(device: Device, section: AravisSection) -> list[Setting]:
    exposure_us, gain_db = section.exposure_us, section.gain_db
    settings = [_by_hand(device, *each) for each in BY_HAND.items() if device.has(each[0])]
    settings.append(
        Setting(
            "exposure_us",
            exposure_us,
            lambda: device.ask("camera_set_exposure_time", exposure_us),
            lambda: device.ask("camera_get_exposure_time"),
            EXPOSURE_STEP_US,
        )
    )
    if gain_db or device.ask("camera_is_gain_available"):
        settings.append(
            Setting(
                "gain_db",
                gain_db,
                lambda: device.ask("camera_set_gain", gain_db),
                lambda: device.ask("camera_get_gain"),
                GAIN_STEP_DB,
            )
        )
    return settings


def _trigger(device: Device, section: AravisSection) -> list[Setting]:
    settings = [_named(device, "AcquisitionMode", "Continuous")]
    if section.trigger == "free-run":
        clear = Setting(
            "TriggerMode",
            "Off",
            lambda: device.ask("camera_clear_triggers"),
            lambda: device.text("TriggerMode"),
        )
        return [*settings, clear, *_rate(device, section)]
    source = "Software" if section.trigger == "software" else section.trigger_source
    # clears every other trigger, and selects that of each frame
    arm = Setting(
        "TriggerSource",
        source,
        lambda: device.ask("camera_set_trigger", source.encode()),
        lambda: device.text("TriggerSource"),
    )
    settings += [arm, _read_only(device, "TriggerMode", "On")]
    if device.has("TriggerSelector"):
        settings.append(_read_only(device, "TriggerSelector", "FrameStart"))
    if section.trigger == "hardware":
        settings.append(_named(device, "TriggerActivation", section.trigger_activation))
    return [*settings, *_as_found(device, "float", ("TriggerDelay", "TriggerDelayAbs"))]


def _chunks(device: Device, section: AravisSection) -> list[Setting]:
    """Off, or those that are held against what was ordered; CameraError where it has none."""
    if not device.ask("camera_are_chunks_available"):
        if section.chunks:
            raise CameraError(f"{device.name}: chunks = true: it has none; leave that out")
        return []
    mode = Setting(
        "ChunkModeActive",
        section.chunks,
        lambda: device.ask("camera_set_chunk_mode", int(section.chunks)),
        lambda: bool(device.ask("camera_get_chunk_mode")),
    )
    if not section.chunks:
        return [mode]
    if not device.offers("ChunkSelector", EXPOSURE_TIME):
        raise CameraError(f"{device.name}: chunks = true: it has no chunk {EXPOSURE_TIME}")
    names = [EXPOSURE_TIME, *([FRAME_ID] if device.offers("ChunkSelector", FRAME_ID) else [])]
    return [mode, *(_chunk(device, name.encode()) for name in names)]


def _chunk(device: Device, name: bytes) -> Setting:
    return Setting(
        f"chunk {name.decode()}",
        True,  # noqa: FBT003 - what is wanted
        lambda: device.ask("camera_set_chunk_state", name, 1),
        lambda: bool(device.ask("camera_get_chunk_state", name)),
    )


def _rate(device: Device, section: AravisSection) -> list[Setting]:
    rate_hz = section.rate_hz
    if rate_hz is None:
        return []
    return [
        Setting(
            "rate_hz",
            rate_hz,
            lambda: device.ask("camera_set_frame_rate", rate_hz),
            lambda: device.ask("camera_get_frame_rate"),
            rate_hz * NEAR_PCT / 100,
        )
    ]


def _network(device: Device, section: AravisSection) -> list[Setting]:
    size = packet_bytes(device.name, device.host, section.packet_bytes)
    return [
        Setting(
            "packet_bytes",
            size,
            lambda: device.ask("camera_gv_set_packet_size", size),
            lambda: device.ask("camera_gv_get_packet_size"),
        ),
        _delay(device, section.packet_delay_us),
        _register(device, "heartbeat_ms", _HEARTBEAT, section.heartbeat_ms),
    ]


def _delay(device: Device, delay_us: float) -> Setting:
    """The library turns it into ticks of the camera's clock; none is none by any clock."""
    if not delay_us:
        return _register(device, "packet_delay_us", _PACKET_DELAY, 0)
    return Setting(
        "packet_delay_us",
        delay_us,
        lambda: device.ask("camera_gv_set_packet_delay", round(delay_us * _NS_PER_US)),
        lambda: device.ask("camera_gv_get_packet_delay") / _NS_PER_US,
        DELAY_STEP_US,
    )


def _named(device: Device, feature: str, value: str) -> Setting:
    """One of an enumeration."""
    write = ("device_set_string_feature_value", feature.encode(), value.encode())
    return Setting(feature, value, lambda: device.ask(*write), lambda: device.text(feature))


def _as_found(device: Device, kind: str, features: tuple[str, ...]) -> list[Setting]:
    """Those that the camera has, at nought: it may have come up with others, from a user set."""
    return [_nought(device, kind, each) for each in features if device.has(each)]


def _nought(device: Device, kind: str, feature: str) -> Setting:
    def read() -> float:
        return float(device.ask(f"device_get_{kind}_feature_value", feature.encode()))

    def write() -> None:
        if read():  # else it need not be one that can be written
            device.ask(f"device_set_{kind}_feature_value", feature.encode(), 0)

    return Setting(feature, 0, write, read)


def _by_hand(device: Device, feature: str, value: str) -> Setting:
    named = _named(device, feature, value)

    def write() -> None:
        if named.read() != value:  # else it need not be one that can be written
            named.write()

    return named._replace(write=write)


def _register(device: Device, name: str, at: int, value: int) -> Setting:
    """One of the device itself."""
    return Setting(
        name,
        value,
        lambda: device.ask("device_write_register", at, value),
        lambda: device.register(at),
    )


def _read_only(device: Device, feature: str, value: str) -> Setting:
    """One that another brings with it."""
    return Setting(feature, value, lambda: None, lambda: device.text(feature))
