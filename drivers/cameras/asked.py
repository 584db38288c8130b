"""What each camera refuses before it is asked for a frame: it is closed, or that is no slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import CameraError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def refuse(name: str, pixels: NDArray[np.uint8], shape: tuple[int, ...], *, closed: bool) -> None:
    """CameraError, where the camera of that name and shape cannot write a frame there."""
    if closed:
        raise CameraError(f"{name}: camera is closed; open it again")
    if pixels.shape != shape:
        raise CameraError(
            f"{name}: expected a frame slot of shape {shape}, got {pixels.shape}; "
            "make the frame ring with this camera's geometry"
        )
