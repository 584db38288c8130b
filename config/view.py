"""One view as the station file says it: camera, engine, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from gonogo.base.section import Section
from gonogo.drivers.camera_section import CameraSection
from gonogo.drivers.cameras.catalogue import CAMERAS
from gonogo.engines.section import EngineSection
from gonogo.rules.image_trust.section import TrustSection
from gonogo.rules.ruleset import RuleSection

if TYPE_CHECKING:
    from gonogo.rules.good_images import Fit


class ViewSection(Section):
    """One camera's look at a part, with its engine and its rules."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    """Names the view in messages and records."""
    camera: Annotated[CameraSection, CAMERAS]
    """The camera of this view."""
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


def fit_of(camera: CameraSection) -> Fit:
    """How image files are brought to the view's size."""
    return camera.image_fit()
