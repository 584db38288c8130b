"""Held against what every camera promises, and what this one does beyond."""

from __future__ import annotations

import itertools
import threading
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from newest_file_camera.camera import NewestFile, NewestFileSection

from gonogo.base.errors import CameraError, FrameTimeout
from gonogo.testing.cameras import CameraContract, soon_ns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WIDTH_PX, HEIGHT_PX = 64, 48


class TestNewestFile(CameraContract):
    """The suite that gonogo's own cameras pass."""

    allocates_nothing = False  # it decodes on a thread of its own

    @pytest.fixture
    def section(self, tmp_path: Path) -> NewestFileSection:
        """An empty folder."""
        return NewestFileSection(
            driver="newest-file", folder=tmp_path, width_px=WIDTH_PX, height_px=HEIGHT_PX
        )

    @pytest.fixture
    def expose(self, tmp_path: Path) -> Callable[[], None]:
        """A picture comes a moment later, as from another program."""
        count = itertools.count()
        return lambda: threading.Timer(0.02, write, (tmp_path, f"{next(count):04d}")).start()


def write(folder: Path, name: str) -> None:
    """A file that is whole when it has its name."""
    rng = np.random.default_rng(len(name))
    half = folder / f"{name}.part"
    _, png = cv2.imencode(".png", rng.integers(0, 255, (HEIGHT_PX, WIDTH_PX, 3), np.uint8))
    half.write_bytes(png.tobytes())
    half.rename(folder / f"{name}.png")


def section(folder: Path) -> NewestFileSection:
    """A camera of that folder."""
    return NewestFileSection(
        driver="newest-file", folder=folder, width_px=WIDTH_PX, height_px=HEIGHT_PX
    )


def test_a_file_that_lay_there_before_shows_no_part(tmp_path: Path) -> None:
    """It is of somebody else's part: without a new one there is no frame."""
    write(tmp_path, "old")
    camera = NewestFile(section(tmp_path), "top")
    pixels = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    with pytest.raises(FrameTimeout, match="no new picture"):
        camera.grab(1, pixels, time.monotonic_ns() + 50_000_000)
    camera.close()
    assert not pixels.any()


def test_half_a_file_is_not_shown_and_said(tmp_path: Path) -> None:
    """The program died while it wrote."""
    camera = NewestFile(section(tmp_path), "top")
    (tmp_path / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    with pytest.raises(FrameTimeout, match=r"half\.png"):
        camera.grab(1, np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8), soon_ns(300))
    camera.close()


def test_a_folder_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    """Before the first part."""
    with pytest.raises(CameraError, match="expected the folder"):
        NewestFile(section(tmp_path / "none"), "top")
