"""An answer to why as one picture, and as lines: for a command and for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.why.asked import EngineWhy
from gonogo.console.why.drawing import pixels_of, side_by_side

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.console.why.asked import RuleWhy
    from gonogo.console.why.causes import Cause


def sheet_of(said: EngineWhy | RuleWhy) -> NDArray[np.uint8]:
    """Worst and good patch beside each other, and the part; of a rule the part with its lines."""
    if isinstance(said, EngineWhy):
        return side_by_side(pixels_of(each.data) for each in (said.worst, said.good, said.whole))
    return pixels_of(said.whole.data)


def lines_of(cause: Cause, said: EngineWhy | RuleWhy) -> list[str]:
    """What the picture shows, in words."""
    return _engine_lines(cause, said) if isinstance(said, EngineWhy) else _rule_lines(cause, said)


def _engine_lines(cause: Cause, said: EngineWhy) -> list[str]:
    top, left, bottom, right = said.place_px
    across, down = said.good_at_pct
    worst = f"x {left:.0f} to {right:.0f}, y {top:.0f} to {bottom:.0f} px of the frame"
    near = f"{across:.0f} % from the left and {down:.0f} % from the top"
    return [
        f"view {cause.view}, engine {cause.engine}: the worst patch lies at {worst}",
        f"  the nearest good patch is of {said.good_of}, {near}; distance {said.distance:.3g}",
    ]


def _rule_lines(cause: Cause, said: RuleWhy) -> list[str]:
    anew = "nothing to measure" if said.value is None else f"{said.value:.6g} {said.unit}"
    limits = f"{_value(cause.low)} to {_value(cause.high)} {cause.unit}"
    read = f', read "{cause.text}"' if cause.text else ""
    value = _value(cause.value, cause.unit)
    return [
        f"rule {cause.rule}, view {said.view}: {value}, limits {limits}{read}",
        f"  measured anew on the picture that was kept: {anew}",
    ]


def _value(value: float | None, unit: str = "") -> str:
    return "none" if value is None else f"{value:.6g} {unit}".rstrip()
