"""Score limits written into the text of a station file; comments, order and all else stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError

from gonogo.base.errors import LimitsNotApplied
from gonogo.config.key_changes import key_changes
from gonogo.config.recipe_switch import FIRST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.base.scores import ScoreLimits

KEYS = ("recheck_above", "reject_above")


class Place(NamedTuple):
    """Of a view, in the recipe of that number; 1 is what stands in [[view]] itself.

    `what` is its engine, or its rules.
    """

    view: str
    recipe: int = FIRST
    what: str = "engine"

    def __str__(self) -> str:
        """As a person says it."""
        recipe = "" if self.recipe == FIRST else f" in recipe {self.recipe}"
        return f"the {self.what} of view '{self.view}'{recipe}"


def with_limits(raw: bytes, place: Place, limits: ScoreLimits) -> bytes:
    """The same file with other limits; LimitsNotApplied where nothing else may be touched for it.

    `raw` is of a station file that was read without a finding.
    """
    text = raw.decode()
    try:
        document = tomlkit.parse(text)
        engine = _engine(document, place)
        for key in KEYS:
            engine[key] = getattr(limits, key)
        fresh = as_lines_end(text, tomlkit.dumps(document)).encode()
    except (TOMLKitError, LookupError, TypeError) as error:
        raise LimitsNotApplied(
            f"{place}: not found in the text of the station file ({error}); type the limits in"
        ) from error
    _check(raw, fresh, place)
    return fresh


def limits_in(engine: object) -> dict[str, float | None]:
    """Which limits the section of an engine sets itself; None: its card's."""
    return {key: getattr(engine, key) for key in KEYS}


def _engine(document: Mapping[str, Any], place: Place) -> Any:  # noqa: ANN401 - a table of any form
    recipes = [] if place.recipe == FIRST else [("recipe", "number", place.recipe)]
    found: Any = document
    for name, key, wanted in (*recipes, ("view", "name", place.view)):
        found = {each[key]: each for each in found[name]}[wanted]
    return found["engine"]


def as_lines_end(before: str, after: str) -> str:
    """A file of Windows keeps its line ends, in new lines as well."""
    if "\r\n" not in before:
        return after
    return re.sub("(?<!\r)\n", "\r\n", after)


def _check(before: bytes, after: bytes, place: Place) -> None:
    """Nothing but the two keys differs, whatever the library made of the text."""
    changed = key_changes(before, after)
    others = [key for key in changed if key.rpartition(".")[2] not in KEYS]
    if others or len(changed) > len(KEYS):
        raise LimitsNotApplied(
            f"{place}: writing them would change {', '.join(others or changed)} as well; type the "
            "limits in"
        )
