"""Of which size the camera of a new station is, by its pictures, and which do not fit it.

A station has one camera, and a camera one size. Pictures of other sizes but the same shape are
brought to it; those that lie on their side, or are a few of another shape, are left out by name.
Only where no shape is that of most are all of them stretched to one, and that is said.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.images import BITS, MAX_PX
from gonogo.base.picture_folder import LeftOut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.base.image_header import Header
    from gonogo.base.images import Fit

SAME_SHAPE = 0.02  # ratios of sides that differ by less are one shape
MOST_SHARE = 0.8  # so many of one shape: the others do not belong there
FRAME_PX = 5_000_000  # of the station's camera: more takes time and memory, and shows rules no more
SIDE_MOST_PX, SIDE_LEAST_PX = 8192, 32  # of a frame
SHOWN = 3

Side = tuple[int, int]  # width and height in px


class Size(NamedTuple):
    """The camera's, in px. `stretched`: pictures keep their shape no more."""

    width_px: int
    height_px: int
    fit: Fit
    stretched: bool
    notes: tuple[str, ...]


def size_of(good: Sequence[Side], bad: Sequence[Side] = ()) -> Size:
    """What camera takes most pictures of good parts, 1 at least, of these widths and heights."""
    shape = _shape_of_most(good)
    if shape is None:
        return _stretched([*good, *bad])
    of_shape = [side for side in (*good, *bad) if _alike(side, shape)]
    common, count = Counter(side for side in good if _alike(side, shape)).most_common(1)[0]
    small = _small_enough(common)
    notes = []
    if len(set(of_shape)) > 1:
        notes.append(
            f"the pictures have {len(set(of_shape))} sizes of one shape ({_named(of_shape)}): all "
            f"are brought to {small[0]}x{small[1]} px"
        )
    elif small != common:
        notes.append(
            f"{count} pictures of {common[0]}x{common[1]} px are brought to {small[0]}x{small[1]} "
            "px, as a camera that bins its pixels would: set the station's camera so, or raise "
            "width_px and height_px"
        )
    exact = set(of_shape) == {small}
    return Size(*small, "exact" if exact else "resize", stretched=False, notes=tuple(notes))


def _stretched(sides: Sequence[Side]) -> Size:
    """All brought to the middle of their widths and of their heights, each on its own."""
    middle = tuple(round(statistics.median(values)) for values in zip(*sides, strict=True))
    width, height = _small_enough((middle[0], middle[1]))
    note = (
        f"the pictures have {len(set(sides))} sizes and no common shape ({_named(sides)}): all are "
        f"stretched to {width}x{height} px, on which no lengths are measured; photograph parts "
        "from one place with one setting"
    )
    return Size(width, height, "resize", stretched=True, notes=(note,))


def misfits(size: Size, headers: Mapping[str, Header | None]) -> list[LeftOut]:
    """Pictures, by name, that the camera of this size cannot have taken."""
    if size.stretched:
        return []
    shape = (size.width_px, size.height_px)
    return [
        LeftOut(name, _why(side, shape))
        for name, header in headers.items()
        if header is not None and usable(header)
        for side in [(header.width_px, header.height_px)]
        if not _alike(side, shape)
    ]


def usable(header: Header) -> bool:
    """Whether the reader takes such a picture at all: else it says why not."""
    return header.width_px * header.height_px <= MAX_PX and header.bits <= BITS


def _shape_of_most(sides: Sequence[Side]) -> Side | None:
    best = max(set(sides), key=lambda side: (sum(_alike(side, other) for other in sides), side))
    alike = sum(_alike(best, side) for side in sides)
    turned = sum(_alike(best, side[::-1]) and not _alike(best, side) for side in sides)
    # one camera that was turned: half of them lie on their side, and stretching mends nothing
    return best if alike >= MOST_SHARE * len(sides) or alike + turned == len(sides) else None


def _alike(one: Side, other: Side) -> bool:
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) < SAME_SHAPE


def _why(side: Side, shape: Side) -> str:
    width, height = side
    if _alike(side[::-1], shape):
        return (
            f"lies on its side ({width}x{height} px, most are "
            f"{'landscape' if shape[0] > shape[1] else 'portrait'}); turn it, or photograph again"
        )
    return f"has another shape than most ({width}x{height} px); a station's camera has one"


def _named(sides: Sequence[Side]) -> str:
    common = Counter(sides).most_common()
    named = ", ".join(f"{count} of {w}x{h}" for (w, h), count in common[:SHOWN])
    return named + (f" and {len(common) - SHOWN} more" if len(common) > SHOWN else "")


def _small_enough(side: Side) -> Side:
    width, height = side
    while width * height > FRAME_PX or max(width, height) > SIDE_MOST_PX:
        width, height = width // 2, height // 2
    return width, height
