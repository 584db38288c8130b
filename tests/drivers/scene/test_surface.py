"""Belt, light and turned metal: the same each time, in grey levels that the rules rely on."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.drivers.scene.surface import BELT_GREY, FACE_GREY, belt_tile, face, lighting

SIDE_PX = 120


def test_belt_is_dark_woven_and_longer_than_a_frame() -> None:
    """Every part lies on another piece of the one belt."""
    belt = belt_tile(SIDE_PX, 160, SIDE_PX)
    assert belt.shape == (SIDE_PX, 240)
    assert belt.dtype == np.float32
    assert abs(float(belt.mean()) - BELT_GREY) < 3
    assert belt.min() >= 12
    assert 1 < float(belt.std()) < 8
    np.testing.assert_array_equal(belt, belt_tile(SIDE_PX, 160, SIDE_PX))


def test_lighting_is_brighter_towards_the_lamp_and_darker_in_the_corners() -> None:
    """The lamp stands at the upper left; a factor of about one everywhere."""
    light = lighting(90, 120)
    assert light.shape == (90, 120)
    assert light[20, 30] > light[70, 90]
    assert light[45, 60] > light[89, 119]
    assert 0.8 < float(light.min()) < float(light.max()) < 1.1


def ring(seed: int) -> np.ndarray:
    """A turned face on a square around the centre."""
    across = np.arange(SIDE_PX, dtype=np.float32) + np.float32(0.5 - SIDE_PX / 2)
    x, y = np.meshgrid(across, across)
    radius = np.hypot(x, y).astype(np.float32)
    angle = (np.arctan2(y, x) % (2 * np.pi)).astype(np.float32)
    return face(radius, angle, SIDE_PX, np.random.default_rng(seed))


def test_face_is_bright_metal_that_another_seed_turns_otherwise() -> None:
    """Well above the belt, wherever the tool went."""
    metal = ring(1)
    assert metal.shape == (SIDE_PX, SIDE_PX)
    assert metal.dtype == np.float32
    assert abs(float(metal.mean()) - FACE_GREY) < 15
    np.testing.assert_array_equal(metal, ring(1))
    assert np.abs(metal - ring(2)).mean() > 2


@pytest.mark.parametrize("part", [1, 2, 3])
def test_face_throws_two_fans_of_light(part: int) -> None:
    """Opposite each other: grooves around the centre reflect across the light."""
    metal = ring(part)
    across = np.arange(SIDE_PX) + 0.5 - SIDE_PX / 2
    x, y = np.meshgrid(across, across)
    angle = np.degrees(np.arctan2(y, x)) % 180
    sectors = [metal[(angle >= a) & (angle < a + 30)].mean() for a in range(0, 180, 30)]
    assert max(sectors) - min(sectors) > 20
    assert int(np.argmax(sectors)) == 1, "the lamp's own direction, 53 degrees from the row"
