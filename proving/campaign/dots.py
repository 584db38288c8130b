"""A row of the campaign as a picture: when each fault came, and how long it took to be noticed.

SVG of WIDTH x HEIGHT px, for a page or a sheet that has the styles of MARKS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gonogo.proving.campaign.outcome import Injection, RowOutcome

WIDTH, HEIGHT = 520, 220  # px
LEFT, RIGHT, UPPER, LOWER = 66, 12, 26, 46  # margins, px
BASE = HEIGHT - LOWER
MARKS = """
.axis { stroke: currentColor; opacity: .5; } .bound { stroke: #b45309; stroke-dasharray: 5 3; }
.dot { fill: #2a6fdb; opacity: .7; } .dot.over { fill: #b45309; opacity: 1; }
.miss { stroke: #c22; } .of-bound { fill: #b45309; }
"""  # of a picture, wherever it stands
KEY = (
    "Each dot is one fault. Across: when it came, after the trigger of a part. Up: how long until "
    "it was noticed. Dashed: the bound."
)
OVER = (
    "A dot above the bound is noticed all the same, and no failure: a machine that is shared has "
    "no longest time."
)
ROOM = 1.15  # so that the bound is never the frame, and its words have a place
STEPS = (1, 2, 5)  # of a scale, times a power of ten
_TICKS = 4  # or fewer


class Scale(NamedTuple):
    """Up to which a picture goes, ms."""

    right_ms: float
    top_ms: float

    def x(self, phase_ms: float) -> float:
        """Where a fault of that moment stands, px."""
        return LEFT + (WIDTH - LEFT - RIGHT) * phase_ms / self.right_ms

    def y(self, detect_ms: float) -> float:
        """Where one stands that was noticed after so long, px."""
        return BASE - (BASE - UPPER) * detect_ms / self.top_ms


def picture(row: RowOutcome) -> str:
    """Of a row that ran, as SVG."""
    seen = [each.detect_ms for each in row.injections if each.detect_ms is not None]
    # 1 ms at least: all of them may have come at one moment
    right_ms = max([each.phase_ms for each in row.injections] + [1.0])
    scale = Scale(right_ms, max([*seen, row.bound_ms or 0.0, 1.0]) * ROOM)
    marks = "".join(_mark(each, row.bound_ms, scale) for each in row.injections)
    bound = "" if row.bound_ms is None else _bound(row.bound_ms, seen, scale)
    return (
        f"<svg width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}'>"
        f"{_axes(scale)}{bound}{marks}</svg>"
    )


def ticks(top: float) -> list[float]:
    """Round values from 0 up to that, _TICKS or fewer above 0."""
    power = 0.001
    while True:
        for step in (each * power for each in STEPS):
            if top / step <= _TICKS + 1:
                return [k * step for k in range(int(top / step) + 1)]
        power *= 10


def _axes(scale: Scale) -> str:
    """Both, with what they count and round values on them."""
    drawn = [f"<path class='axis' fill='none' d='M{LEFT} {UPPER}V{BASE}H{WIDTH - RIGHT}'/>"]
    for ms in ticks(scale.top_ms):
        y = scale.y(ms)
        drawn += [
            f"<path class='axis' d='M{LEFT - 4} {y:.1f}h4'/>",
            f"<text x='{LEFT - 7}' y='{y + 4:.1f}' text-anchor='end'>{ms:g}</text>",
        ]
    for ms in ticks(scale.right_ms):
        x = scale.x(ms)
        drawn += [
            f"<path class='axis' d='M{x:.1f} {BASE}v4'/>",
            f"<text x='{x:.1f}' y='{BASE + 16}' text-anchor='middle'>{ms:g}</text>",
        ]
    middle_x, middle_y = (LEFT + WIDTH - RIGHT) / 2, (UPPER + BASE) / 2
    drawn.append(
        f"<text x='{middle_x:g}' y='{HEIGHT - 10}' text-anchor='middle'>"
        "fault came, ms after the trigger</text>"
        f"<text transform='translate(16 {middle_y:g}) rotate(-90)' text-anchor='middle'>"
        "noticed after, ms</text>"
    )
    return "".join(drawn)


def _bound(bound_ms: float, seen: list[float], scale: Scale) -> str:
    """The line, and in words what it is and how many lie above it."""
    y, over = scale.y(bound_ms), sum(ms > bound_ms for ms in seen)
    later = f", {over} of {len(seen)} later" if over else ""
    return (
        f"<line class='bound' x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}'/>"
        f"<text class='of-bound' x='{WIDTH - RIGHT}' y='{UPPER - 10}' text-anchor='end'>"
        f"bound {bound_ms:g} ms{later}</text>"
    )


def _mark(each: Injection, bound_ms: float | None, scale: Scale) -> str:
    x = scale.x(each.phase_ms)
    if each.detect_ms is not None:
        over = " over" if bound_ms is not None and each.detect_ms > bound_ms else ""
        y = scale.y(each.detect_ms)
        return f"<circle class='dot{over}' cx='{x:.1f}' cy='{y:.1f}' r='3'/>"
    # a fault that should have been noticed, and was not: at the top, as never
    if bound_ms is not None:
        return f"<path class='miss' d='M{x - 3:.1f} {UPPER + 2}l6 6m0-6l-6 6'/>"
    # nothing to be noticed by the line: only when it came
    return f"<path class='axis' d='M{x:.1f} {BASE}v-8'/>"
