"""The cameras there are, each in a file of its own, found by `driver` in `[view.camera]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.catalogue import Catalogue, Entry

if TYPE_CHECKING:
    from gonogo.drivers.camera_section import CameraSection
    from gonogo.drivers.cameras.camera import Camera

_HERE = "gonogo.drivers.cameras"
# names and places only: the line imports the one driver that its station names, and a vendor's
# library only with it
CAMERAS = Catalogue(
    "camera driver",
    "gonogo.cameras",
    {
        "aravis": Entry(
            f"{_HERE}.aravis.section:AravisSection", f"{_HERE}.aravis.camera:AravisCamera"
        ),
        "basler": Entry(
            f"{_HERE}.basler.section:BaslerSection",
            f"{_HERE}.basler.camera:BaslerCamera",
            extra="basler",
        ),
        "folder": Entry(f"{_HERE}.folder:FolderSection", f"{_HERE}.folder:FolderCamera"),
        "genicam": Entry(
            f"{_HERE}.genicam.section:GenicamSection",
            f"{_HERE}.genicam.camera:GenicamCamera",
            extra="genicam",
        ),
        "gstreamer": Entry(
            f"{_HERE}.gstreamer.section:GstreamerSection",
            f"{_HERE}.gstreamer.camera:GstreamerCamera",
        ),
        "replay": Entry(f"{_HERE}.replay:ReplaySection", f"{_HERE}.replay:ReplayCamera"),
        "synthetic": Entry(
            "gonogo.drivers.scene.section:SyntheticSection", f"{_HERE}.synthetic:SyntheticCamera"
        ),
        "v4l2": Entry(f"{_HERE}.v4l2.section:V4l2Section", f"{_HERE}.v4l2.camera:V4l2Camera"),
    },
)


def open_camera(section: CameraSection, view: str) -> Camera:
    """Open the camera that a view's section names; `view` is for messages."""
    camera: Camera = CAMERAS.open(section.driver, section, view)
    return camera
