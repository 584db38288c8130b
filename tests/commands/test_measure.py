"""What the check and the probe measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CameraError
from gonogo.base.words import RuleResult, Status
from gonogo.commands.measure import Spread, grab_ms, measure_engine, measure_rules
from gonogo.drivers.cameras.camera import Exposure

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIXELS = np.zeros((4, 6), np.uint8)


def test_spread_of_one_value_is_that_value() -> None:
    """And of many their quantiles."""
    assert Spread.of([3.0]) == (1, 3.0, 3.0, 3.0, 3.0)
    found = Spread.of([float(k) for k in range(1001)])
    assert found == pytest.approx((1001, 500.0, 990.0, 999.0, 1000.0))


class Camera:
    """Counts what is asked of it; fails when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.error: Exception | None = None

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """Nothing."""

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """A frame at once."""
        self.asked.append((part_id, deadline_ns))
        if self.error is not None:
            raise self.error
        pixels[:] = part_id
        return Exposure(1, 2, 3)

    def close(self) -> None:
        """Nothing."""


def test_grab_ms_is_of_the_part_that_was_asked_for() -> None:
    """A camera's own error comes through."""
    camera, pixels = Camera(), PIXELS.copy()
    assert grab_ms(camera, 7, pixels) >= 0
    assert camera.asked[0][0] == 7
    assert (pixels == 7).all()
    camera.error = CameraError("gone")
    with pytest.raises(CameraError, match="gone"):
        grab_ms(camera, 8, pixels)


class Rules:
    """A rule that measures how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def check(self, _: object) -> list[RuleResult]:
        """So often."""
        self.asked += 1
        return [RuleResult(Status.PASS, float(self.asked), 0.0, 9.0)]


def test_measure_rules_runs_once_more_than_it_measures() -> None:
    """The first call sets the library up, and is not counted; the last one is shown."""
    rules = Rules()
    found = measure_rules(rules, PIXELS, 5)  # type: ignore[arg-type]  # as much of it as is used
    assert rules.asked == 6
    assert found.checks[0].value == 6.0
    assert found.most_ms >= 0


class Backend:
    """Runs, and tells that it was closed."""

    def __init__(self) -> None:
        self.runs = 0
        self.closed = False

    def bind(self, *_: object) -> None:
        """Nothing."""

    def run(self, _: int) -> None:
        """Once more."""
        self.runs += 1

    def close(self) -> None:
        """Told."""
        self.closed = True


def test_measure_engine_leaves_out_the_runs_that_warm_up() -> None:
    """A tenth; the engine gives its memory back."""
    backend = Backend()
    found = measure_engine(backend, PIXELS, 50)  # type: ignore[arg-type]  # as above
    assert (backend.runs, found.number, backend.closed) == (50, 45, True)
