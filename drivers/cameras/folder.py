"""The newest file in a folder: for cameras whose maker has a program that writes files.

The kernel tells when a file is whole (closed after writing, or moved there). A picture belongs to
the part whose `grab` was under way when it came; what came between two parts belongs to none. A
part that waited in vain may get its picture late: the next one that comes is therefore refused,
because nobody can say whose it is. So one slow file costs two parts, and never shows a wrong one.

Not for fast lines: a file takes its milliseconds, and when the light fell on the part nobody
knows. The time of the frame is that at which the file was whole.
"""

from __future__ import annotations

import contextlib
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout, ImageFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.images import ENDINGS, read_image
from gonogo.base.inotify import REMOTE, FolderWatch, filesystem_of
from gonogo.drivers.camera_section import CameraSection
from gonogo.drivers.cameras.camera import Exposure

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOUNTS = Path("/proc/self/mountinfo")
_NS_PER_S = 1e9


class FolderSection(CameraSection):
    """Pictures of `width_px` x `height_px` that another program writes into `folder`.

    Each under a new name, or the same name again. The folder lies on a disk of this box: of what
    another computer writes into a network folder the kernel here is not told.
    """

    driver: Literal["folder"]
    """Takes the newest file of a folder."""
    folder: Path
    """Where the pictures come; relative to the station file."""
    width_px: Annotated[int, Field(ge=16, le=16384)]
    """Width of the pictures; another size is refused."""
    height_px: Annotated[int, Field(ge=16, le=16384)]
    """Height of the pictures."""
    pixel_format: Literal["bgr8", "mono8"] = "bgr8"
    """Colour in the order blue, green, red, or grey."""
    remove: bool = False
    """Whether a picture is deleted once it has been read, so that the disk does not fill."""

    @property
    def geometry(self) -> FrameShape:
        """Known from the section: the ring is made before the first picture comes."""
        return FrameShape(self.height_px, self.width_px, 3 if self.pixel_format == "bgr8" else 1)


class FolderCamera:
    """Watches from its opening on; what lay in the folder before shows no part of ours."""

    def __init__(self, section: FolderSection, view: str, mounts: Path = MOUNTS) -> None:
        self._name = f"view '{view}'"
        self._section = section
        self._folder = section.folder.absolute()
        self._counter = 0
        self._in_vain = 0  # the part that waited for a picture and got none; 0: it got one
        self._refuse_remote(mounts)
        try:
            self._watch = FolderWatch(self._folder)
        except OSError as error:
            raise CameraError(
                f"{self._name}: folder {self._folder}: {error.strerror}; expected a folder that "
                "this user may read: correct folder, or make it before the camera's program starts"
            ) from error
        self._closed = False

    def _refuse_remote(self, mounts: Path) -> None:
        kind = filesystem_of(self._folder, mounts.read_text(encoding="utf-8"))
        if kind in REMOTE:
            raise CameraError(
                f"{self._name}: folder {self._folder} lies on another computer ({kind}): nobody "
                "tells this box of new files there; share a folder of this box instead"
            )

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """A file cannot be brought into memory ahead."""

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The first picture that becomes whole after the call."""
        if self._closed:
            raise CameraError(f"{self._name}: camera is closed; open it again")
        if pixels.shape != self._section.geometry.shape:
            raise CameraError(
                f"{self._name}: expected a frame slot of shape {self._section.geometry.shape}, "
                f"got {pixels.shape}; make the frame ring with this camera's geometry"
            )
        self._forget(self._news())  # whole before the call: of an earlier part, or of none
        path, whole_ns = self._await(part_id, deadline_ns)
        self._take(part_id, path, pixels)
        if time.monotonic_ns() >= deadline_ns:
            raise FrameTimeout(
                f"{self._name}: part {part_id}: {path.name} was read too late; write the pictures "
                "uncompressed (bmp), or allow more time"
            )
        self._counter += 1
        return Exposure(self._counter, whole_ns, whole_ns)

    def _await(self, part_id: int, deadline_ns: int) -> tuple[Path, int]:
        """The file that comes, and when it was whole."""
        waited = False
        while not (found := self._news()):
            left_s = (deadline_ns - time.monotonic_ns()) / _NS_PER_S
            if left_s <= 0:
                self._in_vain = part_id if waited else self._in_vain
                raise FrameTimeout(
                    f"{self._name}: part {part_id}: no new picture in {self._folder}; "
                    "does the program that writes them run, and is it triggered?"
                )
            waited = True
            select.select([self._watch.fd], [], [], left_s)
        whole_ns = time.monotonic_ns()
        in_vain, self._in_vain = self._in_vain, 0
        if in_vain or len(found) > 1:
            self._forget(found)
            raise FrameInvalid(f"{self._name}: part {part_id}: {self._whose(in_vain, found)}")
        return self._folder / found[0], whole_ns

    def _whose(self, in_vain: int, found: list[str]) -> str:
        if in_vain:
            return (
                f"{found[0]} may be the late picture of part {in_vain}, which got none: refused; "
                "the program that writes them is too slow for this pitch"
            )
        return f"{len(found)} pictures at once, {', '.join(found)}: whose they are nobody can say"

    def _news(self) -> list[str]:
        """Names of pictures that have become whole; CameraError when the folder is gone."""
        news = self._watch.news()
        if news.gone:
            raise CameraError(f"{self._name}: folder {self._folder} was removed or moved away")
        names = dict.fromkeys(news.names)  # written and then moved is one picture
        return [name for name in names if name[0] != "." and name.lower().endswith(ENDINGS)]

    def _take(self, part_id: int, path: Path, pixels: NDArray[np.uint8]) -> None:
        try:
            image = read_image(path, self._section.geometry, "exact")
        except (ImageFileError, OSError) as error:
            why = error.args[0] if isinstance(error, ImageFileError) else str(error)
            raise FrameInvalid(f"{self._name}: part {part_id}: {why}") from error
        finally:
            self._forget([path.name])
        np.copyto(pixels, image)

    def _forget(self, names: list[str]) -> None:
        """Done with these pictures."""
        if self._section.remove:
            for name in names:
                with contextlib.suppress(OSError):  # somebody else was quicker, or it is protected
                    (self._folder / name).unlink()

    def close(self) -> None:
        """End the watch; idempotent."""
        self._closed = True
        self._watch.close()
