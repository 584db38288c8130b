from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.build.flash.boxes import Shelf, empty_disk, stock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Keys, images and a disk with a station, made once."""
    folder = tmp_path_factory.mktemp("flash")
    return stock(folder)


@pytest.fixture
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on which a flush costs nothing, for tests of many flashes; else an ordinary one."""
    if not Path("/dev/shm").is_dir():  # noqa: S108 - a private folder in it
        yield tmp_path_factory.mktemp("memory")
        return
    with tempfile.TemporaryDirectory(prefix="gonogo-test-", dir="/dev/shm") as found:
        yield Path(found)


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Path]:
    """A block device, as root may have one."""
    tool = shutil.which("losetup", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if tool is None or os.geteuid() != 0:
        pytest.skip("losetup, and root, are not here: no block device")
    made = subprocess.run(
        [tool, "--find", "--show", empty_disk(tmp_path)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"losetup makes no block device here: {made.stderr.strip()}")
    device = Path(made.stdout.strip())
    yield device
    subprocess.run([tool, "--detach", device], check=True)
