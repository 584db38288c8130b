"""Whether what the rules of a station say of a part fits a record, and whether they can ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.ipc.journal import MAX_CHECKS
from gonogo.ipc.journal_checks import ROOM, ROOM_OF_TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.rules.window import LimitedSection


def room_problem(rules: Sequence[LimitedSection]) -> str:
    """What is wrong with the rules of all views together; '' where they fit."""
    if len(rules) > MAX_CHECKS:
        return f"expected at most {MAX_CHECKS} rules in all views, got {len(rules)}"
    reading = sum(rule.reads_text for rule in rules)
    taken = len(rules) + ROOM_OF_TEXT * reading
    if taken > ROOM:
        return (
            f"expected rules that take at most {ROOM} places of a part's record, of which one that "
            f"reads a text takes {1 + ROOM_OF_TEXT}, got {len(rules)} rules with {taken}, "
            f"{reading} of them reading"
        )
    return ""


def part_id_problem(rules: Sequence[LimitedSection], *, named_by_plc: bool) -> str:
    """What is wrong with a rule that compares with the PLC's number of the part; '' if nothing."""
    asking = [rule.name for rule in rules if rule.compares_part_id]
    if not asking or named_by_plc:
        return ""
    return (
        f"rule '{asking[0]}': equals_plc: expected a trigger whose parts the PLC names (driver = "
        '"plc" in [trigger]), got one of the station\'s own: it counts the parts itself, and the '
        "PLC has told it nothing of them"
    )
