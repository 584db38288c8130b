"""What the process that charts drift is told at its start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.drift.process import DriftedView, DriftPlan

if TYPE_CHECKING:
    from gonogo.config.view import ViewSection
    from gonogo.launch.told import Given

_US_PER_MS = 1000.0


def tell_drift(given: Given) -> DriftPlan:
    """Of the process that charts drift: where the rows are, and under what light views are seen."""
    station, records = given.station, given.station.records
    if records.drift is None:
        raise ValueError("a station without [records.drift] has no such process")
    return DriftPlan(
        station=station.station.name,
        path=records.path,
        shift_starts=records.shift_starts,
        drift=records.drift,
        views=tuple(
            DriftedView(
                name=view.name,
                exposure_us=_exposure_us(view),
                scored=view.engine is not None,
                **view.camera.geometry._asdict(),
            )
            for view in station.view
        ),
    )


def _exposure_us(view: ViewSection) -> float:
    """As the station file says it; 0 of a camera whose section does not."""
    said = view.camera.model_dump(include={"exposure_us", "exposure_ms"})
    return float(said.get("exposure_us") or _US_PER_MS * (said.get("exposure_ms") or 0.0))
