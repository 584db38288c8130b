"""What the station file says of parts that are known to be good or bad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.section import Section
from gonogo.base.words import MasterPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.config.recipe import RecipeSection, RecipeViewSection
    from gonogo.config.view import ViewSection

ENGINE = "engine"


class MasterPartSection(Section):
    """Parts that are known to be good or bad, shown to prove the station (`gonogo master`).

    Without `every_h` they are shown on demand only; a wrong answer closes the gate either way.
    """

    required: tuple[Literal["good", "bad"], ...] = ("good", "bad")
    """Which of them are due every `every_h`."""
    every_h: Annotated[float, Field(gt=0, le=168)] | None = None
    """How long a right answer counts, as a shift is; left out, none is ever due. Each is due when
    the station starts, and when another recipe, engine or limit judges."""
    overdue: Literal["warn", "stop"] = "warn"
    """What follows when one is not shown in time: a warning, or no part passes until it is."""
    grace_h: Annotated[float, Field(ge=0, le=24)] = 0.5
    """How long after it is due that follows, with "stop"."""
    within_s: Annotated[float, Field(ge=5, le=600)] = 60.0
    """How long after `gonogo master` the next part is taken for the known one; then that lapses."""
    bad_reason: Annotated[str, Field(min_length=1)] | None = None
    """What has to find the known bad part: the name of a rule, or "engine". Left out, anything.
    Where the bad part is due, every recipe needs a rule of that name."""

    @model_validator(mode="after")
    def _shown(self) -> MasterPartSection:
        if self.every_h is not None and not self.required:
            raise ValueError("required: expected 'good', 'bad' or both with every_h, got none")
        return self

    @property
    def due(self) -> tuple[MasterPart, ...]:
        """Which are to be shown again and again."""
        if self.every_h is None:
            return ()
        return tuple(dict.fromkeys(MasterPart[name.upper()] for name in self.required))

    def in_words(self) -> str:
        """For whoever checks a station file; '' where nothing is due."""
        if not self.due:
            return ""
        names = " and ".join(part.name.lower() for part in self.due)
        then = f"no part passes {self.grace_h:g} h after that" if self.overdue == "stop" else "said"
        return f"the known {names} part is due every {self.every_h:g} h; not shown: {then}"


def problem(
    section: MasterPartSection, views: Sequence[ViewSection], recipes: Sequence[RecipeSection]
) -> str:
    """What is wrong with `bad_reason`; '' for nothing."""
    wanted = section.bad_reason
    if wanted is None:
        return ""
    # by what judges: [[view]] is a recipe, too
    names = {"[[view]]": _finders(views)}
    names |= {f"recipe {its.number} ('{its.name}')": _finders(its.view) for its in recipes}
    if not any(wanted in its for its in names.values()):
        return _expected("", [name for its in names.values() for name in its], wanted)
    if MasterPart.BAD not in section.due:
        return ""
    for where, its in names.items():
        if wanted not in its:
            return _expected(f" in {where} too, as it is due in every recipe", its, wanted)
    return ""


def _expected(where: str, names: Sequence[str], wanted: str) -> str:
    known = ", ".join(f"'{name}'" for name in dict.fromkeys(names)) or "nothing, as nothing judges"
    return (
        f"master_part.bad_reason: expected what has to find the known bad part{where}, "
        f"one of {known}; got '{wanted}'"
    )


def _finders(views: Sequence[ViewSection | RecipeViewSection]) -> list[str]:
    """What can find a bad part."""
    names = [rule.name for view in views for rule in view.rule]
    return names + [ENGINE for view in views if view.engine is not None]
