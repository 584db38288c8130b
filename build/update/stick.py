"""A stick that was plugged into the box: the newest image on it that this box takes.

It is mounted read-only before this looks at it (gonogo-stick@.service); nothing is written on it.
Of images nothing but their names is read before the signature: RAUC is asked of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError, StickGone
from gonogo.build.flash.versions import is_older
from gonogo.build.update.checked import checked
from gonogo.build.update.updater import Offer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.build.flash.image import Image
    from gonogo.build.update.places import Places
    from gonogo.build.update.updater import Updater

MOST = 64  # files that are looked at


def images_on(stick: Path) -> list[Path]:
    """Its files .raucb, in its top folder; links are none. StickGone."""
    try:
        found = [
            path
            for path in sorted(stick.iterdir())
            if path.suffix == ".raucb" and not path.is_symlink() and path.is_file()
        ]
    except OSError as error:
        raise StickGone(f"{stick}: {error.strerror}; plug the stick in again") from error
    return found[:MOST]


def newest(stick: Path, places: Places, tell: Callable[[str], None]) -> Image | None:
    """The newest image that this box takes; why it takes the others not is told. StickGone."""
    best: Image | None = None
    for path in images_on(stick):
        try:
            image = checked(path, places)
        except GonogoError as error:
            tell(str(error))
            continue
        if best is None or is_older(best.version, image.version):
            best = image
    return best


def take(stick: Path, places: Places, updater: Updater, tell: Callable[[str], None]) -> str:
    """Write the newest image of a stick; what came of it, in words. The errors of an install."""
    image = newest(stick, places, tell)
    if image is None:
        return f"{stick}: no image that this box takes"
    return updater.install(Offer(image.path, "stick")).in_words()
