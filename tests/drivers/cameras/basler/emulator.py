"""Pylon's camera emulator, in this process, and as what a test does to it."""

from __future__ import annotations

from contextlib import closing
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.drivers.cameras.basler.section import BaslerSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.basler.camera import BaslerCamera

SERIAL = "0815-0000"  # of the first that the library emulates
WIDTH_PX, HEIGHT_PX = 128, 96
needs_pylon = pytest.mark.skipif(
    find_spec("pypylon") is None, reason="not installed: pypylon (tests/peers/install.sh)"
)


def keys(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """Of a small grey camera that is triggered by us."""
    return {
        "driver": "basler",
        "address": SERIAL,
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "pixel_format": "mono8",
        "exposure_us": 2000.0,
        "trigger": "software",
        **changes,
    }


def section(**changes: Any) -> BaslerSection:  # noqa: ANN401 - keys of the section
    """The same, checked."""
    return BaslerSection.model_validate(keys(**changes))


def opened(**changes: Any) -> closing[BaslerCamera]:  # noqa: ANN401 - keys of the section
    """A camera of that section, closed after the test."""
    from gonogo.drivers.cameras.basler.camera import BaslerCamera  # noqa: PLC0415 - needs pylon

    return closing(BaslerCamera(section(**changes), "top"))


def slot(fill: int = 0, channels: int = 1) -> NDArray[np.uint8]:
    """Pixels of a frame, every byte `fill`."""
    shape = (HEIGHT_PX, WIDTH_PX, 3) if channels == 3 else (HEIGHT_PX, WIDTH_PX)
    return np.full(shape, fill, np.uint8)


def node(camera: BaslerCamera, name: str) -> Any:  # noqa: ANN401 - the library has no types
    """A feature of the emulator, past our own code."""
    return camera._device.raw.GetNodeMap().GetNode(name)
