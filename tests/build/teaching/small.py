"""Weights by chance in the shapes of the backbone, and parts to teach from, for tests.

Import as `gonogo.tests.build.teaching.small`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.build.goodparts import GoodImages, collect
from gonogo.tests.build.parts import good_part, quiet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.build.goodparts import GoodParts

# widened, depthwise taps, narrowed: as the published network has them, blocks 0 .. 7
_TABLE = (
    (32, 3, 32, 16),
    (16, 3, 96, 24),
    (24, 3, 144, 24),
    (24, 5, 144, 40),
    (40, 5, 240, 40),
    (40, 3, 240, 80),
    (80, 3, 480, 80),
    (80, 3, 480, 80),
)


def small_parts(count: int, side_px: int = 256) -> GoodParts:
    """Plates with a hole at the size that engines see."""
    images = GoodImages([good_part(k) for k in range(count)])
    return collect(images, (side_px, side_px), quiet)


def made_weights(seed: int = 5) -> dict[str, NDArray[np.float32]]:
    """Kernels that keep the size of what they see, and batch normalisations that do nothing."""
    rng = np.random.default_rng(seed)
    held: dict[str, NDArray[np.float32]] = {}

    def layer(name: str, norm: str, shape: tuple[int, int, int, int]) -> None:
        fan = shape[1] * shape[2] * shape[3]
        held[f"{name}.weight"] = rng.normal(0, (2 / fan) ** 0.5, shape).astype(np.float32)
        for part, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            held[f"{norm}.{part}"] = np.full(shape[0], value, np.float32)

    layer("_conv_stem", "_bn0", (32, 3, 3, 3))
    for place, (before, taps, wide, made) in enumerate(_TABLE):
        at = f"_blocks.{place}."
        if wide != before:
            layer(f"{at}_expand_conv", f"{at}_bn0", (wide, before, 1, 1))
        layer(f"{at}_depthwise_conv", f"{at}_bn1", (wide, 1, taps, taps))
        layer(f"{at}_project_conv", f"{at}_bn2", (made, wide, 1, 1))
    return held
