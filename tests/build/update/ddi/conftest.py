from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.build.update.ddi.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.build.update.ddi.server import Ddi


@pytest.fixture
def ddi() -> Iterator[Ddi]:
    """A server without encryption that offers nothing yet."""
    with serving() as made:
        yield made
