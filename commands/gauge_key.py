"""Millimetres in a pixel from a picture of something of known length, into a rule's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import MeasureRefused
from gonogo.commands.limits import named_view
from gonogo.rules.dimension import DimensionSection
from gonogo.rules.gauge import LENGTHS, calibrate_by_gauge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection

KEY, DIGITS = "mm_per_px", 6


class GaugeKey(NamedTuple):
    """The key for a rule, and its limits: those in px become mm with it. None: there is none."""

    view: ViewSection
    rule: DimensionSection
    mm_per_px: float
    low: float | None
    high: float | None

    @property
    def old(self) -> dict[str, float | None]:
        """What the file says now."""
        return {KEY: self.rule.mm_per_px, **self._limits(self.rule.low, self.rule.high)}

    @property
    def new(self) -> dict[str, float | None]:
        """What it is to say."""
        return {KEY: self.mm_per_px, **self._limits(self.low, self.high)}

    def _limits(self, low: float | None, high: float | None) -> dict[str, float | None]:
        found = {"low": low, "high": high}
        return {key: value for key, value in found.items() if getattr(self.rule, key) is not None}


def gauge_key(
    station: Station,
    names: tuple[str | None, str | None],
    gauge_mm: float,
    pictures: Mapping[str, NDArray[np.uint8]],
) -> GaugeKey:
    """The scale by which a rule measures so many mm; `names` of view and rule.

    MeasureRefused, CalibrationError.
    """
    view = named_view(station, names[0])
    rule = _rule(view, names[1])
    found = calibrate_by_gauge(rule, pictures, gauge_mm, view.name, view.camera.geometry)
    scale = float(f"{found.mm_per_px:.{DIGITS}g}")
    # limits that were in px would mean mm from then on
    factor = scale if rule.mm_per_px is None else 1.0
    ends = [None if end is None else float(f"{end * factor:.{DIGITS}g}") for end in rule_ends(rule)]
    return GaugeKey(view, rule, scale, *ends)


def rule_ends(rule: DimensionSection) -> tuple[float | None, float | None]:
    """Its limits as the file has them."""
    return rule.low, rule.high


def gauge_lines(key: GaugeKey, gauge_mm: float) -> Iterator[str]:
    """The keys as they are typed, and what else they concern."""
    yield (
        f"# rule '{key.rule.name}' measures {gauge_mm / key.mm_per_px:.2f} px: "
        f"{gauge_mm:g} mm at {key.mm_per_px:g} mm/px"
    )
    for name, value in key.new.items():
        if value is not None:
            yield f"{name} = {value:g}"
    if key.rule.mm_per_px is None and len(key.new) > 1:
        yield "# its limits were in px, and are the same in mm"
    others = [
        each.name
        for each in key.view.rule
        if isinstance(each, DimensionSection) and each.name != key.rule.name
    ]
    if others:
        yield f"# the same scale is that of the other dimension rules: {', '.join(others)}"


def _rule(view: ViewSection, name: str | None) -> DimensionSection:
    lengths = [
        rule for rule in view.rule if isinstance(rule, DimensionSection) and rule.measure in LENGTHS
    ]
    there = ", ".join(f"'{rule.name}' ({rule.measure})" for rule in lengths) or "none"
    found = [rule for rule in lengths if rule.name == name]
    if not found:
        raise MeasureRefused(
            f"--gauge-mm: expected --rule with a dimension rule that measures a length, one of "
            f"{there}; got {'none' if name is None else repr(name)}"
        )
    if view.calibration is not None:
        raise MeasureRefused(
            f"view '{view.name}' has a calibration of its own ({view.calibration}): make that "
            "anew: gonogo calibrate"
        )
    if found[0].lengths_in == "px":
        raise MeasureRefused(
            f"rule '{name}' says lengths_in = 'px', which mm_per_px contradicts: take that key out"
        )
    return found[0]
