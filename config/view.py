"""One view as the station file says it: camera, engine, rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from gonogo.base.section import Section
from gonogo.drivers.camera_section import CameraSection
from gonogo.drivers.cameras.catalogue import CAMERAS
from gonogo.engines.section import EngineSection
from gonogo.rules.calibration import read_calibration
from gonogo.rules.image_trust.section import TrustSection
from gonogo.rules.ruleset import RuleSection

if TYPE_CHECKING:
    from gonogo.base.images import Fit


class ViewSection(Section):
    """One camera's look at a part, with its engine and its rules."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    """Names the view in messages and records."""
    camera: Annotated[CameraSection, CAMERAS]
    """The camera of this view."""
    offset_mm: Annotated[float, Field(ge=0, le=10_000)] | None = None
    """How far behind the photo-eye its camera stands along the belt; at `speed_mm_s` that is the
    time after which it is asked."""
    offset_ms: Annotated[float, Field(ge=0, le=10_000)] | None = None
    """The same as a time, where the belt's way is none of ours; one of the two alone."""
    calibration: Path | None = None
    """Scale and lens for dimension rules, as `gonogo calibrate` found them; left out, none."""
    trust: TrustSection | None = None
    """What its frames are held against, before rules and engine; left out, contrast alone."""
    engine: EngineSection | None = None
    """The engine that scores it; left out, the rules judge alone."""
    rule: tuple[RuleSection, ...] = ()
    """The rules that measure it."""

    @model_validator(mode="after")
    def _judged(self) -> ViewSection:
        # every part would pass, and nobody would know
        if self.engine is None and not self.rule:
            raise ValueError(
                "expected a [view.engine] or a [[view.rule]], got neither: nothing judges it"
            )
        return self

    @model_validator(mode="after")
    def _placed(self) -> ViewSection:
        if self.offset_mm is not None and self.offset_ms is not None:
            raise ValueError("expected offset_mm or offset_ms, got both")
        return self

    def delay_ms(self, speed_mm_s: float) -> float:
        """From the trigger until the part is before this camera."""
        if self.offset_mm is not None:
            return 1000.0 * self.offset_mm / speed_mm_s
        return self.offset_ms or 0.0


def fit_of(camera: CameraSection) -> Fit:
    """How image files are brought to the view's size."""
    return camera.image_fit()


def rules_of(view: ViewSection) -> tuple[RuleSection, ...]:
    """The rules as they are opened: with the view's calibration, which is read here.

    CalibrationFileError; StationFileError where a rule says another scale.
    """
    if view.calibration is None:
        return view.rule
    known = read_calibration(view.calibration, view.name, view.camera.geometry)
    return tuple(rule.calibrated(known) for rule in view.rule)
