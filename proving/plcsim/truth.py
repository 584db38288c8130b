"""What a simulated part really is, for the judge; no camera is opened for it.

Both sides go by the part id alone, so that a lost or doubled trigger cannot shift
the truth from one part to the next.

Replay: an image in a folder named "good" shows a good part; any other folder's name
is its label. An image file that cannot be read counts as bad (label "unreadable"): a
part of which there is no trusted image must not be accepted.
Synthetic: the defect of the drawn part.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ImageFileError, NotSimulated
from gonogo.base.images import list_images, read_image
from gonogo.drivers.cameras.replay import ReplaySection
from gonogo.drivers.scene.appearance import appearance
from gonogo.drivers.scene.order import table
from gonogo.drivers.scene.section import SyntheticSection

if TYPE_CHECKING:
    from array import array
    from pathlib import Path

    from gonogo.drivers.camera_section import CameraSection
    from gonogo.drivers.scene.section import SimulatedSection

GOOD = "good"
UNREADABLE = "unreadable"


class Truth(NamedTuple):
    """Whether the part must be accepted, and what it is: "good" or the name of its defect."""

    good: bool
    label: str


def truth_of(section: CameraSection, part_id: int) -> Truth:
    """What part `part_id` (0 .. 65535) is; CameraError when a replay folder holds no image.

    NotSimulated where the camera is none of ours.

    The first call for an image of a replay folder reads the file (some ms); it is
    kept, with the list of files, for the life of the process.
    """
    # the folder's name is the label: data sets of this kind come so sorted
    if isinstance(section, ReplaySection):
        paths = _files(section.folder)
        return _of_file(section, paths[_table(section, len(paths))[part_id]])
    if not isinstance(section, SyntheticSection):
        raise NotSimulated(
            f"camera driver '{section.driver}': what a part really is, only the cameras synthetic "
            "and replay know; rehearse a copy of the station file with one of them"
        )
    # drawn from seed and id, as the camera draws it, so that nothing has to be told between them
    look = appearance(section, _table(section, section.pool)[part_id])
    return Truth(good=look.defect is None, label=look.defect.value if look.defect else GOOD)


def picture_of(section: CameraSection, part_id: int) -> Path | None:
    """The image file that a replayed part shows; None of a part that is drawn."""
    if not isinstance(section, ReplaySection):
        return None
    paths = _files(section.folder)
    return paths[_table(section, len(paths))[part_id]]


@lru_cache(maxsize=16)
# looked at once: a file that comes later would shift every part behind it
def _files(folder: Path) -> tuple[Path, ...]:
    return tuple(list_images(folder))


@lru_cache(maxsize=16)
# 65536 places, one for every part id that there is
def _table(section: SimulatedSection, count: int) -> array[int]:
    return table(section.seed, count, section.order)


@lru_cache(maxsize=65536)
def _of_file(section: ReplaySection, path: Path) -> Truth:
    try:
        # read as the camera reads it: what it cannot show is bad
        read_image(path, section.geometry, section.fit)
    except ImageFileError:
        return Truth(good=False, label=UNREADABLE)
    label = path.parent.resolve().name  # of the real folder, where a link leads to it
    return Truth(good=label == GOOD, label=label)
