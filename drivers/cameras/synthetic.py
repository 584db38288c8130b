"""A camera that shows drawn machined parts, some of them with a defect, and sensor noise.

Everything is drawn when the camera opens (some 20 ms a part at 640x480 px, 200 ms at
1920x1080 px: lower `pool` for a quick start); in the cycle a frame is one saturating
add of a drawn part and a piece of ready-made noise.
A part id gives the same pixels every time, noise included.

Not simulated: see gonogo.drivers.scene.drawing for the optics; of the sensor, shot noise
(the noise does not grow with the light), fixed-pattern noise, hot pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.drivers.cameras.simulated import SimulatedCamera, check_memory
from gonogo.drivers.scene.appearance import GOOD_BASE, appearance
from gonogo.drivers.scene.drawing import Renderer
from gonogo.drivers.scene.order import mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gonogo.drivers.scene.section import SyntheticSection

SHIFTS_PX = 64  # the noise is taken from 64 x 64 places of a tile that much larger
NOISE_SIGMAS = 4  # noise is cut off here; the black level is raised by as much


class SyntheticCamera(SimulatedCamera):
    """Draws its pool at open; CameraError when that needs more than `max_memory_mb`."""

    def __init__(self, section: SyntheticSection, view: str) -> None:
        super().__init__(section, view, section.pool)
        # and one more, of noise
        check_memory(self._name, section, section.pool + 1)
        renderer = Renderer(section.geometry)
        self._noise = Noise(section)
        # drawn at open, not when a part comes: some 20 ms each at 640x480 px
        self._parts = [
            self._noise.make_room(renderer.render(appearance(section, index)))
            for index in range(section.pool)
        ]

    def _show(self, index: int, part_id: int, pixels: NDArray[np.uint8]) -> None:
        self._noise.add(self._parts[index], part_id, pixels)

    def close(self) -> None:
        """Drop the drawn parts; idempotent."""
        super().close()
        self._parts.clear()


class Noise:
    """Gaussian noise that costs one add: the tile holds noise + room, the image image - room.

    So both are uint8 and the signed noise needs no wider type. Grey levels below
    the room (NOISE_SIGMAS * noise) come out brighter than they were.
    """

    def __init__(self, section: SyntheticSection) -> None:
        height_px, width_px, _ = section.geometry
        self._seed = section.seed
        self._size = (height_px, width_px)
        self._room = round(NOISE_SIGMAS * section.noise)
        self._tile = self._make_tile(section) if self._room else None

    def _make_tile(self, section: SyntheticSection) -> NDArray[np.uint8]:
        height_px, width_px, _ = section.geometry
        big = section.geometry._replace(
            height_px=height_px + SHIFTS_PX, width_px=width_px + SHIFTS_PX
        )
        # one tile, of which each part gets another corner: the cycle draws no random numbers
        values = np.random.default_rng(section.seed).standard_normal(big.shape, np.float32)
        values *= section.noise
        values += self._room
        return np.clip(np.rint(values), 0, 2 * self._room).astype(np.uint8)

    def make_room(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The image as `add` wants it."""
        # not below 0, where uint8 would wrap to white
        made: NDArray[np.uint8] = image - np.minimum(image, np.uint8(self._room))
        return made

    def add(self, image: NDArray[np.uint8], part_id: int, pixels: NDArray[np.uint8]) -> None:
        """Write image + noise of this part id into `pixels`."""
        if self._tile is None:
            np.copyto(pixels, image)
            return
        place = mix(self._seed, part_id)
        # from the part id alone: the same part has the same noise after a restart, and no state is
        # kept
        y_px, x_px = place % SHIFTS_PX, place // SHIFTS_PX % SHIFTS_PX
        height_px, width_px = self._size
        # saturates, unlike numpy's +, and allocates nothing
        cv2.add(image, self._tile[y_px : y_px + height_px, x_px : x_px + width_px], dst=pixels)


def render_good(section: SyntheticSection, count: int) -> Iterator[NDArray[np.uint8]]:
    """`count` frames of good parts, none of them in the pool, with noise, for teaching.

    Each is uint8 of `section.geometry.shape` and belongs to the caller.
    """
    renderer, noise = Renderer(section.geometry), Noise(section)
    for index in range(GOOD_BASE, GOOD_BASE + count):
        frame = renderer.render(appearance(section, index))
        noise.add(noise.make_room(frame), index, frame)
        yield frame
