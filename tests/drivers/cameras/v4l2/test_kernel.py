"""The kernel of this box, as far as it can be asked without a camera."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.v4l2 import layout
from gonogo.drivers.cameras.v4l2.camera import V4l2Camera
from gonogo.drivers.cameras.v4l2.kernel import Linux
from gonogo.tests.drivers.cameras.v4l2.fake import section

if TYPE_CHECKING:
    from pathlib import Path


def test_kernel_says_why_a_request_is_refused(tmp_path: Path) -> None:
    """By its number; the device is closed again."""
    kernel = Linux()
    path = tmp_path / "file"
    path.touch()
    fd = kernel.open(str(path))
    with pytest.raises(OSError, match="ioctl") as raised:
        kernel.ioctl(fd, layout.QUERYCAP, layout.told(layout.CAPABILITY))
    assert raised.value.errno == errno.ENOTTY
    kernel.close(fd)
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(fd)


def test_kernel_waits_until_something_is_ready() -> None:
    """Or not at all."""
    kernel = Linux()
    reader, writer = os.pipe()
    try:
        assert not kernel.poll(reader, 0.0)
        os.write(writer, b"x")
        assert kernel.poll(reader, 30.0)
    finally:
        os.close(reader)
        os.close(writer)


def test_kernel_maps_memory_until_it_is_let_go_of(tmp_path: Path) -> None:
    """What is written there is written."""
    kernel = Linux()
    path = tmp_path / "file"
    path.write_bytes(bytes(8192))
    fd = kernel.open(str(path))
    memory = kernel.map(fd, 4096, 4096)
    memory[0] = 7
    kernel.close(fd)
    assert path.read_bytes()[4096] == 7


@pytest.mark.parametrize(
    ("device", "why"),
    [
        ("none", "open: No such file or directory; list what there is with `ls /dev/v4l/by-id`"),
        ("file", "QUERYCAP: Inappropriate ioctl for device; expected a V4L2 camera"),
    ],
)
def test_camera_that_is_none_is_refused_by_the_kernel(
    tmp_path: Path, device: str, why: str
) -> None:
    """With what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(CameraError, match=why):
        V4l2Camera(section(device=tmp_path / device), "top")
