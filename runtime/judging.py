"""What judges the next part. There is one value of it, and the line alone replaces it.

Changeover (another recipe) and EngineSwitch (another engine, or the limits of one that has
begun anew) return the value they want; `Line.judge_by` puts it in force between two parts. So no
part meets the rules of one recipe and the limits of another, or an engine that its limits are not
for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.config.recipe_switch import FIRST

if TYPE_CHECKING:
    from gonogo.rules.ruleset import RuleSet
    from gonogo.runtime.decide import Policy


class Judging(NamedTuple):
    """The judging in force: replaced as a whole, never changed."""

    rules: RuleSet
    policy: Policy  # with the limits of the engine in `slot`
    recipe: int = FIRST
    slot: int = 0  # the engine slot that is asked, of 0 (A) and 1 (B)
