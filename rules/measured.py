"""What the rules of a view measure on pictures, each picture read once for all of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import StationFileError
from gonogo.rules.ruleset import answer, cannot_tell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.picture_folder import Read
    from gonogo.base.words import RuleResult
    from gonogo.rules.ruleset import RuleSection
    from gonogo.rules.window import BoundRule


class Measured(NamedTuple):
    """`values`: float64 (rules, pictures) in each rule's unit; nan where it could not tell."""

    names: tuple[str, ...]
    values: NDArray[np.float64]

    @property
    def pictures(self) -> int:
        """How many there are."""
        return len(self.names)


def measure(gauges: Sequence[BoundRule], pictures: Iterable[Read]) -> Measured:
    """Every rule on every picture; frames are uint8 of the view's geometry."""
    names, columns = [], []
    for picture in pictures:
        names.append(picture.path.name)
        columns.append([value_of(gauge, picture.frame) for gauge in gauges])
    values = np.array(columns, np.float64).reshape(len(names), len(gauges))
    return Measured(tuple(names), values.T.copy())


def value_of(gauge: BoundRule, frame: NDArray[np.uint8]) -> float:
    """What a rule measures, as the line hears it: nan where it raises."""
    try:
        return gauge.measure(frame)
    except Exception:  # noqa: BLE001 - as gonogo.rules.ruleset: a rule that fails cannot tell
        return math.nan


def result_of(gauge: BoundRule, frame: NDArray[np.uint8]) -> RuleResult:
    """What a rule says, as the line hears it."""
    try:
        return answer(gauge, frame)
    except Exception:  # noqa: BLE001 - as above
        return cannot_tell(gauge)


def refuse_own_pictures(rules: Sequence[RuleSection], folder: Path) -> None:
    """StationFileError for a golden rule on the very pictures it was learnt from.

    There it measures 0, whatever the parts are like: they lie inside its band by making.
    """
    for rule in rules:
        own = rule.learnt_from
        # a folder is read with all that lies below it
        if own is not None and _overlap(own.resolve(), folder.resolve()):
            raise StationFileError(
                f"rule '{rule.name}': limits of a golden rule need other good images than the "
                f"ones in learn_from ({own}); keep some apart"
            )


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)
