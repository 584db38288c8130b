"""The size of a frame."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape


@pytest.mark.parametrize(
    ("size", "shape"), [((120, 160, 1), (120, 160)), ((120, 160, 3), (120, 160, 3))]
)
def test_frame_shape_is_that_of_the_array(
    size: tuple[int, int, int], shape: tuple[int, ...]
) -> None:
    """A grey frame has no axis of channels; one byte a pixel and channel."""
    geometry = FrameShape(*size)
    assert geometry.shape == shape
    assert geometry.nbytes == np.zeros(shape, np.uint8).nbytes
