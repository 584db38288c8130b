"""The chip on the bench, for all tests of the Hailo backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.vendors.hailo_fake.fixture import chip_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.vendors.hailo_fake.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A chip that works; whatever a test does, no rule of HailoRT may be broken."""
    folder = tmp_path / "bench"
    folder.mkdir()
    with chip_here(folder) as made:
        yield made
