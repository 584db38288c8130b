"""The stage of these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.engines.loading.stage import staged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.engines.loading.stage import Stage


@pytest.fixture
def stage(tmp_path: Path, station: str) -> Iterator[Stage]:
    """Three versions of bolt installed, of which 1.0.0 judges."""
    with staged(tmp_path, station) as made:
        yield made
