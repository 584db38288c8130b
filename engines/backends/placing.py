"""Where a frame comes to lie at the model's input, and so where each cell of a map lies on it.

    frame px * scale + corner = px of the model's input

The corner is below 0 where something is cut off (centre-crop) and above it where bars stand
beside the frame (letterbox). A map covers what the model sees of its input, bars included: they
are left in it, so that a map is what the model gave out. What lies outside a centre crop is in
no map, for no engine looks at it.

Sources: torchvision, Resize and CenterCrop; Ultralytics, LetterBox: the same roundings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.fit import Fit

_PERCENT = 100
_UP = 0.1  # Ultralytics' own: an odd row of bars goes below, or to the right
_HARDLY = 0.005  # of a side: less is a matter of rounding


class Placing(NamedTuple):
    """A frame, scaled to `scaled_px` (height, width), with its corner at `at_px` (top, left)."""

    scaled_px: tuple[int, int]
    at_px: tuple[int, int]


class Box(NamedTuple):
    """A rectangle on the frame in px, from its upper left corner; part of a pixel counts."""

    top: float
    left: float
    bottom: float
    right: float


def place(geometry: FrameShape, size_px: tuple[int, int], fit: Fit) -> Placing:
    """Where frames of this geometry lie at an input of `size_px` (height, width)."""
    frame_px = (geometry.height_px, geometry.width_px)
    # its own size is taken as it is: what was brought there once is not changed again
    if fit.kind == "squeeze" or frame_px == size_px:
        return Placing(size_px, (0, 0))
    return (_covering if fit.kind == "centre-crop" else _inside)(frame_px, size_px)


def _covering(frame_px: tuple[int, int], size_px: tuple[int, int]) -> Placing:
    (height, width), (rows, columns) = frame_px, size_px
    # in whole numbers, rounded down, as torchvision has the longer side
    if rows * width >= columns * height:
        scaled = (rows, rows * width // height)
    else:
        scaled = (columns * height // width, columns)
    return Placing(scaled, (-_half(scaled[0] - rows), -_half(scaled[1] - columns)))


def _half(room_px: int) -> int:
    return round(room_px / 2)  # to the even one, as torchvision's crop


def _inside(frame_px: tuple[int, int], size_px: tuple[int, int]) -> Placing:
    scale = min(size_px[0] / frame_px[0], size_px[1] / frame_px[1])
    rows, columns = (max(1, round(side * scale)) for side in frame_px)
    top, left = (
        max(0, round((room - side) / 2 - _UP))
        for room, side in zip(size_px, (rows, columns), strict=True)
    )
    return Placing((rows, columns), (top, left))


class Sight(NamedTuple):
    """What a model sees of frames of one geometry, and where its map lies on them.

    `cells`: rows and columns of its map over all that it sees (Contract.cells), 0 without one.
    """

    geometry: FrameShape
    size_px: tuple[int, int]
    fit: Fit
    cells: tuple[float, float] = (0.0, 0.0)

    @property
    def seen(self) -> Box:
        """What it looks at, within the frame."""
        return self._on_frame(0.0, 0.0, 1.0, 1.0)

    def cell(self, row: int, column: int) -> Box:
        """Where a cell of the map lies on the frame; empty on a letterbox's bars."""
        rows, columns = self.cells
        below, right = min((row + 1) / rows, 1.0), min((column + 1) / columns, 1.0)
        return self._on_frame(row / rows, column / columns, below, right)

    @property
    def map_edges(self) -> Box:
        """Where the whole map lies, px of the frame: also where that is outside of it."""
        return self._on_frame(0.0, 0.0, 1.0, 1.0, cut_off=False)

    def _on_frame(
        self, top: float, left: float, bottom: float, right: float, *, cut_off: bool = True
    ) -> Box:
        """From shares of what the model sees to px of the frame, cut off at its edges."""
        cut, placing = self.fit.cut, place(self.geometry, self.size_px, self.fit)
        corner = (0, 0) if cut is None else (cut.top_px, cut.left_px)
        sides = self.size_px if cut is None else (cut.height_px, cut.width_px)
        frame_px = (self.geometry.height_px, self.geometry.width_px)

        def along(axis: int, share: float) -> float:
            at_px = corner[axis] + share * sides[axis] - placing.at_px[axis]
            whole_px = frame_px[axis]
            on_px = at_px * whole_px / placing.scaled_px[axis]
            return min(max(on_px, 0.0), float(whole_px)) if cut_off else on_px

        return Box(along(0, top), along(1, left), along(0, bottom), along(1, right))

    @property
    def in_words(self) -> tuple[str, ...]:
        """How frames get to the model's size, what a cell of its map is, and what it never sees."""
        height_px, width_px = self.size_px
        told = [f"frames get to its {width_px}x{height_px} px by {self.fit}"]
        if self.cells[0]:
            middle = self.cell(int(self.cells[0] / 2), int(self.cells[1] / 2))
            width, height = middle.right - middle.left, middle.bottom - middle.top
            told.append(f"a cell of its map is {width:.3g}x{height:.3g} px of the frame")
        return (*told, self.unseen) if self.unseen else tuple(told)

    @property
    def unseen(self) -> str:
        """In words, what is never looked at; empty where all of the frame is."""
        height, width = self.geometry.height_px, self.geometry.width_px
        top, left, bottom, right = self.seen
        shares = {
            "top": top / height,
            "bottom": 1 - bottom / height,
            "left": left / width,
            "right": 1 - right / width,
        }
        told = [
            f"{_PERCENT * share:.3g} % at the {side}"
            for side, share in shares.items()
            if share > _HARDLY
        ]
        if not told:
            return ""
        area = _PERCENT * (1 - (bottom - top) * (right - left) / (height * width))
        return (
            f"the engine does not see the outer {', '.join(told)}: {area:.3g} % of a frame of "
            f"{width}x{height} px are never looked at"
        )
