"""The virtual producer that the genicam wheel brings: cameras that show a ball, running free."""

from __future__ import annotations

from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.drivers.cameras.genicam.section import GenicamSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.genicam.camera import GenicamCamera

CAMERA_ID = "VikyTL_DEV_red"
WIDTH_PX, HEIGHT_PX = 160, 120
_WHEEL = find_spec("genicam")
PRODUCER = Path(_WHEEL.origin or "").parent / "viky.cti" if _WHEEL is not None else Path("viky.cti")
MISSING = [
    name
    for name, there in (
        ("harvesters", find_spec("harvesters")),
        ("genicam", _WHEEL),
        ("viky.cti", PRODUCER.is_file()),
    )
    if not there
]
needs_producer = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (tests/peers/install.sh)"
)


def keys(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """Of a small grey camera by its own pace: these have no trigger and no exposure."""
    return {
        "driver": "genicam",
        "producer": PRODUCER,
        "camera_id": CAMERA_ID,
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "pixel_format": "mono8",
        "exposure_us": 1000.0,
        "trigger": "free-run",
        "rate_hz": 200.0,
        "lacks": ("ExposureTime", "TriggerMode"),
        **changes,
    }


def section(**changes: Any) -> GenicamSection:  # noqa: ANN401 - keys of the section
    """The same, checked."""
    return GenicamSection.model_validate(keys(**changes))


def opened(**changes: Any) -> closing[GenicamCamera]:  # noqa: ANN401 - keys of the section
    """A camera of that section, closed after the test."""
    from gonogo.drivers.cameras.genicam.camera import GenicamCamera  # noqa: PLC0415 - needs it

    return closing(GenicamCamera(section(**changes), "top"))


def slot(fill: int = 0) -> NDArray[np.uint8]:
    """Pixels of a frame, every byte `fill`."""
    return np.full((HEIGHT_PX, WIDTH_PX), fill, np.uint8)
