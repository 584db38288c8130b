"""Commands that read the kept log: its newest lines, what is wrong and what to do about it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import LogUnreadable
from gonogo.console.serial.codes import plain
from gonogo.console.serial.lately import TAIL_BYTES, named_lately
from gonogo.console.serial.reads import MOST, whole
from gonogo.console.serial.table import Answer
from gonogo.console.show.log_line import as_sentence
from gonogo.console.show.station import holding, process_names
from gonogo.records.log.reading import Wanted, in_order, tail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.console.serial.codes import Code
    from gonogo.console.serial.table import At

LINES = 40  # of the log, where nobody says how many


def log(at: At, given: Sequence[str]) -> Answer:
    """The newest lines that were kept."""
    found = newest(at, Wanted(), whole(given[0], 1, MOST) if given else LINES)
    return Answer([part for line in found for part in line.split("\n")], found)


def faults(at: At, _: Sequence[str]) -> Answer:
    """What holds now, then the numbers that the log has named of late; each with what to do."""
    alerts = holding(at.station, process_names(at.station))
    lines: list[str] = [] if alerts else ["nothing is wrong that the station itself can see"]
    for alert, words in alerts:
        lines += [f"{alert.severity}: {words}", f"  do: {plain(alert.remedy)}"]
    lately = _lately(at)
    for known in lately:
        lines += [f"{known.number} in the log: {known.means}", f"  do: {known.remedy}"]
    value: dict[str, Any] = {
        "alerts": [
            {"name": alert.name, "says": words, "do": plain(alert.remedy)}
            for alert, words in alerts
        ],
        "codes": [known._asdict() for known in lately],
    }
    return Answer(lines, value)


def _lately(at: At) -> list[Code]:
    """What the newest warnings of the log name by a number, the newest first."""
    return [] if at.log is None else named_lately(at.log)


def newest(at: At, wanted: Wanted, count: int) -> list[str]:
    """The last so many that are wanted, as sentences; LogUnreadable."""
    lines = in_order(tail(log_path(at), TAIL_BYTES))
    return [as_sentence(line) for line in deque(wanted.chosen(lines), count)]


def log_path(at: At) -> Path:
    """Where the log is; LogUnreadable where the station keeps none."""
    if at.log is None:
        raise LogUnreadable(
            f"station '{at.station}' keeps no log: expected `path` in [log] of its file; its "
            "messages are in the journal of the box (journalctl)"
        )
    return at.log
