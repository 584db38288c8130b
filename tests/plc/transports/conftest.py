"""The S7 PLCs that the tests of S7 run against."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.plc.s7_peers import S7Plc

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["python-snap7", "libsnap7"])
def plc(request: pytest.FixtureRequest) -> Iterator[S7Plc]:
    """A PLC with a block of exactly the size it needs."""
    with contextlib.closing(S7Plc(native=request.param == "libsnap7")) as plc:
        yield plc
