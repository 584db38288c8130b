"""The newest file in a folder: for cameras whose maker has a program that writes files.

A thread looks into the folder and decodes what is new; `grab` waits for a picture that came after
the trigger, and copies it. So nothing that the disk does can hold up a part beyond its deadline.

Not for fast lines: a file takes its milliseconds, and when the light fell on the part nobody knows.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from gonogo.base.catalogue import Entry
from gonogo.base.errors import CameraError, FrameTimeout, ImageFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.images import read_image
from gonogo.drivers.camera_section import CameraSection
from gonogo.drivers.cameras.camera import Exposure

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENTRY = Entry("newest_file_camera.camera:NewestFileSection", "newest_file_camera.camera:NewestFile")

LOOK_S = 0.002
NS_PER_S = 1_000_000_000
SUFFIXES = {".png", ".bmp", ".jpg", ".jpeg", ".tif", ".tiff"}


class NewestFileSection(CameraSection):
    """Pictures of `width_px` x `height_px` that come into `folder`, each under a new name."""

    driver: Literal["newest-file"]
    folder: Path
    width_px: Annotated[int, Field(ge=8, le=16384)]
    height_px: Annotated[int, Field(ge=8, le=16384)]
    colour: bool = True

    @property
    def geometry(self) -> FrameShape:
        """Known from the section: the ring is made before the first picture comes."""
        return FrameShape(self.height_px, self.width_px, 3 if self.colour else 1)


class _Picture(NamedTuple):
    """One file, decoded."""

    counter: int
    seen_ns: int
    pixels: NDArray[np.uint8]


class NewestFile:
    """Watches from its opening on: what lay in the folder before shows no part of ours."""

    def __init__(self, section: NewestFileSection, view: str) -> None:
        self._name = f"view '{view}'"
        self._section = section
        self._newest = _Picture(0, 0, np.zeros(section.geometry.shape, np.uint8))
        self._problem = ""
        if not section.folder.is_dir():
            raise CameraError(
                f"{self._name}: expected the folder {section.folder}, got none; "
                "start the camera's own program first, or correct folder"
            )
        self._known = set(self._names())
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="newest-file", daemon=True)
        self._thread.start()

    # -- the thread ----------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._closing.wait(LOOK_S):
            for name in sorted(set(self._names()) - self._known):
                self._take(name)

    def _names(self) -> list[str]:
        return [path.name for path in self._section.folder.iterdir() if path.suffix in SUFFIXES]

    def _take(self, name: str) -> None:
        """A file that is not whole yet is looked at again; one that never is stays a problem."""
        seen_ns = time.monotonic_ns()
        path = self._section.folder / name
        try:
            pixels = read_image(path, self._section.geometry, "exact")
        except (ImageFileError, OSError) as error:
            self._problem = str(error)
            return
        self._known.add(name)
        self._newest = _Picture(self._newest.counter + 1, seen_ns, pixels)

    # -- the line's side -----------------------------------------------------------------

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """Files cannot be brought into memory ahead."""

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The first picture that was seen after the call."""
        if self._closing.is_set():
            raise CameraError(f"{self._name}: camera is closed; open it again")
        if pixels.shape != self._section.geometry.shape:
            raise CameraError(
                f"{self._name}: expected a frame slot of shape {self._section.geometry.shape}, "
                f"got {pixels.shape}; make the frame ring with this camera's geometry"
            )
        called_ns = time.monotonic_ns()
        while (newest := self._newest).seen_ns < called_ns:
            left_s = (deadline_ns - time.monotonic_ns()) / NS_PER_S
            if left_s <= 0:
                raise FrameTimeout(
                    f"{self._name}: part {part_id}: no new picture in {self._section.folder}; "
                    f"{self._problem or 'does the program that writes them run?'}"
                )
            time.sleep(min(LOOK_S, left_s))
        np.copyto(pixels, newest.pixels)
        return Exposure(newest.counter, newest.seen_ns, time.monotonic_ns())

    def close(self) -> None:
        """End the thread; idempotent."""
        self._closing.set()
        self._thread.join()
