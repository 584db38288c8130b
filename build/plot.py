"""The score histogram as a picture: good parts above the axis, bad ones hanging below it.

Good and bad differ in place, in fill (plain, or hatched with an outline) and only then in
colour; the two limits in the stroke of their lines. Each side has a scale of its own, for
there are mostly far fewer bad parts.
"""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.canvas import INK, Canvas, width_px

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.build.bins import Axis, Counts
    from gonogo.build.canvas import Box, Colour
    from gonogo.build.thresholds import Thresholds

WIDTH_PX, HEIGHT_PX = 1200, 820
GRID: Colour = (215, 215, 215)
ZONES: dict[str, Colour] = {
    "accept": (238, 248, 235),
    "recheck": (215, 243, 253),
    "reject": (228, 228, 250),
}
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 1176, 132, 560  # the plot's edges in px
_GOOD_SHARE = 0.62  # of the plot's height, where there are bad parts
_ROOM_PX = 34  # above the highest bar, for the names of the zones
_TICKS_MAX = 10
_FOOT_COLUMNS = 130  # letters in a line of the foot


class Side(NamedTuple):
    """Bars of one kind of parts: from row `base` to row `tip` at the fullest bin."""

    name: str
    fill: Colour
    edge: Colour
    hatched: bool
    base: float
    tip: float


def draw(counts: Counts, thresholds: Thresholds, title: str) -> bytes:
    """A PNG of WIDTH_PX by HEIGHT_PX."""
    canvas = Canvas(WIDTH_PX, HEIGHT_PX)
    both = bool(counts.bad.any())
    base = _TOP + _GOOD_SHARE * (_BOTTOM - _TOP) if both else _BOTTOM
    good = Side("good parts", (120, 170, 40), (70, 105, 0), False, base, _TOP + _ROOM_PX)  # noqa: FBT003 - a field
    bad = Side("bad parts", (190, 200, 252), (30, 40, 190), True, base, _BOTTOM - 10)  # noqa: FBT003 - a field
    # from the back to the front: limits are drawn over the bars
    _zones(canvas, counts.axis, thresholds)
    _bars(canvas, good, counts, counts.good)
    if both:
        _bars(canvas, bad, counts, counts.bad)
    canvas.across(_LEFT, _RIGHT, base, INK, 2)
    _limits(canvas, counts.axis, thresholds)
    _scores(canvas, counts.axis)
    _heading(canvas, title, {good: int(counts.good.sum()), bad: int(counts.bad.sum())})
    _footing(canvas, thresholds)
    return canvas.png()


def _column(axis: Axis, score: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * axis.place(score)


def _zones(canvas: Canvas, axis: Axis, thresholds: Thresholds) -> None:
    ends = [_LEFT, *(_column(axis, limit) for limit in thresholds[:2]), _RIGHT]
    for (name, colour), (left, right) in zip(ZONES.items(), pairwise(ends), strict=True):
        canvas.fill((left, _TOP, right, _BOTTOM), colour)
        # a zone may be too narrow for its name
        if width_px(name) + 8 < right - left:
            canvas.write(((left + right) / 2, _TOP + 20), name, align=0.5)


def _bars(canvas: Canvas, side: Side, counts: Counts, parts: NDArray[np.int64]) -> None:
    most = int(parts.max())
    per_part = (side.tip - side.base) / most  # below 0 for good parts: rows count down
    for tick in _whole_ticks(most):
        row = side.base + per_part * tick
        canvas.across(_LEFT, _RIGHT, row, GRID)
        canvas.write((_LEFT - 8, row + 5), str(tick), align=1)
    for number, (left, right) in zip(parts, pairwise(counts.edges), strict=True):
        if number:
            rows = sorted((side.base, side.base + per_part * number))
            # a px of paper between bars; never thinner than one, or a lone part would vanish
            start, end = _column(counts.axis, left) + 1, _column(counts.axis, right) - 1
            _bar(canvas, side, (start, rows[0], max(start + 1, end), rows[1]))


def _bar(canvas: Canvas, side: Side, box: Box) -> None:
    canvas.fill(box, side.fill)
    if side.hatched:
        canvas.hatch(box, side.edge)
    canvas.outline(box, side.edge)


def _whole_ticks(most: int) -> list[int]:
    """One to four numbers of parts, not all of them at the top."""
    step = next(s * 10**p for p in range(10) for s in (1, 2, 5) if most <= 4 * s * 10**p)
    return list(range(step, most + 1, step))


def _limits(canvas: Canvas, axis: Axis, thresholds: Thresholds) -> None:
    names = ("recheck above", "reject above")
    # a row each: the limits may stand side by side
    for name, limit, row in zip(names, thresholds[:2], (_TOP - 26, _TOP - 8), strict=True):
        column = _column(axis, limit)
        canvas.down(column, row - 10, _BOTTOM, dashed=name == names[0])
        words = f"{name} {limit:.4g}"
        beyond = column + 8 + width_px(words) > _RIGHT  # then it ends at its line
        canvas.write((column - 8 if beyond else column + 8, row), words, align=float(beyond))


def _scores(canvas: Canvas, axis: Axis) -> None:
    canvas.across(_LEFT, _RIGHT, _BOTTOM, INK)
    for tick in axis.ticks(_TICKS_MAX):
        column = _column(axis, tick)
        canvas.fill((column - 0.5, _BOTTOM, column + 0.5, _BOTTOM + 6), INK)
        canvas.write((column, _BOTTOM + 22), f"{tick:g}", align=0.5)
    unit = "score, logarithmic" if axis.log else "score"
    canvas.write((_RIGHT, _BOTTOM + 42), f"{unit}; higher is worse", align=1)


def _heading(canvas: Canvas, title: str, sides: dict[Side, int]) -> None:
    canvas.write((_LEFT, 40), textwrap.shorten(title, 70, placeholder="..."), 0.75)
    column = float(_LEFT)
    for side, number in sides.items():
        words = f"{number} {side.name}"
        if number:
            _bar(canvas, side, (column, 56, column + 26, 72))
            canvas.write((column + 34, 69), words)
            column += 34 + width_px(words) + 36


def _footing(canvas: Canvas, thresholds: Thresholds) -> None:
    for k, line in enumerate(thresholds.expected()):
        canvas.write((_LEFT, _BOTTOM + 74 + 22 * k), line, 0.5)
    words = f"{thresholds.how}; {thresholds.promise}"
    for k, line in enumerate(textwrap.wrap(words, _FOOT_COLUMNS)):
        canvas.write((_LEFT, _BOTTOM + 150 + 20 * k), line, 0.42)
