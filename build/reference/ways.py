"""Every way in which a training tool may have brought a picture to its model's input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gonogo.build.exports.options import IMAGENET_MEAN, IMAGENET_STD
from gonogo.build.goodparts import Shrink
from gonogo.engines.backends.fit import FILL, SQUEEZE, Filter, Fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from gonogo.build.exports.options import Options

# the last: of a model that takes bytes nothing is to be told
Range = Literal["0..255", "0..1", "imagenet", "-1..1", "bytes"]
RANGES: tuple[Range, ...] = ("0..1", "imagenet", "0..255", "-1..1")
# how much larger than the model the image is before its middle is cut out: 256 for 224 (also 0.875
# of the side), 232 for 224, 0.95, 0.9, 0.8 of the side, all of torchvision and timm
SHARES = (1.0, 256 / 224, 232 / 224, 1 / 0.95, 1 / 0.9, 1 / 0.8)
# what lies between antialias and exact is seen only where all else is right
_QUICK: tuple[Filter, ...] = ("antialias", "linear")
_BLACK = 0
_WHITE = 255.0
_NO_MEAN, _NO_STD, _HALF = (0.0,), (1.0,), (0.5,)


class Geometry(NamedTuple):
    """How a picture gets to the model's size: by `fit` to `taken_px`, the middle cut out."""

    fit: Fit
    taken_px: tuple[int, int]
    size_px: tuple[int, int]

    def smalls(self, frames: Iterable[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
        """Frames at the model's size, uint8 (height, width, 3) blue-green-red."""
        shrink = Shrink(self.taken_px, self.fit)
        top, left = (
            (large - side) // 2 for large, side in zip(self.taken_px, self.size_px, strict=True)
        )
        rows, columns = self.size_px
        return [shrink(frame)[top : top + rows, left : left + columns] for frame in frames]

    @property
    def exactly(self) -> Geometry:
        """The same, with the resize that is antialias to a rounding."""
        return self._replace(fit=self.fit._replace(filter="exact"))

    @property
    def options(self) -> str:
        """What to type for it."""
        said = [f"--fit {self.fit.kind}"]
        # a letterbox is linear where the file says nothing else, the others are not
        if self.fit.kind == "letterbox" or self.fit.filter != SQUEEZE.filter:
            said.append(f"--filter {self.fit.filter}")
        if self.fit.kind == "letterbox" and self.fit.fill != FILL:
            said.append(f"--fill {self.fit.fill}")
        if self.taken_px != self.size_px:
            said.append(f"--resize {self.taken_px[1]}x{self.taken_px[0]}")
        return " ".join(said)


class Pixels(NamedTuple):
    """Which values they have, and in which order their colours are."""

    range: Range
    backwards: bool = False  # blue first

    def planes(self, small: NDArray[np.uint8], channels: int) -> NDArray[np.float32]:
        """A frame (height, width, 3) blue-green-red as the export wants it, (1, planes, ...)."""
        if channels == 1:
            ordered = np.rint(small @ np.array([0.114, 0.587, 0.299]))[None]
        else:
            ordered = (small if self.backwards else small[..., ::-1]).transpose(2, 0, 1)
        scale, mean, std = _affine(self.range, channels)
        if self.backwards:
            # as --input imagenet --colour bgr: the figures are of red, green, blue
            mean, std = mean[::-1], std[::-1]
        values = (ordered * scale - np.array(mean)[:, None, None]) / np.array(std)[:, None, None]
        return np.ascontiguousarray(values[None], np.float32)

    @property
    def options(self) -> str:
        """What to type for it."""
        typed = {"-1..1": "--mean 0.5 --std 0.5", "bytes": ""}
        said = typed.get(self.range, f"--input {self.range}")
        return f"{said} --colour bgr".strip() if self.backwards else said


def _affine(values: Range, channels: int) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
    """Scale, mean and deviation of the scaled value."""
    if values == "imagenet":
        if channels == 1:
            return 1 / _WHITE, IMAGENET_MEAN[:1], IMAGENET_STD[:1]
        return 1 / _WHITE, IMAGENET_MEAN, IMAGENET_STD
    if values == "-1..1":
        return 1 / _WHITE, _HALF, _HALF
    return (1.0 if values in {"0..255", "bytes"} else 1 / _WHITE), _NO_MEAN, _NO_STD


def geometries(size_px: tuple[int, int]) -> Iterator[Geometry]:
    """Every one that is tried, the plain ones first."""
    larger = dict.fromkeys(tuple(round(side * share) for side in size_px) for share in SHARES)
    for rows, columns in larger:
        for how in _QUICK:
            for kind in ("squeeze", "centre-crop"):
                yield Geometry(Fit(kind, how), (rows, columns), size_px)
    for fill in (FILL, _BLACK):
        for how in _QUICK:
            yield Geometry(Fit("letterbox", how, fill), size_px, size_px)


def pixel_ways(channels: int, *, takes_bytes: bool) -> list[Pixels]:
    """Every one that is tried; of a model that takes bytes there is one range."""
    ranges: tuple[Range, ...] = ("bytes",) if takes_bytes else RANGES
    if channels == 1:
        ranges = tuple(each for each in ranges if each != "imagenet")
    orders = (False,) if channels == 1 else (False, True)
    return [Pixels(each, backwards) for backwards in orders for each in ranges]


def bare(options: Options) -> Options:
    """The options for a model that takes what it is given, as it is."""
    return options._replace(
        mean=(),
        std=(),
        colour="rgb",
        resize_px=None,
        crop_at_px=None,
        fit="squeeze",
        filter="auto",
        fill=None,
    )
