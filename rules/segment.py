"""Object from background: a channel, a threshold, the biggest connected object.

Otsu's threshold: N. Otsu, IEEE Trans. SMC 9 (1979) 62-66.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import cv2
import numpy as np
from pydantic import Field

from gonogo.base.errors import StationFileError
from gonogo.base.section import Section
from gonogo.rules.marks import outlines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.rules.marks import Mark

Channel = Literal["grey", "blue", "green", "red", "saturation"]
_PLANE = {"blue": 0, "green": 1, "red": 2}


class SegmentSection(Section):
    """How the object is told from the background.

    `channel` is the grey image to look at; a dark object has lower, a light one
    higher values than the background. `threshold` is a grey level 0 to 254, left
    out it is Otsu's of this very ROI. The mean grey levels of object and background
    must differ by `contrast_min`, else there is no object. `area_min_px` is in
    pixels of the frame.
    """

    channel: Channel = "grey"
    """The grey image to look at."""
    object_is: Literal["dark", "light"] = "dark"
    """Whether the object is darker or lighter than the background."""
    threshold: Annotated[int, Field(ge=0, le=254)] | None = None
    """Grey level between the two; left out, Otsu's of this very ROI."""
    contrast_min: Annotated[int, Field(ge=1, le=255)] = 20
    """So much must the mean grey levels of both differ, or there is no object."""
    area_min_px: Annotated[int, Field(ge=1, le=100_000_000)] = 50
    """Smaller objects are none."""


class Blob(NamedTuple):
    """A connected object in work pixels: its label, bounding box and area."""

    label: int
    left: int
    top: int
    width: int
    height: int
    area: int


