"""The synthetic camera: fresh noise of the right size, good parts for teaching, bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.synthetic import NOISE_SIGMAS, SyntheticCamera, render_good
from gonogo.drivers.scene.appearance import appearance
from gonogo.drivers.scene.drawing import Renderer
from gonogo.drivers.scene.order import pick
from gonogo.drivers.scene.section import SyntheticSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAR_NS = 1 << 62


def section(**options: object) -> SyntheticSection:
    """A small camera."""
    base = {"driver": "synthetic", "width_px": 160, "height_px": 120, "pool": 2}
    return SyntheticSection.model_validate({**base, **options})


def frame(camera: SyntheticCamera, part_id: int) -> NDArray[np.uint8]:
    """What a part shows."""
    pixels = np.zeros((120, 160, 3), np.uint8)
    camera.grab(part_id, pixels, FAR_NS)
    return pixels


def test_synthetic_without_noise_shows_the_drawn_part() -> None:
    """The picked appearance is drawn to the bit."""
    quiet = section(noise=0, pool=3)
    camera = SyntheticCamera(quiet, "top")
    for part_id in (1, 2, 3, 4):
        index = pick(part_id, quiet.seed, quiet.pool, quiet.order)
        drawn = Renderer(quiet.geometry).render(appearance(quiet, index))
        np.testing.assert_array_equal(frame(camera, part_id), drawn)


def test_synthetic_noise_has_the_size_asked_for() -> None:
    """Away from black and white the noise has zero mean and the given standard deviation."""
    noisy, quiet = section(noise=3, pool=1), section(noise=0, pool=1)
    drawn = frame(SyntheticCamera(quiet, "top"), 1).astype(float)
    noise = frame(SyntheticCamera(noisy, "top"), 1) - drawn
    middle = (drawn > 3 * NOISE_SIGMAS) & (drawn < 255 - 3 * NOISE_SIGMAS)
    assert abs(noise[middle].mean()) < 0.1
    assert abs(noise[middle].std() - 3) < 0.15


def test_synthetic_noise_is_fresh_for_each_part() -> None:
    """The same appearance comes with other noise, uncorrelated with the first."""
    camera = SyntheticCamera(section(noise=3, pool=1), "top")
    quiet = frame(SyntheticCamera(section(noise=0, pool=1), "top"), 1).astype(float)
    one, two = frame(camera, 1) - quiet, frame(camera, 2) - quiet
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.05


def test_render_good_gives_parts_outside_the_pool() -> None:
    """Teaching never sees a frame that the station will judge, and they can be repeated."""
    options = section(defect_pct=0, pool=4, noise=0)
    taught = list(render_good(options, 4))
    camera = SyntheticCamera(options, "top")
    for part_id in range(1, 5):
        shown = frame(camera, part_id)
        assert all((shown != good).mean() > 0.1 for good in taught)
    for good, again in zip(taught, render_good(options, 4), strict=True):
        np.testing.assert_array_equal(good, again)


def test_render_good_looks_like_the_camera_sees_good_parts() -> None:
    """Mean grey level and noise of teaching frames match those of the pool's."""
    options = section(only_good=True, pool=6)
    camera = SyntheticCamera(options, "top")
    shown = [float(frame(camera, k).mean()) for k in range(1, 7)]
    taught = [float(good.mean()) for good in render_good(options, 6)]
    assert abs(np.mean(shown) - np.mean(taught)) < 0.04 * np.mean(shown)


def test_synthetic_refuses_more_than_its_memory() -> None:
    """A pool that does not fit is refused before it is drawn."""
    with pytest.raises(CameraError, match="raise max_memory_mb"):
        SyntheticCamera(section(width_px=8000, height_px=8000, pool=64), "top")
