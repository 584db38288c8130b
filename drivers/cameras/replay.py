"""A camera that replays a folder of part images, decoded into memory before the first part.

Part 1 shows the first image, and so on; the folder an image lies in says what it is
("good", "scratch", ...), for the judge only (gonogo.proving.plcsim.truth).

Not simulated: sensor noise (a part that comes round again is the same to the bit).
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time
from typing import TYPE_CHECKING, Literal

import numpy as np

from gonogo.base.errors import CameraError, FrameInvalid, ImageFileError
from gonogo.base.images import list_images, read_image
from gonogo.base.picture_folder import left_out_words, no_pictures
from gonogo.drivers.cameras.simulated import SimulatedCamera, check_memory
from gonogo.drivers.scene.section import SimulatedSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

# files in a message: the others have the same fault, mostly
SHOWN_PROBLEMS = 3


class ReplaySection(SimulatedSection):
    """Replay the images below `folder`; see gonogo.base.images for what `fit` does."""

    driver: Literal["replay"]
    """Shows the images below a folder, in the order of their names."""
    folder: Path
    """The folder; an image below one named good shows a good part."""
    fit: Literal["exact", "resize"] = "exact"
    """Whether images of another size are refused or brought to size."""

    def image_fit(self) -> Literal["exact", "resize"]:
        """As it brings its own images to size."""
        return self.fit


class ReplayCamera(SimulatedCamera):
    """A file that cannot be read keeps its place: the part that would show it gets FrameInvalid.

    `problems` holds one message for each such file, `left_out` a line for those that are no image
    by their ending. CameraError when no image is usable, or when all of them together need more
    than `max_memory_mb`.
    """

    def __init__(self, section: ReplaySection, view: str) -> None:
        paths = list_images(section.folder)
        super().__init__(section, view, len(paths))
        # before the first one is decoded: a folder of years would take the box down with it
        check_memory(self._name, section, len(paths))
        # all of them now: the cycle may wait for no disk and no decoder
        self._images = [_load(path, section) for path in paths]
        self.left_out = left_out_words(no_pictures(section.folder))
        self.problems = [image for image in self._images if isinstance(image, str)]
        if len(self.problems) == len(paths):
            shown = "; ".join(self.problems[:SHOWN_PROBLEMS])
            raise CameraError(
                f"{self._name}: none of the {len(paths)} images in {section.folder} can be shown: "
                f"{shown}"
            )

    def _show(self, index: int, part_id: int, pixels: NDArray[np.uint8]) -> None:
        image = self._images[index]
        if isinstance(image, str):
            # as a real camera's torn frame: that part is rejected, the next one is shown
            raise FrameInvalid(f"{self._name}: part {part_id}: {image}")
        np.copyto(pixels, image)

    def close(self) -> None:
        """Drop the images; idempotent."""
        super().close()
        self._images.clear()


def _load(path: Path, section: ReplaySection) -> NDArray[np.uint8] | str:
    """The image of a file, or why there is none."""
    try:
        return read_image(path, section.geometry, section.fit)
    except ImageFileError as error:
        return str(error)
