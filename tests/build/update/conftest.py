from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.build.box.test_grub import needs
from gonogo.tests.build.flash.boxes import NEEDED
from gonogo.tests.build.update.onbox import Images, OnBox, images

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Images:
    """Images of three versions, and one of another product."""
    needs(*NEEDED)
    return images(tmp_path_factory.mktemp("update"))


@pytest.fixture
def box(tmp_path: Path, stock: Images, monkeypatch: pytest.MonkeyPatch) -> OnBox:
    """One that runs 0.2.0 in slot A, and has no station file."""
    (tmp_path / "it").mkdir()
    return OnBox(tmp_path / "it", stock.signer.keyring, monkeypatch)
