"""The controls of a camera: what does something by itself is off, all are set and read back.

A camera that has lost its power comes back with settings of its own, and the kernel brings a value
that a control cannot have to the nearest one without a word. What was found differs from what was
wanted: CameraError with both.
"""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.v4l2 import layout
from gonogo.drivers.cameras.v4l2.layout import CONTROL, told

if TYPE_CHECKING:
    from gonogo.drivers.cameras.v4l2.device import Device
    from gonogo.drivers.cameras.v4l2.section import V4l2Section

# linux/v4l2-controls.h
WHITE_BALANCE_AUTO, EXPOSURE_RAW, GAIN_AUTO, GAIN = 0x98090C, 0x980911, 0x980912, 0x980913
EXPOSURE_AUTO, EXPOSURE_TIME, EXPOSURE_PACE, FOCUS_AUTO = 0x9A0901, 0x9A0902, 0x9A0903, 0x9A090C
SENSOR_GAIN = 0x9E0903
EXPOSURE_UNIT_US = 100  # of EXPOSURE_TIME
# by hand; and no slower frames in the dark
_OFF = {EXPOSURE_AUTO: 1, EXPOSURE_PACE: 0, GAIN_AUTO: 0, WHITE_BALANCE_AUTO: 0, FOCUS_AUTO: 0}


class Control(NamedTuple):
    """One that the camera has."""

    id: int
    kind: int
    name: str
    """As v4l2-ctl writes it."""
    least: int
    most: int
    flags: int

    @property
    def settable(self) -> bool:
        """A number of 32 bits that can be written, and read back."""
        shut = layout.READ_ONLY | layout.WRITE_ONLY | layout.DISABLED
        return self.kind in layout.SETTABLE and not self.flags & shut


def set_controls(device: Device, section: V4l2Section) -> str:
    """All of them; what is to be known of the exposure, "": it was set."""
    has = controls(device)
    wanted = {each.id: value for each, value in _wanted(device, section, has)}
    for number, value in wanted.items():
        _write(device, has[number], value)
    # written late, one may change what came before
    differ = [
        f"{has[number].name}: wanted {value}, found {found} (it takes {_range(has[number])})"
        for number, value in wanted.items()
        if (found := _read(device, number)) != value
    ]
    if differ:
        raise CameraError(f"{device.name}: it does not keep what it is told: {'; '.join(differ)}")
    return "" if {EXPOSURE_TIME, EXPOSURE_RAW} & wanted.keys() else "its exposure cannot be set"


def controls(device: Device) -> dict[int, Control]:
    """Those that it has, by their numbers."""
    found: dict[int, Control] = {}
    number = 0
    while True:
        block = told(layout.QUERY, number | layout.NEXT_CONTROL)
        try:
            device.tell(layout.QUERYCTRL, block)
        except OSError as error:
            if error.errno in {errno.EINVAL, errno.ENOTTY}:  # no more, or none at all
                return found
            raise device.failure("QUERYCTRL", error) from error
        number, kind, name, least, most, _, _, flags = layout.QUERY.unpack(block)
        found[number] = Control(number, kind, word(layout.text_of(name)), least, most, flags)


def word(name: str) -> str:
    """The name of a control as v4l2-ctl writes it: Gain, Automatic -> gain_automatic."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _wanted(
    device: Device, section: V4l2Section, has: dict[int, Control]
) -> list[tuple[Control, int]]:
    """In turn: what does something by itself first, for it may lock the others."""
    own = [(_named(device, each.name, has), each.value) for each in section.control]
    found = [(has[number], value) for number, value in _OFF.items() if _can(has, number)]
    found += _exposure(device, section, has, {each.id for each, _ in own})
    if section.gain is not None:
        gain = next((has[number] for number in (GAIN, SENSOR_GAIN) if _can(has, number)), None)
        if gain is None:
            raise CameraError(f"{device.name}: gain = {section.gain}: it has none that can be set")
        found.append((gain, section.gain))
    return found + own


def _exposure(
    device: Device, section: V4l2Section, has: dict[int, Control], own: set[int]
) -> list[tuple[Control, int]]:
    if _can(has, EXPOSURE_TIME):
        steps = section.exposure_us / EXPOSURE_UNIT_US
        if abs(steps - round(steps)) * EXPOSURE_UNIT_US > section.exposure_us / 100:
            raise CameraError(
                f"{device.name}: exposure_us: expected a multiple of {EXPOSURE_UNIT_US} us, "
                f"got {section.exposure_us:g}"
            )
        return [(has[EXPOSURE_TIME], round(steps))]
    if _can(has, EXPOSURE_RAW) and EXPOSURE_RAW not in own:
        raise CameraError(
            f"{device.name}: its exposure has a unit of its own ({_range(has[EXPOSURE_RAW])}): say "
            f'by [[view.camera.control]] name = "{has[EXPOSURE_RAW].name}" how much of it is '
            f"exposure_us = {section.exposure_us:g}"
        )
    return []


def _can(has: dict[int, Control], number: int) -> bool:
    return number in has and has[number].settable


def _named(device: Device, name: str, has: dict[int, Control]) -> Control:
    for each in has.values():
        if each.name == name and each.settable:
            return each
    able = ", ".join(sorted(each.name for each in has.values() if each.settable))
    raise CameraError(
        f"{device.name}: control {name}: expected one that can be set and read back: "
        f"{able or 'it has none'}"
    )


def _read(device: Device, number: int) -> int:
    block = told(CONTROL, number)
    device.ask("G_CTRL", layout.G_CTRL, block)
    value: int = CONTROL.unpack(block)[1]
    return value


def _write(device: Device, control: Control, value: int) -> None:
    what = f"{control.name} = {value} (it takes {_range(control)})"
    device.ask(what, layout.S_CTRL, told(CONTROL, control.id, value))


def _range(control: Control) -> str:
    return f"{control.least} to {control.most}"
