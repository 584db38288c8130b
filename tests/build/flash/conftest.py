from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.build.flash.boxes import Shelf, stock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Keys, images and a disk with a station, made once."""
    folder = tmp_path_factory.mktemp("flash")
    return stock(folder)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder on which a flush costs nothing, for tests of many flashes; else an ordinary one."""
    if not Path("/dev/shm").is_dir():  # noqa: S108 - a private folder in it
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="gonogo-test-", dir="/dev/shm") as found:
        yield Path(found)