class ChannelOf:
    """Turns a work image into one grey channel, in a buffer made once."""

    def __init__(self, name: str, channel: Channel, shape: tuple[int, ...]) -> None:
        if len(shape) == 2 and channel != "grey":  # noqa: PLR2004 - rows and columns
            raise StationFileError(
                f"rule '{name}': channel: expected 'grey' for a grey camera, got '{channel}'"
            )
        # a grey camera: the image is the channel, and nothing is copied
        self._channel: str = "is grey" if len(shape) == 2 else channel  # noqa: PLR2004 - as above
        self._grey = np.empty(shape[:2], np.uint8)
        # the only channel that needs all three at once
        self._colour = np.empty(shape if channel == "saturation" else (1, 1), np.uint8)

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Grey channel (rows, columns) uint8 of a work image."""
        if self._channel == "is grey":
            return image
        if self._channel == "grey":
            cv2.cvtColor(image, cv2.COLOR_BGR2GRAY, dst=self._grey)
        elif self._channel == "saturation":
            cv2.cvtColor(image, cv2.COLOR_BGR2HSV, dst=self._colour)
            cv2.extractChannel(self._colour, 1, dst=self._grey)
        else:
            cv2.extractChannel(image, _PLANE[self._channel], dst=self._grey)
        return self._grey


class Segmenter:
    """Finds objects in work images of one shape (rows, columns[, 3])."""

    def __init__(
        self, name: str, section: SegmentSection, shape: tuple[int, ...], factor: int
    ) -> None:
        self._channel = ChannelOf(name, section.channel, shape)
        dark = section.object_is == "dark"
        self._kind = cv2.THRESH_BINARY_INV if dark else cv2.THRESH_BINARY
        # Otsu's for each part: light may change from one to the next
        self._kind |= cv2.THRESH_OTSU if section.threshold is None else 0
        self._level = section.threshold or 0
        self._sign = -1 if dark else 1
        self._contrast_min = section.contrast_min
        self._area_min = max(1, round(section.area_min_px / factor**2))
        self._mask = np.empty(shape[:2], np.uint8)
        # shared by all that look at one object: valid until the next call
        self._masked = np.empty(shape[:2], np.uint8)
        self._labels = np.empty(shape[:2], np.int32)
        self._box = (0, 0, 0, 0)  # around all objects: left, top, width, height
        self._found = self._labels[:0, :0]  # labels in that box

    def areas(self, image: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Pixels of every object that is big enough, in no order; none without contrast."""
        areas = self._label(image)
        return areas[areas >= self._area_min]

    def biggest(self, image: NDArray[np.uint8]) -> Blob | None:
        """The biggest object, or None."""
        areas = self._label(image)
        # label 0 is the background, and has no area here
        label = int(areas.argmax()) + 1 if areas.size else 0
        if not label or areas[label - 1] < self._area_min:
            return None
        left, top, width, height = self._box
        # a lone object fills the box around all: its own is known
        if areas.size > 1:
            dx, dy, width, height = cv2.boundingRect(self._only(np.s_[:height, :width], label))
            left, top = left + dx, top + dy
        return Blob(label, left, top, width, height, int(areas[label - 1]))

    def outlines(self, image: NDArray[np.uint8], most: float = math.inf) -> list[Mark]:
        """Around every object that is big enough, and no larger than `most` px, in work pixels."""
        areas = self._label(image)
        counted = np.flatnonzero((areas >= self._area_min) & (areas <= most)) + 1
        mask = np.isin(self._found, counted).astype(np.uint8)
        left, top, _, _ = self._box
        return outlines(mask, left, top) if counted.size else []

    def outline(self, blob: Blob, *, every: bool = False) -> NDArray[np.int32]:
        """Outer contour of an object of the last image, int32 (n, 1, 2) x and y in its box.

        Of straight runs the ends alone; or `every` pixel.
        """
        how = cv2.CHAIN_APPROX_NONE if every else cv2.CHAIN_APPROX_SIMPLE
        contours, _ = cv2.findContours(self.mask(blob), cv2.RETR_EXTERNAL, how)
        # one object, and holes are left out: there is one outer contour
        return np.asarray(contours[0], np.int32)

    def mask(self, blob: Blob) -> NDArray[np.uint8]:
        """Pixels of an object of the last image in its box, uint8 (height, width), 0 or 255."""
        left, top = blob.left - self._box[0], blob.top - self._box[1]
        return self._only(np.s_[top : top + blob.height, left : left + blob.width], blob.label)

    def _only(self, box: tuple[slice, slice], label: int) -> NDArray[np.uint8]:
        """One object alone, in a box of the labels; it lives until the next call."""
        labels = self._found[box]
        rows, columns = labels.shape
        inside = self._masked[:rows, :columns]
        np.equal(labels, label, out=inside.view(np.bool_))
        inside *= 255  # in place: True is 1 in the same byte
        return inside

    def _label(self, image: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Label every object of an image; their areas, that of label 1 first.

        The pixels of a lone object are counted already, and to count those of each label
        takes three times as long as labelling: it is done only where there are several.
        """
        grey = self._channel(image)
        cv2.threshold(grey, self._level, 255, self._kind, dst=self._mask)
        count = cv2.countNonZero(self._mask)
        # first: Otsu splits noise as well, into thousands of objects to label
        if self._contrast(grey, count) < self._contrast_min:
            return np.empty(0, np.int64)
        # labels only inside the box around what was found
        left, top, width, height = cv2.boundingRect(self._mask)
        self._box = (left, top, width, height)
        number, labels = cv2.connectedComponentsWithAlgorithm(
            self._mask[top : top + height, left : left + width],
            8,
            cv2.CV_32S,
            cv2.CCL_GRANA,  # measured faster than the default one
            labels=self._labels[:height, :width],
        )
        self._found = np.asarray(labels, np.int32)
        if number == 2:  # noqa: PLR2004 - the background, label 0, and one object
            return np.array([count])
        return np.bincount(self._found.ravel(), minlength=number)[1:]

    def _contrast(self, grey: NDArray[np.uint8], count: int) -> float:
        """Mean grey level of object minus background, in the expected direction."""
        # nothing on one side, and so no mean of it
        if count in {0, grey.size}:
            return -math.inf
        cv2.bitwise_and(grey, self._mask, dst=self._masked)  # a mean with a mask is slower
        inside, total = cv2.sumElems(self._masked)[0], cv2.sumElems(grey)[0]
        return self._sign * (inside / count - (total - inside) / (grey.size - count))
