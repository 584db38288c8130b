"""Sections and slots for Aravis' fake camera (gonogo.proving.peers.network_camera).

Import as `gonogo.tests.drivers.cameras.aravis.fake`.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras.aravis.camera import AravisCamera
from gonogo.drivers.cameras.aravis.section import AravisSection
from gonogo.proving.peers.network_camera import ADDRESS, MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 128, 96
_BLUE, _GREEN, _RED = range(3)
# GenICam PFNC: the colours of the first two pixels of the first row, then those below
MEASURED = {
    "RG": {(0, 0): _RED, (0, 1): _GREEN, (1, 0): _GREEN, (1, 1): _BLUE},
    "GR": {(0, 0): _GREEN, (0, 1): _RED, (1, 0): _BLUE, (1, 1): _GREEN},
    "GB": {(0, 0): _GREEN, (0, 1): _BLUE, (1, 0): _RED, (1, 1): _GREEN},
    "BG": {(0, 0): _BLUE, (0, 1): _GREEN, (1, 0): _GREEN, (1, 1): _RED},
}

needs_fake = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (tests/peers/install.sh)"
)


def keys(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """Of a small grey camera that is triggered by us."""
    return {
        "driver": "aravis",
        "address": ADDRESS,
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "pixel_format": "mono8",
        "exposure_us": 5000.0,
        "trigger": "software",
        # this box may be busy: nothing is lost while packets wait for the library's thread
        "socket_buffer_kb": min(HostNetwork().rmem_max() // 1024, 2048),
        "frame_retention_ms": 500.0,
        **changes,
    }


def section(**changes: Any) -> AravisSection:  # noqa: ANN401 - keys of the section
    """The same, checked."""
    return AravisSection.model_validate(keys(**changes))


def opened(**changes: Any) -> closing[AravisCamera]:  # noqa: ANN401 - keys of the section
    """A camera of that section, closed after the test."""
    return closing(AravisCamera(section(**changes), "top"))


def slot(fill: int = 0, channels: int = 1) -> NDArray[np.uint8]:
    """Pixels of a frame, every byte `fill`."""
    shape = (HEIGHT_PX, WIDTH_PX, 3) if channels == 3 else (HEIGHT_PX, WIDTH_PX)
    return np.full(shape, fill, np.uint8)
