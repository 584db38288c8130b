"""Commands that show the PLC link as the running station has it; the PLC is asked nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.errors import SegmentError
from gonogo.console.serial.table import Answer
from gonogo.console.show.link import level_lines, levels, link_lines, link_value
from gonogo.console.show.outputs_tried import tried_lines
from gonogo.ipc.heartbeat import HeartbeatView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import At
    from gonogo.ipc.link_table import LinkFacts

_WHOLE = (
    "Read from the running station: a second master would disturb the PLC, so none was opened.",
    "The whole probe wants the station stopped: gonogo plc probe STATION.",
)
_LEVELS = (
    "in: CTRL (P102), out: STATUS (D4) and DI0-DI7, as of the last exchange; looked at ten times",
    "a second. Levels of GPIO lines are not read: the line's own process holds those.",
)


def plc_probe(at: At, _: Sequence[str]) -> Answer:
    """How the link stands, without a connection of our own."""
    facts, now_ns = facts_of(at.station), time.monotonic_ns()
    return Answer([*link_lines(facts, now_ns), *_WHOLE], link_value(facts, now_ns))


def io(at: At, _: Sequence[str]) -> Answer:
    """Every level that crosses the link, and since when it is so."""
    facts, now_ns = facts_of(at.station), time.monotonic_ns()
    value = [
        {"way": way, "name": name, "on": on, "since_ns": since_ns, "now_ns": now_ns}
        for way, name, on, since_ns in levels(facts)
    ]
    lines = [*tried_lines(at.station), *level_lines(facts, now_ns), *_LEVELS]
    return Answer(lines, value)


def facts_of(station: str) -> LinkFacts:
    """What the link has told last; SegmentError where no line has begun yet."""
    heart = HeartbeatView.attach(station)
    try:
        facts = heart.link.look()
    finally:
        heart.close()
    if facts is None:
        raise SegmentError(f"station '{station}': its line has not told of a link yet")
    return facts
