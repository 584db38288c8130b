"""From where on a zone is warm or too hot: by the station file, or by the kernel's trip points."""

from __future__ import annotations

import pytest

from gonogo.drivers.board.limits import limits_of
from gonogo.drivers.board.reading import Trip, Zone
from gonogo.drivers.board.section import BoardSection


def zone(**trips: float) -> Zone:
    """One with these trip points."""
    return Zone("soc", 40.0, tuple(Trip(*each) for each in trips.items()))


@pytest.mark.parametrize(
    ("trips", "expected"),
    [
        ({"passive": 99.0, "critical": 104.5}, (94.0, 99.5)),  # Orin
        ({"active": 50.0, "critical": 110.0}, (95.0, 105.0)),  # Raspberry Pi 5
        ({"critical": 100.0}, (85.0, 95.0)),  # coretemp
        ({"passive": 85.0, "hot": 95.0, "critical": 105.0}, (80.0, 95.0)),
        ({}, (85.0, 95.0)),
        ({"passive": 45.0, "critical": 105.0}, (90.0, 100.0)),  # that of a skin, not of a chip
        ({"passive": 102.0, "critical": 105.0}, (90.0, 100.0)),  # would warn after the loss
        ({"critical": 40.0}, (85.0, 95.0)),  # nonsense
        ({"critical": 54.9}, (85.0, 95.0)),
        ({"critical": 55.0}, (40.0, 50.0)),
        ({"hot": 49.9}, (85.0, 95.0)),
        ({"hot": 50.0}, (40.0, 50.0)),
        ({"passive": 49.9}, (85.0, 95.0)),
        ({"passive": 50.0}, (45.0, 95.0)),
        ({"passive": 94.9}, (94.9 - 5.0, 95.0)),
        ({"passive": 95.0}, (85.0, 95.0)),
    ],
)
def test_limits_are_proposed_by_the_kernel(
    trips: dict[str, float], expected: tuple[float, float]
) -> None:
    """Warm before it slows the chip down, too hot before it switches the box off."""
    assert limits_of(zone(**trips), BoardSection()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"shed_c": 80.0}, (70.0, 80.0)),
        ({"warn_c": 60.0}, (60.0, 99.5)),
        ({"warn_c": 99.0}, (99.0, 104.0)),
        ({"warn_c": 60.0, "shed_c": 65.0}, (60.0, 65.0)),
        ({"shed_c": 120.0}, (94.0, 120.0)),
    ],
)
def test_limits_of_the_station_file_come_first(
    keys: dict[str, float], expected: tuple[float, float]
) -> None:
    """What one key leaves open is proposed; the warning stays below the loss."""
    found = limits_of(zone(passive=99.0, critical=104.5), BoardSection(**keys))
    assert found == expected
    assert found.warn_c < found.shed_c
