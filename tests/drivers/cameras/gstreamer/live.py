"""Small live pipelines of GStreamer's own test source, and what a test does to them.

Import as `gonogo.tests.drivers.cameras.gstreamer.live`.
"""

from __future__ import annotations

import ctypes.util
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.drivers.cameras.gstreamer.binding import Binding
from gonogo.drivers.cameras.gstreamer.camera import GstreamerCamera
from gonogo.drivers.cameras.gstreamer.section import GstreamerSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 160, 120

_PLUGINS = ("libgstapp.so", "libgstvideotestsrc.so")
MISSING = [
    name
    for name, there in (
        *((name, ctypes.util.find_library(name)) for name in ("gstapp-1.0", "gstvideo-1.0")),
        *((name, [*Path("/usr/lib").glob(f"*/gstreamer-1.0/{name}")]) for name in _PLUGINS),
    )
    if not there
]
needs_gstreamer = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (tests/peers/install.sh)"
)


def source(
    options: str = "pattern=smpte",
    width_px: int = WIDTH_PX,
    height_px: int = HEIGHT_PX,
    rate: str = "200/1",
) -> str:
    """A pipeline whose camera is a picture of GStreamer's."""
    size = f"width={width_px},height={height_px}"
    return f"videotestsrc is-live=true {options} ! video/x-raw,{size},framerate={rate}"


def keys(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """Of a small grey camera."""
    return {
        "driver": "gstreamer",
        "pipeline": source(),
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "pixel_format": "mono8",
        "exposure_us": 1000.0,
        **changes,
    }


def section(**changes: Any) -> GstreamerSection:  # noqa: ANN401 - keys of the section
    """The same, checked."""
    return GstreamerSection.model_validate(keys(**changes))


@contextmanager
def opened(gst: Binding | None = None, **changes: Any) -> Iterator[GstreamerCamera]:  # noqa: ANN401 - keys
    """A camera of that section, closed after the test."""
    camera = GstreamerCamera(section(**changes), "top", gst)
    try:
        yield camera
    finally:
        camera.close()


def slot(width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX, fill: int = 0) -> NDArray[np.uint8]:
    """Grey pixels of a frame, every byte `fill`."""
    return np.full((height_px, width_px), fill, np.uint8)


class Altered(Binding):
    """The library, with what some of its functions return changed once a test says so."""

    def __init__(self, **changes: Callable[[Any], Any]) -> None:
        super().__init__()
        self.changes = changes
        self.altered = False

    def call(self, name: str, *args: Any) -> Any:  # noqa: ANN401 - C's arguments and values
        """As it is, or as the test wants it."""
        found = super().call(name, *args)
        change = self.changes.get(name) if self.altered else None
        return found if change is None else change(found)
