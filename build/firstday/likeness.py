"""A candidate that needs a picture: how like the good parts a part is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ImageFileError, StationFileError
from gonogo.build.firstday.candidate import Candidate, roi

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit
    from gonogo.build.firstday.look import Box

INNER = 0.12  # of the place on each side: so far the part may lie elsewhere
WORK_PX = 160
NAME = "likeness"


class Room(NamedTuple):
    """Where a station's own files lie: `folder` by its name, in `base`, the station file's."""

    base: Path
    folder: str

    @property
    def image(self) -> Path:
        """The picture of what good parts have in common."""
        return self.base / self.folder / f"{NAME}.png"


def likeness(place: Box, room: Room) -> Candidate:
    """The middle of the place, found again in all of it."""
    left, top, width, height = place
    inner = (
        left + INNER * width, top + INNER * height, (1 - 2 * INNER) * width,
        (1 - 2 * INNER) * height,
    )  # fmt: skip
    keys = {
        "kind": "presence", "name": NAME, "method": "template", "roi": roi(*place),
        "image": f"{room.folder}/{NAME}.png", "learn_from": f"{room.folder}/parts/good",
        "template_roi": roi(*inner), "work_px": WORK_PX,
    }  # fmt: skip
    return Candidate(keys, "another part, or one that lies turned", NAME, holds=True)


def learnt(candidate: Candidate, room: Room, geometry: FrameShape, fit: Fit) -> bool:
    """Make its picture from the good ones; False where they show nothing to go by."""
    try:
        candidate.section.prepare(geometry, room.base, fit, again=True)
    except (StationFileError, ImageFileError):
        return False
    return room.image.is_file()


def forget(room: Room) -> None:
    """Its picture, and the seal beside it, where no rule looks at them."""
    for path in room.image.parent.glob(f"{NAME}.*"):
        path.unlink()
