"""Settings are written and read back."""

from __future__ import annotations

import pytest

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.settings import Setting, carry_out, check


def setting(wanted: object, found: object, step: float = 0.0) -> Setting:
    """One that the camera keeps as `found`."""
    return Setting("exposure_us", wanted, lambda: None, lambda: found, step)


def test_settings_that_are_not_kept_are_named_with_both_values() -> None:
    """Each of them."""
    bad = [setting(1000.0, 2000.0, 2.0), setting("Off", "On"), setting(5, 5)]
    with pytest.raises(CameraError) as raised:
        check("view 'top': camera x", bad)
    assert str(raised.value).endswith(
        "it does not keep what it is told: exposure_us: wanted 1000.0, found 2000.0; "
        "exposure_us: wanted Off, found On"
    )


@pytest.mark.parametrize(
    ("wanted", "found", "step"), [(1000.0, 1009.0, 2.0), (10.0, 11.9, 2.0), (0.0, -0.1, 0.15)]
)
def test_settings_may_be_rounded_as_cameras_do(wanted: float, found: float, step: float) -> None:
    """To their own step, or by one per cent."""
    check("x", [setting(wanted, found, step)])


def test_settings_are_all_written_before_one_is_read() -> None:
    """What is written late may change what came before."""
    kept = {"width": 0, "offset": 8}

    def write_width() -> None:
        kept.update(width=640, offset=0)

    width = Setting("width", 640, write_width, lambda: kept["width"])
    offset = Setting("offset", 8, lambda: None, lambda: kept["offset"])
    with pytest.raises(CameraError, match="offset: wanted 8, found 0"):
        carry_out("x", [offset, width])
