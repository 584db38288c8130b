"""Controls of a camera, over a scripted kernel: all are set, and all are read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.v4l2 import layout
from gonogo.drivers.cameras.v4l2.controls import (
    EXPOSURE_AUTO,
    EXPOSURE_PACE,
    EXPOSURE_RAW,
    EXPOSURE_TIME,
    FOCUS_AUTO,
    GAIN,
    GAIN_AUTO,
    SENSOR_GAIN,
    WHITE_BALANCE_AUTO,
    set_controls,
    word,
)
from gonogo.drivers.cameras.v4l2.device import Device
from gonogo.tests.drivers.cameras.v4l2.fake import FakeControl, FakeKernel, section

BRIGHTNESS = 0x980900


def told(kernel: FakeKernel, **changes: Any) -> str:  # noqa: ANN401 - keys of the section
    """Set them all."""
    device = Device(kernel, "top", Path("/dev/video7"))
    try:
        return set_controls(device, section(**changes))
    finally:
        device.close()


def values(kernel: FakeKernel) -> dict[int, int]:
    """As the camera has them now."""
    return {number: each.value for number, each in kernel.controls.items()}


def test_controls_that_do_something_by_themselves_are_off() -> None:
    """Else the picture would change with what lies before the camera."""
    kernel = FakeKernel()
    kernel.controls[EXPOSURE_PACE] = FakeControl("Exposure, Dynamic Framerate", 1, kind=2)
    kernel.controls[FOCUS_AUTO] = FakeControl("Focus, Automatic Continuous", 1, kind=2)
    assert told(kernel, exposure_us=2500.0, gain=20) == ""
    found = values(kernel)
    assert found[EXPOSURE_AUTO] == 1
    for number in (WHITE_BALANCE_AUTO, GAIN_AUTO, EXPOSURE_PACE, FOCUS_AUTO):
        assert found[number] == 0
    assert (found[EXPOSURE_TIME], found[GAIN]) == (25, 20)


def test_controls_that_the_station_file_names_are_set_last() -> None:
    """By the names of v4l2-ctl; also one that is off otherwise."""
    kernel = FakeKernel()
    control = (
        {"name": "white_balance_temperature", "value": 5200},
        {"name": "white_balance_automatic", "value": 1},
    )
    told(kernel, control=control)
    found = values(kernel)
    assert found[0x98091A] == 5200
    assert found[WHITE_BALANCE_AUTO] == 1


def test_gain_may_be_that_of_the_sensor() -> None:
    """CSI cameras call it analogue gain."""
    kernel = FakeKernel(controls={SENSOR_GAIN: FakeControl("Analogue Gain", 0, most=978)})
    told(kernel, gain=232)
    assert kernel.controls[SENSOR_GAIN].value == 232


def test_control_that_is_not_kept_is_named_with_both_values() -> None:
    """Brought into its range without a word, or not taken at all: each of them."""
    kernel = FakeKernel()
    kernel.controls[WHITE_BALANCE_AUTO].stuck = True
    with pytest.raises(CameraError) as raised:
        told(kernel, gain=99)
    assert "gain: wanted 99, found 64 (it takes 0 to 64)" in str(raised.value)
    assert "white_balance_automatic: wanted 0, found 1" in str(raised.value)


def test_exposure_that_stays_automatic_is_noticed() -> None:
    """The camera ignores what it is told while it chooses by itself."""
    kernel = FakeKernel()
    kernel.controls[EXPOSURE_AUTO].stuck = True
    with pytest.raises(CameraError, match=r"auto_exposure: wanted 1, found 3 \(it takes 0 to 3\)"):
        told(kernel)


@pytest.mark.parametrize(
    ("controls", "changes", "why"),
    [
        ({}, {"gain": 3}, "gain = 3: it has none that can be set"),
        ({}, {"control": ({"name": "gamma", "value": 3},)}, "control gamma: .*: it has none"),
        (
            {BRIGHTNESS: FakeControl("Brightness", 0, flags=layout.WRITE_ONLY)},
            {"control": ({"name": "brightness", "value": 3},)},
            "expected one that can be set and read back: it has none",
        ),
        (
            {BRIGHTNESS: FakeControl("Brightness", 0, kind=5)},  # of 64 bits
            {"control": ({"name": "brightness", "value": 3},)},
            "expected one that can be set and read back: it has none",
        ),
        (
            {EXPOSURE_RAW: FakeControl("Exposure", 0, 4, 1600)},
            {},
            r'unit of its own \(4 to 1600\): say by .* name = "exposure" how much of it is',
        ),
        (
            {EXPOSURE_TIME: FakeControl("Exposure Time, Absolute", 3, 1, 5000)},
            {"exposure_us": 130.0},
            "expected a multiple of 100 us, got 130",
        ),
    ],
)
def test_controls_that_cannot_be_had_are_refused(
    controls: dict[int, FakeControl], changes: dict[str, Any], why: str
) -> None:
    """With what there is instead."""
    with pytest.raises(CameraError, match=why):
        told(FakeKernel(controls=controls), **changes)


def test_exposure_in_a_unit_of_its_own_is_what_the_station_file_says() -> None:
    """By a control of that name, which is read back as any other."""
    kernel = FakeKernel(controls={EXPOSURE_RAW: FakeControl("Exposure", 0, 4, 1600)})
    assert told(kernel, control=({"name": "exposure", "value": 640},)) == ""
    assert kernel.controls[EXPOSURE_RAW].value == 640


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("White Balance, Automatic", "white_balance_automatic"),
        ("Exposure Time, Absolute", "exposure_time_absolute"),
        ("Gain", "gain"),
        ("(Odd)", "odd"),
    ],
)
def test_control_is_written_as_v4l2_ctl_does(name: str, written: str) -> None:
    """So that an engineer can copy it from there."""
    assert word(name) == written
