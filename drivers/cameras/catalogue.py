"""The table of cameras, each loaded when it is opened."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gonogo.base.errors import MissingExtra, UnknownDriver

if TYPE_CHECKING:
    from gonogo.drivers.cameras.camera import Camera
    from gonogo.drivers.cameras.replay import ReplaySection
    from gonogo.drivers.scene.section import SyntheticSection


# driver name -> (module, class, extra that brings its package or "")
CAMERAS: dict[str, tuple[str, str, str]] = {
    "replay": ("gonogo.drivers.cameras.replay", "ReplayCamera", ""),
    "synthetic": ("gonogo.drivers.cameras.synthetic", "SyntheticCamera", ""),
}
SHAREABLE = frozenset({"replay", "synthetic"})  # hold no device: a warm spare may open them, too


def open_camera(section: ReplaySection | SyntheticSection, view: str) -> Camera:
    """Open the camera that a view's section names; `view` is for messages."""
    try:
        module, name, extra = CAMERAS[section.driver]
    except KeyError:
        known = ", ".join(CAMERAS)
        raise UnknownDriver(
            f"view '{view}': camera driver '{section.driver}'; known: {known}"
        ) from None
    try:
        factory = getattr(import_module(module), name)
    except ImportError as error:
        hint = f"pip install 'gonogo[{extra}]'" if extra else "reinstall gonogo"
        raise MissingExtra(
            f"view '{view}': camera driver '{section.driver}': {error}; {hint}"
        ) from error
    camera: Camera = factory(section, view)
    return camera
