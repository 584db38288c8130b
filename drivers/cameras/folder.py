"""The newest file in a folder: for cameras whose maker has a program that writes files.

The kernel tells when a file is whole (closed after writing, or moved there). A picture belongs to
the part that is being waited for when it comes; what comes between two parts belongs to none, and
shows that parts and pictures are not one to one. Then, and once a part has got none in time, the
next picture may be a late one and be taken for the next part's: the camera has lost step, and
begins anew with a pause in which no picture comes. Until then every part is refused. So one slow
file costs some parts, and shows no wrong one, but where a part was not asked for and its picture
comes only while the next one's is awaited: nobody can tell.

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
from gonogo.drivers.cameras.asked import refuse
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
    pause_ms: Annotated[int, Field(ge=100, le=60_000)] = 1000
    """So long no picture comes before it begins, or begins anew: longer than any is late."""

    @property
    def geometry(self) -> FrameShape:
        """Known from the section: the ring is made before the first picture comes."""
        return FrameShape(self.height_px, self.width_px, 3 if self.pixel_format == "bgr8" else 1)

    @property
    def needs_part(self) -> bool:
        """A picture that comes without a part is of none."""
        return True

    @property
    def alone(self) -> bool:
        """What came while another view was asked would be of the time before."""
        return True

    @property
    def blocks_s(self) -> float:
        """The pause at its beginning, and the disk."""
        return 2.0 + self.pause_ms / 1000

    @property
    def writes(self) -> tuple[Path, ...]:
        """Where it deletes what it has read."""
        return (self.folder,) if self.remove else ()


class FolderCamera:
    """In step from its opening on: what lay in the folder before shows no part of ours."""

    def __init__(self, section: FolderSection, view: str, mounts: Path = MOUNTS) -> None:
        self._name = f"view '{view}'"
        self._section = section
        self._folder = section.folder.resolve()  # a link may lead to another computer
        self._counter = 0
        self._astray = ""  # why pictures and parts are not in step any more
        self._refuse_remote(mounts)
        try:
            self._watch = FolderWatch(self._folder)
        except OSError as error:
            raise CameraError(
                f"{self._name}: folder {self._folder}: {error.strerror}; expected a folder that "
                "this user may read: correct folder, or make it before the camera's program starts"
            ) from error
        self._closed = False
        try:
            self._pause()
        except CameraError:
            self.close()
            raise

    def _refuse_remote(self, mounts: Path) -> None:
        kind = filesystem_of(self._folder, mounts.read_text(encoding="utf-8"))
        if kind in REMOTE:
            raise CameraError(
                f"{self._name}: folder {self._folder} lies on another computer ({kind}): nobody "
                "tells this box of new files there; share a folder of this box instead"
            )

    def _pause(self) -> None:
        """Nobody waits for a picture now: one that comes could be taken for a later part's."""
        pause_ms = self._section.pause_ms
        end_s = time.monotonic() + pause_ms / 1000
        while (left_s := end_s - time.monotonic()) > 0:
            select.select([self._watch.fd], [], [], left_s)
            if self._news():
                raise CameraError(
                    f"{self._name}: pictures come into {self._folder} while no part waits for "
                    f"one: expected none for pause_ms = {pause_ms}"
                )

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """A file cannot be brought into memory ahead."""

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The first picture that becomes whole after the call; CameraError once out of step."""
        refuse(self._name, pixels, self._section.geometry.shape, closed=self._closed)
        if self._astray:
            raise self._lost()
        if found := self._news():  # whole before the call: of an earlier part, or of none
            self._forget(found)
            self._astray = f"{found[0]} came while no part waited for a picture"
            raise self._lost()
        path, whole_ns = self._await(part_id, deadline_ns)
        self._take(part_id, path, pixels)
        frame_ns = time.monotonic_ns()
        if frame_ns >= deadline_ns:
            raise FrameTimeout(
                f"{self._name}: part {part_id}: {path.name} was read too late; write the pictures "
                "uncompressed (bmp), or allow more time"
            )
        self._counter += 1
        return Exposure(self._counter, 0, whole_ns)

    def _lost(self) -> CameraError:
        return CameraError(f"{self._name}: {self._astray}: pictures and parts are out of step")

    def _await(self, part_id: int, deadline_ns: int) -> tuple[Path, int]:
        """The file that comes, and when it was whole."""
        while not (found := self._news()):
            left_s = (deadline_ns - time.monotonic_ns()) / _NS_PER_S
            if left_s <= 0:
                self._astray = f"part {part_id} got no picture in time"
                raise FrameTimeout(
                    f"{self._name}: part {part_id}: no new picture in {self._folder}; "
                    "does the program that writes them run, and is it triggered?"
                )
            select.select([self._watch.fd], [], [], left_s)
        whole_ns = time.monotonic_ns()
        if len(found) > 1:
            self._forget(found)
            self._astray = f"{len(found)} pictures came for part {part_id}"
            raise FrameInvalid(
                f"{self._name}: part {part_id}: {len(found)} pictures at once, "
                f"{', '.join(found)}: whose they are nobody can say"
            )
        return self._folder / found[0], whole_ns

    def _news(self) -> list[str]:
        """Names of pictures that have become whole; CameraError when that cannot be known."""
        news = self._watch.news()
        if news.gone:
            raise CameraError(f"{self._name}: folder {self._folder} was removed or moved away")
        if news.lost:
            raise CameraError(f"{self._name}: more came into {self._folder} than the kernel keeps")
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
                with contextlib.suppress(FileNotFoundError):  # somebody else was quicker
                    self._unlink(self._folder / name)

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink()
        except PermissionError as error:
            raise CameraError(
                f"{self._name}: {path} cannot be removed: {error.strerror}; let this user write in "
                "that folder, or set remove = false"
            ) from error

    def close(self) -> None:
        """End the watch; idempotent."""
        self._closed = True
        self._watch.close()
