"""A camera of files: whose picture it is, and what it refuses."""

from __future__ import annotations

import itertools
import threading
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.drivers.cameras.folder import FolderCamera, FolderSection
from gonogo.testing.cameras import CameraContract, soon_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 32, 24
SOON_S = 0.1  # after the call that waits for it has begun


def section(folder: Path, **keys: object) -> FolderSection:
    """Of small pictures."""
    size = {"width_px": WIDTH_PX, "height_px": HEIGHT_PX}
    return FolderSection.model_validate({"driver": "folder", "folder": folder, **size, **keys})


def slot() -> NDArray[np.uint8]:
    """An empty frame."""
    return np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)


def picture(shade: int) -> NDArray[np.uint8]:
    """One that is told by its shade, and is not flat."""
    image = np.full((HEIGHT_PX, WIDTH_PX, 3), shade, np.uint8)
    image[:, : WIDTH_PX // 2] //= 2
    return image


class Writer:
    """The maker's program: writes pictures under new names, whole or not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = itertools.count(1)
        self._threads: list[threading.Timer] = []

    def write(self, shade: int = 100) -> str:
        """Now."""
        name = f"{next(self._count):04}.bmp"
        hidden = self.folder / f".{name}"
        hidden.write_bytes(cv2.imencode(".bmp", picture(shade))[1].tobytes())
        hidden.rename(self.folder / name)
        return name

    def soon(self, *shades: int) -> None:
        """While somebody waits."""
        for k, shade in enumerate(shades, start=1):
            timer = threading.Timer(k * SOON_S, self.write, (shade,))
            self._threads.append(timer)
            timer.start()

    def end(self) -> None:
        """Everything is written."""
        for thread in self._threads:
            thread.join()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """Writes into the folder of the test."""
    made = Writer(tmp_path)
    yield made
    made.end()


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[FolderCamera]:
    """Watches the folder of the test."""
    made = FolderCamera(section(tmp_path), "top")
    yield made
    made.close()


class TestFolder(CameraContract):
    """What every camera promises."""

    allocates_nothing = False  # it decodes, in the camera's process

    @pytest.fixture
    def section(self, tmp_path: Path) -> FolderSection:
        """Of the folder of the test."""
        return section(tmp_path)

    @pytest.fixture
    def expose(self, writer: Writer) -> Callable[[], None]:
        """A picture comes while it is waited for."""
        return lambda: writer.soon(200)


def test_camera_takes_the_picture_that_comes_while_it_waits(
    camera: FolderCamera, writer: Writer
) -> None:
    """The time of the frame is that at which the file was whole, so later than the call."""
    writer.soon(80)
    pixels, called_ns = slot(), time.monotonic_ns()
    exposure = camera.grab(1, pixels, soon_ns())
    assert (pixels == picture(80)).all()
    assert called_ns <= exposure.exposure_ns == exposure.frame_ns <= time.monotonic_ns()


def test_camera_takes_no_picture_of_the_time_before(camera: FolderCamera, writer: Writer) -> None:
    """What came between two parts shows no part that is asked for now."""
    writer.write(10)
    writer.write(20)
    with pytest.raises(FrameTimeout):
        camera.grab(1, slot(), time.monotonic_ns())
    writer.soon(30)
    pixels = slot()
    camera.grab(2, pixels, soon_ns())
    assert (pixels == picture(30)).all()


def test_camera_refuses_a_picture_that_may_be_the_late_one_of_the_part_before(
    camera: FolderCamera, writer: Writer
) -> None:
    """A part waited in vain: the next file may be its own, or the next part's."""
    with pytest.raises(FrameTimeout, match="part 7: no new picture"):
        camera.grab(7, slot(), soon_ns(10))
    writer.soon(66)
    pixels = slot()
    with pytest.raises(FrameInvalid, match="may be the late picture of part 7"):
        camera.grab(8, pixels, soon_ns())
    assert (pixels == 0).all()
    writer.soon(77)
    camera.grab(9, pixels, soon_ns())
    assert (pixels == picture(77)).all()


def test_camera_refuses_two_pictures_at_once(camera: FolderCamera, writer: Writer) -> None:
    """Whose they are nobody can say."""

    def write_two() -> None:
        names = [writer.folder / f".{k}.bmp" for k in range(2)]
        for name in names:
            name.write_bytes(cv2.imencode(".bmp", picture(9))[1].tobytes())
        for name in names:
            name.rename(writer.folder / name.name[1:])

    seen: list[str] = []
    for _ in range(50):  # the kernel may tell of them one by one: then the first is the part's
        timer = threading.Timer(SOON_S, write_two)
        timer.start()
        try:
            camera.grab(1, slot(), soon_ns())
        except FrameInvalid as error:
            seen.append(str(error))
        timer.join()
        if seen:
            break
    assert seen
    assert "2 pictures at once, 0.bmp, 1.bmp" in seen[0]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("half.bmp", cv2.imencode(".bmp", picture(1))[1].tobytes()[:300], "half.bmp"),
        ("other.bmp", cv2.imencode(".bmp", picture(1)[:8])[1].tobytes(), "32x8"),
        ("text.png", b"no picture at all", "text.png"),
        ("empty.png", b"", "empty.png"),
    ],
)
def test_camera_refuses_what_is_no_picture_of_that_size(
    camera: FolderCamera, tmp_path: Path, name: str, data: bytes, why: str
) -> None:
    """By name, and the next part finds the camera as it was."""
    timer = threading.Timer(SOON_S, (tmp_path / name).write_bytes, (data,))
    timer.start()
    with pytest.raises(FrameInvalid, match=why):
        camera.grab(3, slot(), soon_ns())
    timer.join()


def test_camera_looks_past_what_is_no_picture(camera: FolderCamera, writer: Writer) -> None:
    """Thumbnails, logs and files that are still being written."""
    for name in ("log.txt", ".0007.bmp", "thumbs.db"):
        threading.Timer(SOON_S / 2, (writer.folder / name).write_bytes, (b"x",)).start()
    writer.soon(55)
    pixels = slot()
    camera.grab(1, pixels, soon_ns())
    assert (pixels == picture(55)).all()


def test_camera_says_that_its_folder_is_gone(tmp_path: Path) -> None:
    """A device that has failed: its process opens it anew, for ever."""
    folder = tmp_path / "in"
    folder.mkdir()
    camera = FolderCamera(section(folder), "top")
    folder.rmdir()
    with pytest.raises(CameraError, match="was removed or moved away") as raised:
        camera.grab(1, slot(), soon_ns())
    assert type(raised.value) is CameraError
    camera.close()
    with pytest.raises(CameraError, match=r"in: No such file or directory; expected a folder"):
        FolderCamera(section(folder), "top")


def test_camera_refuses_a_folder_on_another_computer(tmp_path: Path) -> None:
    """No news would ever come from there."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path} rw - nfs4 nas:/x rw\n")
    with pytest.raises(CameraError, match=r"lies on another computer \(nfs4\)"):
        FolderCamera(section(tmp_path), "top", mounts)


def test_camera_keeps_the_pictures_or_removes_them(tmp_path: Path, writer: Writer) -> None:
    """As the station file says; those that belong to no part, too."""
    for remove in (False, True):
        camera = FolderCamera(section(tmp_path, remove=remove), "top")
        writer.write()
        writer.soon(5)
        camera.grab(1, slot(), soon_ns())
        camera.close()
        writer.end()
        assert len(list(tmp_path.glob("*.bmp"))) == 2
    assert sorted(path.name for path in tmp_path.glob("*.bmp")) == ["0001.bmp", "0002.bmp"]
