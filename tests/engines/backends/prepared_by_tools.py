"""Writes prepared_by_tools.npz: pictures as training tools bring them to their model's size.

    python prepared_by_tools.py        in an environment with torchvision and ultralytics

`pictures_K` (height, width, 3) blue-green-red; `crop_K` by Ultralytics' classify_transforms,
`resize_crop_K` by torchvision's Resize(37) and CenterCrop(32), `letterbox_K` by Ultralytics'
LetterBox, each uint8 (32, 32, 3) blue-green-red. Imports nothing of gonogo.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SIDE = 32
LARGER = 37  # 256 of 224
SIZES = ((72, 129), (121, 64), (20, 30), (64, 64), (33, 97))


def main() -> None:
    """All pictures in all ways, into one file."""
    # by name: where this is only read and checked they are not installed
    image, transforms = import_module("PIL.Image"), import_module("torchvision.transforms")
    augment = import_module("ultralytics.data.augment")
    crop = transforms.Compose(augment.classify_transforms(SIDE).transforms[:2])
    resize_crop = transforms.Compose([transforms.Resize(LARGER), transforms.CenterCrop(SIDE)])
    letterbox = augment.LetterBox((SIDE, SIDE), auto=False)
    made: dict[str, Any] = {}
    for k, size in enumerate(SIZES):
        picture = photograph(*size, k)
        pillow = image.fromarray(picture[..., ::-1])
        made[f"picture_{k}"] = picture
        made[f"crop_{k}"] = np.asarray(crop(pillow))[..., ::-1]
        made[f"resize_crop_{k}"] = np.asarray(resize_crop(pillow))[..., ::-1]
        made[f"letterbox_{k}"] = letterbox(image=picture)
    np.savez_compressed(Path(__file__).with_suffix(".npz"), **made)


def photograph(height_px: int, width_px: int, seed: int) -> Any:  # noqa: ANN401 - an array, in whatever numpy they have
    """Edges and gradients, uint8 (height, width, 3)."""
    blocks = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), np.uint8)
    large = cv2.resize(blocks, (width_px, height_px), interpolation=cv2.INTER_NEAREST)
    return cv2.GaussianBlur(large, (0, 0), 0.8)


if __name__ == "__main__":
    main()
