"""All rules of a station: opened once at start, asked once a part."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from gonogo.base.catalogue import Catalogue, Entry
from gonogo.base.errors import StationFileError
from gonogo.base.plain_text import escaped
from gonogo.base.words import TEXT_BYTES, TEXT_LONGEST, RuleResult, Status
from gonogo.rules.window import LimitedSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.window import BoundRule

# modules by name: a rule that no station file names is never loaded
RULES = Catalogue(
    "rule kind",
    "gonogo.rules",
    {
        "dimension": Entry(
            "gonogo.rules.dimension:DimensionSection", "gonogo.rules.dimension:DimensionRule"
        ),
        "colour": Entry("gonogo.rules.colour:ColourSection", "gonogo.rules.colour:ColourRule"),
        "presence": Entry(
            "gonogo.rules.presence_section:PresenceSection", "gonogo.rules.presence:PresenceRule"
        ),
        "code": Entry(
            "gonogo.rules.code_section:CodeSection", "gonogo.rules.code:CodeRule", "code"
        ),
    },
    key="kind",
)
RuleSection = Annotated[LimitedSection, RULES]


def open_gauge(section: RuleSection, geometry: FrameShape, base: Path) -> BoundRule:
    """A rule that measures; its limits may not be learnt yet. Files are relative to `base`."""
    rule: BoundRule = RULES.open(section.kind, section, geometry, base)
    return rule


def open_rule(section: RuleSection, geometry: FrameShape, base: Path) -> BoundRule:
    """A rule that judges; StationFileError without a limit, or where it does not fit the view."""
    # a rule without a limit would pass every part, and nobody would know
    if section.low is None and section.high is None:
        raise StationFileError(
            f"rule '{section.name}': expected at least one limit (low, high), got none; "
            f"gonogo limits proposes them from good parts"
        )
    return open_gauge(section, geometry, base)


def open_all(
    opens: Callable[[RuleSection, FrameShape, Path], BoundRule],
    sections: Sequence[RuleSection],
    geometry: FrameShape,
    base: Path,
) -> tuple[BoundRule, ...]:
    """The rules of a view; StationFileError names every one that cannot be opened, not the first.

    `opens`: open_rule, or open_gauge.
    """
    rules: list[BoundRule] = []
    wrong: list[str] = []
    for section in sections:
        with _told(wrong):
            rules.append(opens(section, geometry, base))
    _refuse(wrong)
    return tuple(rules)


def _refuse(wrong: Sequence[str]) -> None:
    if wrong:
        raise StationFileError("\n".join(wrong))


@contextmanager
def _told(wrong: list[str]) -> Iterator[None]:
    """What is wrong with one of several is kept, and the next one is looked at."""
    try:
        yield
    except StationFileError as error:
        wrong.append(str(error.args[0]))


class RuleSet:
    """The rules of every view in station order.

    `names` and `units` belong, one by one, to the checks, and `digests` says which files
    they have learnt; `errors` counts the times a rule raised instead of answering.
    """

    def __init__(
        self,
        views: Sequence[Sequence[RuleSection]],
        geometries: Sequence[FrameShape],
        base: Path,
    ) -> None:
        # all files are read here, at the start: no disk in the cycle
        opened: list[tuple[BoundRule, ...]] = []
        wrong: list[str] = []
        for sections, geometry in zip(views, geometries, strict=True):
            with _told(wrong):
                opened.append(open_all(open_rule, sections, geometry, base))
        _refuse(wrong)
        self._views = tuple(opened)
        rules = [rule for view in self._views for rule in view]
        self.names = tuple(rule.name for rule in rules)
        self.units = tuple(rule.unit for rule in rules)
        self.digests = tuple(rule.digest for rule in rules)
        self._by_part_id = tuple(rule for rule in rules if rule.wants_part_id)
        self.errors = 0

    def check(
        self, frames: Sequence[NDArray[np.uint8] | None], part_id: int | None = None
    ) -> list[RuleResult]:
        """Check the frames of one part, one a view, None where there is none. Never raises.

        `part_id`: the PLC's number of it; None in setting up, where no PLC has named a part.
        """
        for rule in self._by_part_id:
            rule.part_id = part_id
        return [
            cannot_tell(rule) if frame is None else self._ask(rule, frame)
            for rules, frame in zip(self._views, frames, strict=True)
            for rule in rules
        ]

    def _ask(self, rule: BoundRule, frame: NDArray[np.uint8]) -> RuleResult:
        try:
            return answer(rule, frame)
        except Exception:  # noqa: BLE001 - a rule must never stop the line; it fails the part instead
            # counted, for it is a fault of ours and not of the part
            self.errors += 1
            return cannot_tell(rule)


def answer(rule: BoundRule, frame: NDArray[np.uint8]) -> RuleResult:
    """What a rule says of a frame, its text as it is recorded and shown; whatever the rule raises.

    The text came off a part: who prints labels must not write on anybody's screen.
    """
    result = rule.check(frame)
    if not result.text:
        return result
    status, value, low, high, text = result
    return RuleResult(status, value, low, high, escaped(text, TEXT_LONGEST, TEXT_BYTES))


def cannot_tell(rule: BoundRule) -> RuleResult:
    """What is said of a rule that could not measure."""
    return RuleResult(Status.CANNOT_TELL, math.nan, rule.low, rule.high)
