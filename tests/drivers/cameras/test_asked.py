"""A camera that is closed, and a slot of another shape."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.asked import refuse


@pytest.mark.parametrize(
    ("shape", "closed", "said"),
    [
        ((4, 5), True, r"view 'top': camera is closed; open it again"),
        ((4, 5, 3), True, r"camera is closed"),
        ((4, 5, 3), False, r"view 'top': expected a frame slot of shape \(4, 5\), got \(4, 5, 3\)"),
    ],
)
def test_refuse_says_what_is_wrong(shape: tuple[int, ...], said: str, *, closed: bool) -> None:
    """Before anything is asked of a device."""
    with pytest.raises(CameraError, match=said):
        refuse("view 'top'", np.zeros(shape, np.uint8), (4, 5), closed=closed)


def test_refuse_lets_a_slot_of_the_camera_pass() -> None:
    """Nothing is wrong with it."""
    refuse("view 'top'", np.zeros((4, 5), np.uint8), (4, 5), closed=False)
