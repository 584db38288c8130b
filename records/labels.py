"""What the numbers in a journal mean: names and units of a station, and its clocks."""

from __future__ import annotations

import json
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Mapping


# a journal holds numbers only: names would not fit its fixed records
class Labels(NamedTuple):
    """What the numbers in the journal are called at this station.

    `recipes`: names and units of the rules in recipes other than the first.
    """

    views: tuple[str, ...]
    rules: tuple[str, ...]
    units: tuple[str, ...]
    recipes: Mapping[int, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType({})

    @classmethod
    def read(cls, about: str) -> Labels:
        """As a journal says them of itself."""
        # keys that are missing: a journal of an earlier version
        said = json.loads(about)
        views, rules, units = (tuple(said.get(key, ())) for key in ("views", "rules", "units"))
        recipes = {
            int(number): (tuple(rules), tuple(units))
            for number, (rules, units) in said.get("recipes", {}).items()
        }
        return cls(views, rules, units, recipes)

    def rules_of(self, recipe: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names and units of the rules in a recipe."""
        return self.recipes.get(recipe, (self.rules, self.units))


class Clock(NamedTuple):
    """Both clocks of a box at one moment; monotonic times of another boot need that boot's."""

    wall_ns: int
    monotonic_ns: int

    @classmethod
    def now(cls) -> Clock:
        """Of this moment."""
        return cls(time.time_ns(), time.monotonic_ns())

    def wall_ms(self, at_ns: int) -> int:
        """UTC of a monotonic time: a row may be written much later than its part passed."""
        # from the distance, not from the clock when the part passed: that one may have been set
        # since
        return (self.wall_ns - (self.monotonic_ns - at_ns)) // NS_PER_MS
