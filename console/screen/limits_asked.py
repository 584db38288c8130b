"""What the page of the limits review asks for."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from gonogo.base.scores import ScoreLimits
from gonogo.base.section import Section
from gonogo.console.screen.spoken import RUN_MAX, SERIAL_MAX

VIEW_MAX = 64  # characters of a name
RECIPE_MAX = 65_535
View = Annotated[str, Field(max_length=VIEW_MAX)]
Why = Annotated[str, Field(max_length=200, pattern=r"\S")]
Limit = Annotated[float, Field(allow_inf_nan=False)]


class Where(NamedTuple):
    """A view by its name, "" for the first that an engine judges, in a recipe."""

    view: str
    recipe: int


class SayAsked(Section):
    """What a part is, by who looks at it; `seen` is the newest word that was shown of it."""

    view: View
    run: Annotated[str, Field(min_length=1, max_length=RUN_MAX)]
    serial: Annotated[int, Field(ge=1, le=SERIAL_MAX)]
    label: Literal["good", "bad", "unsure"]
    seen: Annotated[int, Field(ge=0)]
    request_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class UndoAsked(Section):
    """`sha256`: of the station file whose difference was shown."""

    why: Why
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LimitsAsked(UndoAsked):
    """Limits that somebody wants, and for which engine."""

    view: View
    recipe: Annotated[int, Field(ge=1, le=RECIPE_MAX)]
    recheck_above: Limit
    reject_above: Limit

    @model_validator(mode="after")
    def _ordered(self) -> LimitsAsked:
        if self.recheck_above > self.reject_above:
            raise ValueError("expected recheck_above <= reject_above")
        return self

    @property
    def limits(self) -> ScoreLimits:
        """As they would stand in the file."""
        return ScoreLimits(self.recheck_above, self.reject_above)

    @property
    def where(self) -> Where:
        """Whose they are."""
        return Where(self.view, self.recipe)
