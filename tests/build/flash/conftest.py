from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.build.flash.boxes import Shelf, stock

if TYPE_CHECKING:
    import pathlib


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Keys, images and a disk with a station, made once."""
    folder: pathlib.Path = tmp_path_factory.mktemp("flash")
    return stock(folder)
