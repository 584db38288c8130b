"""A scene for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.console.screen.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def scene(station: str, tmp_path: Path) -> Iterator[Scene]:
    """A station that has judged nothing yet."""
    made = Scene(station, tmp_path)
    yield made
    made.close()
