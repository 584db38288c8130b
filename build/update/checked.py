"""Whether this box takes an image: its signature before anything else of it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import UpdateRefused, UpdateSame
from gonogo.build.flash import image as images
from gonogo.build.flash.scratch import scratch
from gonogo.build.flash.versions import is_older

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.flash.image import Image
    from gonogo.build.update.places import Places, Running


def signed(path: Path, places: Places) -> Image:
    """What its signed manifest says; ImageGone, ImageUntrusted, ImageDamaged, ImageUnfit."""
    with scratch(places.scratch) as folder:
        return images.checked(path, places.keyring, folder)


def checked(path: Path, places: Places, *, older: bool = False) -> Image:
    """The same, of an image that this box takes. `older`: also one that is older than what runs.

    UpdateSame, UpdateRefused, ImageUnfit.
    """
    image, running = signed(path, places), places.running()
    images.compatible_with(image, running.compatible)
    _newer(image, running, older=older)
    return image


def _newer(image: Image, running: Running, *, older: bool) -> None:
    if image.version == running.version:
        raise UpdateSame(
            f"{image.path}: {image.version}, which this box runs already; nothing is to be done"
        )
    if is_older(image.version, running.version) and not older:
        raise UpdateRefused(
            f"{image.path}: {image.version}, and this box runs {running.version}; expected a newer "
            "one; --allow-downgrade takes an older one"
        )
