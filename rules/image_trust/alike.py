"""Whether parts differ from each other as the good pictures did, place by place.

Where a batch of one kind comes in a fixture, what a part shows stays in its place as well as what
is the camera's, and the two cannot be told apart. A place by itself says little of it: few parts
may lie there. So its surroundings vote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Amount = NDArray[np.uint8] | NDArray[np.float32] | NDArray[np.float64]

ALIKE = 0.5  # of what was between good pictures: with less, parts are alike
VOTERS = 4  # a quarter of the picture's height and width around a place votes
MOST = 0.5  # of them


def differing(now: Amount, before: Amount, calm: float) -> Mask:
    """Where parts differ, or never did; bool of the same shape.

    `now` and `before`: by how much, among these parts and among good pictures. Where it was less
    than `calm` there was no part, and none has to differ.
    """
    voters = before >= calm
    size = tuple(max(3, each // VOTERS) | 1 for each in before.shape[::-1])
    there = cv2.blur(voters.astype(np.float32), size)
    votes = cv2.blur((voters & (now >= ALIKE * before)).astype(np.float32), size)
    return np.asarray(~voters | (votes >= MOST * there))
