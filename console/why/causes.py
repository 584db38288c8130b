"""What of a part can be asked for why: rules that did not pass, and views that an engine scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import WhyUnknown
from gonogo.console.why.asked import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.records.questions.details import Details
    from gonogo.records.questions.part_row import PartRow

CAUSES_MAX = 8
PASSED = "PASS"


class Cause(NamedTuple):
    """Of a rule, with what the records say of it, or of the engine's score of a view.

    `rule` and `view`: one of the two is "".
    """

    rule: str = ""
    view: str = ""
    engine: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    text: str = ""


def causes_of(row: PartRow, about: Details) -> list[Cause]:
    """The likeliest first: what the verdict's reason names; at most CAUSES_MAX."""
    rules = [
        Cause(each.rule, "", "", each.value, each.low, each.high, each.unit, each.text)
        for each in about.checks
        if each.status != PASSED
    ]
    engines = [
        Cause(view=look.view, engine=look.engine_id, value=look.score)
        for look in about.looks
        if look.engine_id and look.score is not None
    ]
    by_engine = row.reason.startswith("ENGINE")
    return [*engines, *rules][:CAUSES_MAX] if by_engine else [*rules, *engines][:CAUSES_MAX]


def question_of(cause: Cause, row: PartRow, about: Details, longest_px: int) -> Question:
    """What to ask of a cause; WhyUnknown where no picture of it is kept."""
    kept = {each.view: each.place for each in about.pictures if each.place is not None}
    if not kept or (cause.view and cause.view not in kept):
        raise WhyUnknown(
            f"part {row.part_id}: no picture of it is kept{_which(cause)}: {_states(about)}; what "
            "was measured stands beside it, where it was cannot be shown"
        )
    return Question(
        pictures=kept,
        view=cause.view,
        engine=cause.engine,
        rule=cause.rule,
        recipe=row.recipe or 0,
        longest_px=longest_px,
    )


def _which(cause: Cause) -> str:
    return f" of view {cause.view}" if cause.view else ""


def _states(about: Details) -> str:
    """What became of its pictures."""
    said: Sequence[str] = [f"{each.view} {_state(each.state)}" for each in about.pictures]
    return ", ".join(said) or "none was to be kept ([records.images])"


def _state(state: str) -> str:
    return "is gone" if state == "KEPT" else state
