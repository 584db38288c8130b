"""Settings are written and read back; packets fit through the interface."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.aravis.features import Setting, check, packet_bytes
from gonogo.drivers.cameras.aravis.network import Way
from gonogo.tests.drivers.cameras.aravis.fake import section


class Wire:
    """A device at an interface of this box; a double for its name and its address."""

    name = "view 'top': camera 10.0.0.2"
    host = "10.0.0.2"


def size(mtu_bytes: int, **changes: Any) -> int:  # noqa: ANN401 - keys of the section
    """Of the packets over an interface of that MTU."""
    device: Any = Wire()
    return packet_bytes(device, section(**changes), lambda host: Way(host[:-1] + "1", mtu_bytes))


def test_packets_are_as_large_as_the_interface_and_no_larger() -> None:
    """The library's own choice may lie above the MTU: then not one comes."""
    assert size(1500) == 1500
    assert size(1499) == 1496
    assert size(9000) == 9000
    assert size(65536) == 9000
    assert size(9000, packet_bytes=1440) == 1440


def test_packets_above_the_mtu_are_refused_with_the_remedy() -> None:
    """Rather than every part without a picture."""
    with pytest.raises(CameraError, match=r"9000 is above 1500, the MTU of .* 10\.0\.0\.1"):
        size(1500, packet_bytes=9000)


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
