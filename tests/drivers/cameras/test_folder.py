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

WIDTH_PX, HEIGHT_PX, PAUSE_MS = 32, 24, 100
SOON_S = 0.1  # after the call that waits for it has begun


def section(folder: Path, **keys: object) -> FolderSection:
    """Of small pictures."""
    size = {"width_px": WIDTH_PX, "height_px": HEIGHT_PX, "pause_ms": PAUSE_MS}
    return FolderSection.model_validate({"driver": "folder", "folder": folder} | size | keys)


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
    keeps_step = False

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
    """Its time is that at which the file was whole; when the light fell nobody knows."""
    writer.soon(80)
    pixels, called_ns = slot(), time.monotonic_ns()
    exposure = camera.grab(1, pixels, soon_ns())
    assert (pixels == picture(80)).all()
    assert exposure.exposure_ns == 0
    assert called_ns <= exposure.frame_ns <= time.monotonic_ns()


def test_camera_takes_no_picture_of_the_time_before(camera: FolderCamera, writer: Writer) -> None:
    """It shows that parts and pictures are not one to one: the next may be a late one of before."""
    writer.write(10)
    pixels = slot()
    for part_id in (1, 2):
        writer.soon(30)
        with pytest.raises(CameraError, match=r"0001.bmp came while no part waited.* out of step"):
            camera.grab(part_id, pixels, soon_ns())
    assert (pixels == 0).all()


def test_camera_is_out_of_step_once_a_part_got_no_picture(
    camera: FolderCamera, writer: Writer
) -> None:
    """The next file may be its own, or the next part's, and so may every one after it."""
    with pytest.raises(FrameTimeout, match="part 7: no new picture"):
        camera.grab(7, slot(), soon_ns(10))
    pixels = slot()
    for part_id in (8, 9):
        writer.soon(66)
        with pytest.raises(CameraError, match=r"part 7 got no picture in time.* out of step") as no:
            camera.grab(part_id, pixels, soon_ns())
        assert type(no.value) is CameraError, "the process begins anew"
    assert (pixels == 0).all()


def test_camera_begins_once_no_picture_comes_any_more(tmp_path: Path, writer: Writer) -> None:
    """One that comes meanwhile may be late, and push all that follow by one part."""
    writer.write(1)  # before anybody watches
    writer.soon(2)
    with pytest.raises(CameraError, match=r"while no part waits.*none for pause_ms = 10000"):
        FolderCamera(section(tmp_path, pause_ms=10_000), "top")
    begun_ns = time.monotonic_ns()
    camera = FolderCamera(section(tmp_path), "top")
    assert time.monotonic_ns() - begun_ns >= PAUSE_MS * 1_000_000
    writer.soon(77)
    pixels = slot()
    camera.grab(9, pixels, soon_ns())
    assert (pixels == picture(77)).all()
    camera.close()


def test_camera_looks_past_what_is_no_picture_while_it_begins(tmp_path: Path) -> None:
    """A log that is written all day long would keep it from ever beginning."""
    log = threading.Timer(PAUSE_MS / 2000, (tmp_path / "log.txt").write_bytes, (b"x",))
    log.start()
    FolderCamera(section(tmp_path), "top").close()
    log.join()


def test_camera_refuses_two_pictures_at_once(writer: Writer) -> None:
    """Whose they are nobody can say."""

    def write_two() -> None:
        names = [writer.folder / f".{k}.bmp" for k in range(2)]
        for name in names:
            name.write_bytes(cv2.imencode(".bmp", picture(9))[1].tobytes())
        for name in names:
            name.rename(writer.folder / name.name[1:])

    said: list[str] = []
    for _ in range(50):  # the kernel may tell of them one by one: then the first is the part's
        camera = FolderCamera(section(writer.folder), "top")
        timer = threading.Timer(SOON_S, write_two)
        timer.start()
        try:
            camera.grab(1, slot(), soon_ns())
        except FrameInvalid as error:
            said.append(str(error))
        timer.join()
        with pytest.raises(CameraError) as after:  # out of step, either way
            camera.grab(2, slot(), soon_ns())
        camera.close()
        if said:
            break
    assert "2 pictures at once, 0.bmp, 1.bmp" in said[0]
    assert "2 pictures came for part 1" in str(after.value)


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
        writer.soon(5)
        camera.grab(1, slot(), soon_ns())
        writer.write()
        with pytest.raises(CameraError, match="while no part waited"):
            camera.grab(2, slot(), soon_ns())
        camera.close()
        writer.end()
        assert len(list(tmp_path.glob("*.bmp"))) == 2
    assert sorted(path.name for path in tmp_path.glob("*.bmp")) == ["0001.bmp", "0002.bmp"]
